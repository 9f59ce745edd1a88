//! The ledger: lines of every kind read back exactly, in order, and cannot be
//! written twice.

use domain::{
    AdjustmentId, Cause, Entry, Level, Origin, Outcome, PayoutId, PurchaseId, RefundId, Totals, UserId,
};
use store::{Commission, Error, LedgerLine};

use crate::engines::Fresh;
use crate::values::{adjustment, at, decision, level, paise, payout_run, purchase, refund, user};

on_every_engine! {
    every_kind_of_line_reads_back_exactly,
    lines_after_a_seq_come_oldest_first,
    a_line_is_found_by_its_name,
    lines_of_some_time_come_oldest_first,
    pages_of_lines_come_newest_first,
    only_commissions_are_among_the_newest_commissions,
    a_line_is_written_once,
    scans_run_through_all_ledgers_in_order,
    ledgers_do_not_mix,
    the_head_of_a_ledger_is_its_last_line,
}

/// Two members above a buyer, and everything that a line of theirs can go back to.
struct Documents {
    root: UserId,
    asha: UserId,
    buyer: UserId,
    purchase: PurchaseId,
    refund: RefundId,
    payout: PayoutId,
    adjustment: AdjustmentId,
}

impl Documents {
    async fn of(db: &Fresh) -> Self {
        let [root, asha, buyer] = db.members([None, Some(0), Some(1)]).await;
        db.write(async move |tx| {
            let mut bought = purchase(tx.next_purchase_ids(1).await?[0], buyer, 2_000_00);
            bought.decisions = vec![decision(1, Some((asha, "active")), Outcome::Paid, 500, 100_00)];
            tx.insert_purchases(&[&bought]).await?;
            let (_, payouts) = tx.insert_payout_run(&payout_run(&[(asha, 1)])).await?;
            Ok(Self {
                root,
                asha,
                buyer,
                purchase: bought.id,
                refund: tx.insert_refund(&refund(bought.id, 1, 1)).await?,
                payout: payouts[0],
                adjustment: tx.insert_adjustment(&adjustment(asha, 1)).await?,
            })
        })
        .await
    }

    /// Ten lines of every kind in turn, each like no other of this ledger. The
    /// store does not add up; it keeps what it is given.
    fn ten_lines(&self, user: UserId) -> Vec<Entry> {
        (1..=10).map(|seq| self.line(user, seq)).collect()
    }

    fn line(&self, user: UserId, seq: i64) -> Entry {
        let deep = if seq > 5 { 10 } else { 1 };
        let origin = Origin { purchase: self.purchase, source: self.buyer, level: level(deep) };
        let cause = match seq % 5 {
            1 => Cause::Commission(origin),
            2 => Cause::Reversal(origin, self.refund),
            3 => Cause::Payout(self.payout),
            4 => Cause::PayoutReturned(self.payout),
            _ => Cause::Adjustment(self.adjustment),
        };
        let mut totals = Totals {
            reversed: paise(i64::MAX - seq),
            paid: paise(i64::MIN + seq),
            adjusted: paise(-seq),
            ..Totals::default()
        };
        for (number, level) in (seq..).zip(Level::all().take(usize::from(deep))) {
            *totals.by_level.get_mut(level) = paise(number * 1_000_000_007 - 5_000_000_000);
        }
        Entry { user, seq, cause, amount: paise(i64::MAX - seq), totals, created_at: at(seq * 1_000) }
    }
}

async fn written(db: &Fresh) -> (UserId, Vec<LedgerLine>) {
    let documents = Documents::of(db).await;
    let entries = documents.ten_lines(documents.asha);
    let named = |entry: &Entry| entry.origin().map(|_| user(3).name);
    let lines = entries.iter().map(|entry| LedgerLine { entry: *entry, from_user: named(entry) }).collect();
    db.write(async move |tx| tx.append_entries(&entries).await).await;
    (documents.asha, lines)
}

async fn every_kind_of_line_reads_back_exactly(db: Fresh) {
    let (asha, lines) = written(&db).await;
    let found = db.read(async move |view| view.entries_after(asha, 0, 100).await).await;
    assert_eq!(found, lines);
}

async fn lines_after_a_seq_come_oldest_first(db: Fresh) {
    let (asha, lines) = written(&db).await;
    for (after, limit, expected) in [
        (0, 3, &lines[..3]),
        (3, 3, &lines[3..6]),
        (8, 3, &lines[8..]),
        (10, 3, &[]),
        (99, 3, &[]),
        (-1, 1, &lines[..1]),
        (0, 0, &[]),
        (0, usize::MAX, &lines),
    ] {
        let found = db.read(async move |view| view.entries_after(asha, after, limit).await).await;
        assert_eq!(found, expected, "{limit} after {after}");
    }
}

async fn a_line_is_found_by_its_name(db: Fresh) {
    let (asha, lines) = written(&db).await;
    for line in lines {
        let seq = line.entry.seq;
        assert_eq!(db.read(async move |view| view.entry(asha, seq).await).await, Some(line));
    }
    for (stranger, seq) in [(asha, 0), (asha, 11), (UserId::new(404), 1)] {
        assert_eq!(db.read(async move |view| view.entry(stranger, seq).await).await, None);
    }
}

