//! Sales that are written down and not posted: who stands on them, who waits for
//! them, and what becomes of them when the process ends at the worst moment.

use std::path::Path;
use std::sync::Arc;

use domain::{
    Account, Cause, Decision, Earner, Email, EntryTimes, Level, Money, Name, Origin, Outcome, Purchase, Rate,
    Reference, ReferralCode, Timestamp, UserId,
};
use rusqlite::Connection;
use tempfile::TempDir;

use super::books::{Books, Desk};
use super::clerk::Clerk;
use super::connect;
use super::journal::Journal;
use super::readers::Readers;
use crate::sqlite::Engine;
use crate::{Foundation, NewUser, Result, Tx};

const ASHA: UserId = UserId::new(1);
const BILAL: UserId = UserId::new(2);
const AT: Timestamp = Timestamp::from_millis(0);

/// A database in which Asha has referred Bilal.
fn town() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    drop(Engine::open(directory.path(), &Foundation::default()).unwrap());
    clerk(directory.path()).write(register).unwrap();
    directory
}

async fn register(tx: &mut Tx<'_>) -> Result<()> {
    for (number, referrer) in [(1, None), (2, Some(ASHA))] {
        let user = NewUser {
            name: format!("Member {number}").parse::<Name>().unwrap(),
            email: format!("{number}@example.com").parse::<Email>().unwrap(),
            code: format!("AAAAAAAAA{number}").parse::<ReferralCode>().unwrap(),
            referrer,
            plan: tx.plan_in_force(AT).await?.0,
            password_hash: None,
            reference: None,
            external_id: None,
            metadata: domain::Metadata::default(),
            joined_at: AT,
        };
        tx.insert_user(&user).await?;
    }
    Ok(())
}

/// A process that writes down whatever is sold and posts nothing by itself.
fn clerk(directory: &Path) -> Clerk {
    let path = connect::path_in(directory);
    let journal = Journal::open(directory).unwrap().of_short_files();
    let (conn, readers) = (connect::writer(&path).unwrap(), Arc::new(Readers::new(&path)));
    let books = Arc::new(Books::new(Desk::open(&path, conn, readers).unwrap()));
    Clerk::new(journal, connect::reader(&path).unwrap(), books).in_a_rush()
}

/// Bilal buys, and Asha is paid 1 rupee; unless the reference is known.
async fn sell(tx: &mut Tx<'_>, order: &str) -> Result<Purchase> {
    let reference: Reference = order.parse().unwrap();
    if let Some(earlier) = tx.purchases_by_reference(&[&reference]).await?.remove(&reference) {
        return Ok(earlier);
    }
    let upline = tx.buyers(&[BILAL], 2).await?[&BILAL].upline.clone();
    assert_eq!(upline, [ASHA]);
    let mut asha = tx.lock_accounts(&[ASHA]).await?.remove(0);
    let level = Level::new(1).unwrap();
    let amount = Money::from_paise(1_00);
    let decision = Decision {
        level,
        earner: Some(Earner { user: ASHA, active: asha.active }),
        rate: Rate::from_basis_points(500).unwrap(),
        outcome: Outcome::Paid,
        amount,
    };
    let purchase = Purchase {
        id: tx.next_purchase_ids(1).await?[0],
        reference: Some(reference),
        buyer: BILAL,
        amount: Money::from_paise(20_00),
        plan: tx.plan_in_force(AT).await?.0,
        decisions: vec![decision],
        occurred_at: AT,
        booked_at: AT,
        recorded_at: AT,
        matures_at: None,
        present_plan: None,
        metadata: domain::Metadata::default(),
        refunded: Money::ZERO,
    };
    let origin = Origin { purchase: purchase.id, source: BILAL, level };
    let entry = asha.post(Cause::Commission(origin), amount, EntryTimes::at(AT)).unwrap();
    tx.insert_purchases(&[&purchase]).await?;
    tx.append_entries(&[entry]).await?;
    Ok(purchase)
}

