//! The journal of an earlier release: what it holds is posted as that release
//! would have posted it, before the schema is changed.

use rusqlite::Connection;

use super::books::{self, SET_POSTED};
use super::connect;
use super::journal::Journal;
use super::rows::{Rows, Table};
use super::transaction::Open;
use crate::{Error, Result};

/// The schema with the journal and one time for each sale.
const ONE_TIME: u32 = 2;

/// Posts what the journal holds, where the tables are those of an earlier release.
pub(super) fn post_journal(conn: &mut Connection, journal: &mut Journal) -> Result<()> {
    if connect::schema_version(conn)? != Some(ONE_TIME) {
        return Ok(());
    }
    let turn = journal.turn()?;
    let open = Open::begin(conn)?;
    let mut number = books::posted(open.0)?.number;
    let batches = turn.after(number)?;
    let mut rows = Rows::default();
    for batch in &batches {
        if batch.number != number + 1 {
            return Err(Error::inconsistent("journal", "number", batch.number));
        }
        rows.read(&batch.rows)?;
        number = batch.number;
    }
    rows.add_by(open.0, insert)?;
    open.0.prepare(SET_POSTED)?.execute([number])?;
    open.commit()
}

const fn insert(table: Table) -> &'static str {
    match table {
        Table::Purchases => {
            "insert into purchases (id, reference, buyer_id, amount, plan_version, decisions, created_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        }
        Table::Entries => {
            "insert into entries (user_id, seq, kind, amount, by_level, reversed, paid, adjusted, purchase_id,
                 source_id, level, refund_id, payout_id, adjustment_id, created_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
        }
        Table::SourceTotals => super::sources::ADD,
        Table::Held => {
            "insert into held (user_id, day, amount) values (?1, ?2, ?3)
             on conflict (user_id, day) do update set amount = amount + excluded.amount"
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use domain::{EntryTimes, Money, Timestamp, UserId};

    use super::super::journal::Written;
    use super::super::rows::{self, Cell};
    use super::*;
    use crate::sqlite::Engine;
    use crate::{Foundation, Held};

    const DAY_MS: i64 = 86_400_000;
    const ASHA: UserId = UserId::new(1);

    /// A database as the release before made it: Asha has referred Bilal, a second
    /// plan holds commissions for ten days, and two of Bilal's sales are posted, the
    /// second of which a clock dated before the first.
    fn earlier(path: &Path) -> Connection {
        let mut conn = connect::writer(path).unwrap();
        connect::migrate_to(&mut conn, ONE_TIME);
        conn.execute_batch(
            "insert into plans select n, 0, 'INR', 0, 8, '500', 'half_up', (n - 1) * 10, null, 0
                 from (select 1 as n union select 2);
             insert into users (id, name, email, code, referrer_id, plan_version, joined_at) values
                 (1, 'Asha', 'asha@example.com', 1, null, 1, 0), (2, 'Bilal', 'bilal@example.com', 2, 1, 1, 0);
             insert into purchases (id, buyer_id, amount, plan_version, decisions, created_at) values
                 (1, 2, 2000, 2, 'P1:500:100', 86400005), (2, 2, 2000, 1, 'P1:500:100', 86400004);
             insert into entries (user_id, seq, kind, amount, by_level, reversed, paid, adjusted, purchase_id,
                 source_id, level, created_at) values
                 (1, 1, 'commission', 100, '100', 0, 0, 0, 1, 2, 1, 86400005),
                 (1, 2, 'commission', 100, '200', 0, 0, 0, 2, 2, 1, 86400004);
             insert into source_totals values (2, 1, 1, 200, 2);
             insert into held values (1, 11, 100);",
        )
        .unwrap();
        conn
    }

    /// A third sale, in the journal alone.
    fn journaled() -> Written {
        let sale: [Cell<'_>; 7] = [
            3.into(),
            "order-3".into(),
            2.into(),
            2000.into(),
            2.into(),
            "P1:500:100".into(),
            86_400_006.into(),
        ];
        let line: [Cell<'_>; 15] = [
            1.into(),
            3.into(),
            "commission".into(),
            100.into(),
            "300".into(),
            0.into(),
            0.into(),
            0.into(),
            3.into(),
            2.into(),
            1.into(),
            Cell::Null,
            Cell::Null,
            Cell::Null,
            86_400_006.into(),
        ];
        let total = [2, 1, 1, 100, 1].map(Cell::from);
        let bytes = rows::write(Vec::new(), Table::Purchases, &sale).unwrap();
        let bytes = rows::write(bytes, Table::Entries, &line).unwrap();
        let bytes = rows::write(bytes, Table::SourceTotals, &total).unwrap();
        let bytes = rows::write(bytes, Table::Held, &[1, 11, 100].map(Cell::from)).unwrap();
        Written { number: 1, sales: 1, rows: bytes.into() }
    }

    #[tokio::test]
    async fn a_database_and_journal_of_the_release_before_keep_every_sale() {
        let directory = tempfile::tempdir().unwrap();
        drop(earlier(&connect::path_in(directory.path())));
        let mut journal = Journal::open(directory.path()).unwrap();
        journal.turn().unwrap().write_down(&journaled(), 0).unwrap();
        drop(journal);
        for _ in 0..2 {
            let engine = Engine::open(directory.path(), &Foundation::default()).unwrap();
            engine
                .read(async |view| {
                    let lines = view.entries_after(ASHA, 0, 9).await?;
                    let (held, first) = (Some(Timestamp::from_millis(11 * DAY_MS)), 86_400_005);
                    let times = |at: i64, matures_at| EntryTimes {
                        matures_at,
                        ..EntryTimes::at(Timestamp::from_millis(at))
                    };
                    let found: Vec<_> =
                        lines.iter().map(|line| (line.entry.times, line.entry.is_late())).collect();
                    let expected = [
                        (times(first, held), false),
                        (times(first - 1, None), true),
                        (times(first + 1, held), false),
                    ];
                    assert_eq!(found, expected);
                    let sales = view.scan_purchases(domain::PurchaseId::new(0), 9).await?;
                    assert_eq!(
                        sales.iter().map(|sale| sale.matures_at).collect::<Vec<_>>(),
                        [held, None, held]
                    );
                    assert!(sales.iter().all(|sale| sale.recorded_at == sale.occurred_at));
                    let on_hold = view.scan_held((UserId::new(0), Timestamp::MIN), 9).await?;
                    let amount = Money::from_paise(200);
                    assert_eq!(on_hold, [Held { user: ASHA, matures_at: held.unwrap(), amount }]);
                    assert_eq!(view.time_zones().await?[0].name, "UTC");
                    assert_eq!(view.integrity().await?, Vec::<String>::new());
                    Ok::<_, Error>(())
                })
                .await
                .unwrap();
        }
    }
}