async fn lines_of_some_time_come_oldest_first(db: Fresh) {
    let (asha, lines) = written(&db).await;
    // Line 3 was posted at 3,000.
    for (times, after, limit, expected) in [
        (0..i64::MAX, 0, 100, &lines[..]),
        (3_000..5_000, 0, 100, &lines[2..4]),
        (2_999..5_001, 0, 100, &lines[2..5]),
        (3_000..9_000, 4, 2, &lines[4..6]),
        (11_000..12_000, 0, 100, &[]),
    ] {
        let (from, to) = (at(times.start), at(times.end));
        let found = db.read(async move |view| view.entries_between(asha, from..to, after, limit).await).await;
        assert_eq!(found, expected, "{times:?}");
    }
    for (before, seq) in [(1_000, None), (1_001, Some(1)), (10_000, Some(9)), (i64::MAX, Some(10))] {
        let found = db.read(async move |view| view.last_entry_before(asha, at(before)).await).await;
        assert_eq!(found.map(|entry| entry.seq), seq, "{before}");
    }
}

async fn pages_of_lines_come_newest_first(db: Fresh) {
    let (asha, lines) = written(&db).await;
    let newest: Vec<_> = lines.into_iter().rev().collect();
    for (before, limit, expected) in [
        (None, 3, &newest[..3]),
        (Some(8), 3, &newest[3..6]),
        (Some(2), 3, &newest[9..]),
        (Some(1), 3, &[]),
        (Some(99), 1, &newest[..1]),
        (None, 0, &[]),
        (None, usize::MAX, &newest),
    ] {
        let found = db.read(async move |view| view.entries_page(asha, before, limit).await).await;
        assert_eq!(found, expected, "{limit} before {before:?}");
    }
}

async fn only_commissions_are_among_the_newest_commissions(db: Fresh) {
    let (asha, lines) = written(&db).await;
    for (after, limit, seqs) in [
        (0, 0, &[][..]),
        (0, 1, &[6]),
        (0, 2, &[6, 1]),
        (0, 50, &[6, 1]),
        (1, 50, &[6]),
        (5, 50, &[6]),
        (6, 50, &[]),
    ] {
        let found = db.read(async move |view| view.newest_commissions(asha, after, limit).await).await;
        let expected = seqs.iter().map(|seq| {
            let line = lines.iter().find(|line| line.entry.seq == *seq).unwrap();
            Commission {
                seq: *seq,
                amount: line.entry.amount,
                origin: line.entry.origin().unwrap(),
                from_user: line.from_user.clone().unwrap(),
                created_at: line.entry.created_at,
            }
        });
        assert_eq!(found, expected.collect::<Vec<_>>());
    }
}

async fn a_line_is_written_once(db: Fresh) {
    let (asha, lines) = written(&db).await;
    let again = Entry { amount: paise(1), ..lines[4].entry };
    let refused = db.refused(async move |tx| tx.append_entries(&[again]).await).await;
    assert!(matches!(refused, Error::Engine(_)), "{refused:?}");
    assert_eq!(db.read(async move |view| view.entries_after(asha, 0, 100).await).await, lines);
}

async fn scans_run_through_all_ledgers_in_order(db: Fresh) {
    let documents = Documents::of(&db).await;
    let ledgers = [documents.root, documents.asha].map(|user| documents.ten_lines(user)).concat();
    let entries = ledgers.clone();
    db.write(async move |tx| tx.append_entries(&entries).await).await;

    let mut scanned: Vec<Entry> = Vec::new();
    let mut last = (UserId::new(0), 0);
    loop {
        let page = db.read(async move |view| view.scan_entries(last, 7).await).await;
        let Some(newest) = page.last() else { break };
        last = (newest.user, newest.seq);
        scanned.extend(page);
    }
    assert_eq!(scanned, ledgers);
}

async fn ledgers_do_not_mix(db: Fresh) {
    let (asha, _) = written(&db).await;
    for stranger in [asha.get() - 1, asha.get() + 1, 404] {
        db.read(async move |view| {
            let stranger = UserId::new(stranger);
            assert_eq!(view.entries_after(stranger, 0, 100).await?, []);
            assert_eq!(view.entries_page(stranger, None, 100).await?, []);
            assert_eq!(view.newest_commissions(stranger, 0, 100).await?, []);
            Ok(())
        })
        .await;
    }
}

async fn the_head_of_a_ledger_is_its_last_line(db: Fresh) {
    let documents = Documents::of(&db).await;
    let (root, asha, buyer) = (documents.root, documents.asha, documents.buyer);
    let entries = [documents.ten_lines(root), vec![documents.line(asha, 1)]].concat();
    db.write(async move |tx| tx.append_entries(&entries).await).await;
    let heads = async |users: Vec<UserId>| {
        let mut heads = db.read(async move |view| view.heads(&users).await).await;
        heads.sort_unstable();
        heads
    };
    assert_eq!(heads(vec![asha, buyer, root, UserId::new(404)]).await, [(root, 10), (asha, 1)]);
    assert_eq!(heads(vec![buyer]).await, []);
    assert_eq!(heads(vec![]).await, []);
}