fn sells(clerk: &mut Clerk, order: &str) -> i64 {
    let order = order.to_owned();
    clerk.record(async move |tx: &mut Tx<'_>| sell(tx, &order).await).unwrap().id.get()
}

/// What the books say, to somebody who does not wait: the ids of the purchases,
/// and Asha's ledger.
fn books(directory: &Path) -> (Vec<i64>, Vec<i64>) {
    let conn = Connection::open(connect::path_in(directory)).unwrap();
    let column = |sql: &str| -> Vec<i64> {
        conn.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    (column("select id from purchases order by id"), column("select seq from entries order by seq"))
}

const NOTHING: (Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new());

#[test]
fn a_sale_stands_on_those_that_are_not_posted() {
    let town = town();
    let mut clerk = clerk(town.path());
    assert_eq!([sells(&mut clerk, "a"), sells(&mut clerk, "b"), sells(&mut clerk, "a")], [1, 2, 1]);
    assert_eq!(books(town.path()), NOTHING, "all of it is in the journal");
    clerk.settle().unwrap();
    assert_eq!(books(town.path()), (vec![1, 2], vec![1, 2]));
    assert_eq!([sells(&mut clerk, "b"), sells(&mut clerk, "c")], [2, 3]);
    clerk.settle().unwrap();
    assert_eq!(books(town.path()), (vec![1, 2, 3], vec![1, 2, 3]));
}

#[test]
fn who_is_forgotten_is_remembered_as_she_stands_in_the_journal() {
    let town = town();
    let mut clerk = clerk(town.path());
    assert_eq!(sells(&mut clerk, "a"), 1);
    clerk.forget_people();
    assert_eq!([sells(&mut clerk, "b"), sells(&mut clerk, "c")], [2, 3]);
    clerk.settle().unwrap();
    assert_eq!(sells(&mut clerk, "d"), 4);
    clerk.settle().unwrap();
    assert_eq!(books(town.path()).1, [1, 2, 3, 4]);
}

#[test]
fn an_account_moves_on_in_whichever_generation_it_is_remembered() {
    let town = town();
    let mut clerk = clerk(town.path());
    for order in ["a", "b", "c"] {
        let sold = clerk.record(async move |tx: &mut Tx<'_>| {
            sell(tx, order).await?;
            // One is remembered in each generation: now Asha is in the elder.
            tx.buyers(&[BILAL], 0).await
        });
        assert_eq!(sold.unwrap().len(), 1);
        clerk.settle().unwrap();
    }
    assert_eq!(books(town.path()), (vec![1, 2, 3], vec![1, 2, 3]));
}

#[test]
fn whom_this_process_changes_is_read_again_and_nobody_else_is() {
    let town = town();
    let mut clerk = clerk(town.path());
    sells(&mut clerk, "a");
    // Behind its back, so that it would show if Bilal were read again.
    let conn = Connection::open(connect::path_in(town.path())).unwrap();
    conn.execute_batch("update users set referrer_id = null where id = 2").unwrap();
    clerk.write(async |tx: &mut Tx<'_>| tx.set_active(ASHA, false, AT).await).unwrap();
    let decided = clerk.record(async |tx: &mut Tx<'_>| sell(tx, "b").await).unwrap();
    assert_eq!(decided.decisions[0].earner, Some(Earner { user: ASHA, active: false }));
    conn.execute_batch("update users set referrer_id = 1 where id = 2").unwrap();
    assert_eq!(clerk.write(async |tx: &mut Tx<'_>| sell(tx, "c").await).unwrap().id.get(), 3);
    assert_eq!(sells(&mut clerk, "d"), 4);
    clerk.settle().unwrap();
    assert_eq!(books(town.path()), (vec![1, 2, 3, 4], vec![1, 2, 3, 4]));
}

#[test]
fn what_is_written_down_survives_the_process_and_is_posted_once() {
    let town = town();
    let mut gone = clerk(town.path());
    sells(&mut gone, "a");
    sells(&mut gone, "b");
    drop(gone);
    assert_eq!(books(town.path()), NOTHING);
    for _ in 0..2 {
        drop(Engine::open(town.path(), &Foundation::default()).unwrap());
        assert_eq!(books(town.path()), (vec![1, 2], vec![1, 2]));
    }
    assert_eq!([sells(&mut clerk(town.path()), "a"), sells(&mut clerk(town.path()), "c")], [1, 3]);
}

#[test]
fn what_is_posted_stays_in_the_journal_until_the_books_are_synced() {
    let town = town();
    let mut clerk = clerk(town.path());
    for order in 1..=20 {
        sells(&mut clerk, &order.to_string());
        clerk.settle().unwrap();
    }
    assert_eq!(books(town.path()).0.len(), 20);
    let mut journal = Journal::open(town.path()).unwrap();
    assert_eq!(journal.turn().unwrap().after(0).unwrap().len(), 20);
}

#[test]
fn whoever_changes_the_books_posts_what_another_process_wrote_down() {
    let town = town();
    let (mut server, mut command) = (clerk(town.path()), clerk(town.path()));
    sells(&mut server, "a");
    let seen = command.write(async |tx: &mut Tx<'_>| {
        tx.set_active(ASHA, false, AT).await?;
        tx.account(ASHA).await
    });
    assert_eq!(seen.unwrap().map(|Account { seq, active, .. }| (seq, active)), Some((1, false)));
    let decided = server.record(async |tx: &mut Tx<'_>| sell(tx, "b").await).unwrap();
    assert_eq!(
        decided.decisions[0].earner,
        Some(Earner { user: ASHA, active: false }),
        "nothing is remembered"
    );
    assert_eq!(decided.id.get(), 2);
    server.settle().unwrap();
    assert_eq!(books(town.path()), (vec![1, 2], vec![1, 2]));
}

#[test]
fn two_processes_that_write_down_in_turn_stand_on_each_other() {
    let town = town();
    let (mut one, mut two) = (clerk(town.path()), clerk(town.path()));
    let given: Vec<i64> =
        (0..10).map(|n| sells(if n % 3 == 0 { &mut one } else { &mut two }, &format!("order {n}"))).collect();
    assert_eq!(given, (1..=10).collect::<Vec<_>>());
    assert_eq!([sells(&mut one, "order 1"), sells(&mut two, "order 0")], [2, 1]);
    one.settle().unwrap();
    two.settle().unwrap();
    assert_eq!(books(town.path()), (given.clone(), given));
}

#[test]
fn what_another_process_wrote_down_and_posted_is_not_overlooked() {
    let town = town();
    let (mut here, mut there) = (clerk(town.path()), clerk(town.path()));
    assert_eq!(sells(&mut here, "order-1"), 1);
    here.settle().unwrap();
    assert_eq!(sells(&mut there, "order-2"), 2);
    there.settle().unwrap();
    assert_eq!(sells(&mut here, "order-3"), 3);
    here.settle().unwrap();
    assert_eq!(books(town.path()), (vec![1, 2, 3], vec![1, 2, 3]));
}

#[test]
fn a_refused_sale_leaves_nothing_to_stand_on() {
    let town = town();
    let mut clerk = clerk(town.path());
    let refused = clerk.record(async |tx: &mut Tx<'_>| {
        sell(tx, "a").await?;
        Err::<(), _>(crate::Error::Busy)
    });
    assert!(refused.is_err());
    assert_eq!([sells(&mut clerk, "b"), sells(&mut clerk, "a")], [1, 2]);
}

#[test]
fn what_is_no_sale_cannot_be_written_down() {
    let town = town();
    let mut clerk = clerk(town.path());
    let refused = clerk.record(async |tx: &mut Tx<'_>| tx.set_active(ASHA, false, AT).await);
    assert!(refused.unwrap_err().to_string().contains("readonly"));
}

#[test]
fn a_journal_of_other_books_is_refused() {
    let town = town();
    let path = connect::path_in(town.path());
    sells(&mut clerk(town.path()), "a");
    Connection::open(&path).unwrap().execute_batch("update posted set number = -1").unwrap();
    let refused = Engine::open(town.path(), &Foundation::default()).unwrap_err().to_string();
    assert!(refused.contains("journal.number"), "{refused}");
    assert_eq!(books(town.path()), NOTHING);
}

#[tokio::test]
async fn whoever_reads_sees_what_was_answered() {
    let town = town();
    let engine = Arc::new(Engine::open(town.path(), &Foundation::default()).unwrap());
    let (release, held) = std::sync::mpsc::channel::<()>();
    let first = {
        let engine = Arc::clone(&engine);
        let held = std::sync::Mutex::new(held);
        tokio::spawn(
            async move { engine.write(async move |_| Ok(held.lock().unwrap().recv().is_ok())).await },
        )
    };
    tokio::task::yield_now().await;
    let sales: Vec<_> = (0..20)
        .map(|n| {
            let engine = Arc::clone(&engine);
            tokio::spawn(async move {
                engine.record(async move |tx: &mut Tx<'_>| sell(tx, &format!("order {n}")).await).await?;
                engine.read(async |view| view.account(ASHA).await).await
            })
        })
        .collect();
    tokio::task::yield_now().await;
    release.send(()).unwrap();
    let held: crate::Result<bool> = first.await.unwrap();
    assert!(held.unwrap());
    let mut seen = Vec::new();
    for sale in sales {
        let account: Result<Option<Account>> = sale.await.unwrap();
        seen.push(account.unwrap().unwrap().seq);
    }
    assert!(seen.iter().zip(1..).all(|(seq, least)| *seq >= least), "{seen:?}");
    drop(engine);
    assert_eq!(books(town.path()).0.len(), 20);
}
