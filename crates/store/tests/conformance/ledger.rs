//! The ledger: lines of every kind read back exactly, in order, and cannot be
//! written twice.

use domain::{Entry, EntryKind, Origin, Outcome, PurchaseId, UserId};
use store::{Error, LedgerLine};

use crate::engines::Fresh;
use crate::values::{at, decision, level, paise, purchase, user};

on_every_engine! {
    every_kind_of_line_reads_back_exactly,
    lines_after_a_seq_come_oldest_first,
    pages_of_lines_come_newest_first,
    only_commissions_are_among_the_newest_commissions,
    a_line_is_written_once,
    scans_run_through_all_ledgers_in_order,
    ledgers_do_not_mix,
}

/// A buyer below two members, and one purchase of hers.
async fn sale(db: &Fresh) -> ([UserId; 3], PurchaseId) {
    let [root, asha, buyer] = db.members([None, Some(0), Some(1)]).await;
    let id = db
        .write(async move |tx| {
            let mut bought = purchase(tx.next_purchase_id().await?, buyer, 2_000_00);
            bought.decisions = vec![decision(1, Some((asha, "active")), Outcome::Paid, 500, 100_00)];
            tx.insert_purchases(&[&bought]).await?;
            Ok(bought.id)
        })
        .await;
    ([root, asha, buyer], id)
}

/// A line that is like no other of this ledger. The store does not add up; it
/// keeps what it is given.
fn entry(user: UserId, seq: i64, kind: EntryKind, origin: Option<Origin>) -> Entry {
    Entry {
        user,
        seq,
        kind,
        amount: paise(i64::MAX - seq),
        balance: paise(i64::MIN + seq),
        total_earnings: paise(seq),
        origin,
        created_at: at(seq * 1_000),
    }
}

/// Ten lines of every kind in turn, commissions and reversals with their origin.
fn ten_lines(user: UserId, source: UserId, purchase: PurchaseId) -> Vec<Entry> {
    let kinds = EntryKind::ALL.iter().copied().cycle();
    (1..=10)
        .zip(kinds)
        .map(|(seq, kind)| {
            let sold = matches!(kind, EntryKind::Commission | EntryKind::Reversal);
            let deep = if seq > 5 { 10 } else { 1 };
            entry(user, seq, kind, sold.then_some(Origin { purchase, source, level: level(deep) }))
        })
        .collect()
}

async fn written(db: &Fresh) -> (UserId, Vec<LedgerLine>) {
    let ([_, asha, buyer], purchase) = sale(db).await;
    let entries = ten_lines(asha, buyer, purchase);
    let lines = entries
        .iter()
        .map(|entry| LedgerLine { entry: *entry, from_user: entry.origin.map(|_| user(3).name) });
    let lines = lines.collect();
    db.write(async move |tx| tx.append_entries(&entries).await).await;
    (asha, lines)
}

async fn every_kind_of_line_reads_back_exactly(db: Fresh) {
    let (asha, lines) = written(&db).await;
    let found = db.read(async |view| view.entries_after(asha, 0, 100).await).await;
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
        let found = db.read(async |view| view.entries_after(asha, after, limit).await).await;
        assert_eq!(found, expected, "{limit} after {after}");
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
        let found = db.read(async |view| view.entries_page(asha, before, limit).await).await;
        assert_eq!(found, expected, "{limit} before {before:?}");
    }
}

async fn only_commissions_are_among_the_newest_commissions(db: Fresh) {
    let (asha, lines) = written(&db).await;
    for (limit, seqs) in [(0, &[][..]), (1, &[6]), (2, &[6, 1]), (50, &[6, 1])] {
        let found = db.read(async |view| view.newest_commissions(asha, limit).await).await;
        let expected: Vec<_> = seqs
            .iter()
            .map(|seq| lines.iter().find(|line| line.entry.seq == *seq).unwrap().clone())
            .collect();
        assert_eq!(found, expected);
    }
}

async fn a_line_is_written_once(db: Fresh) {
    let (asha, lines) = written(&db).await;
    let again = Entry { amount: paise(1), ..lines[4].entry };
    let refused = db.refused(async move |tx| tx.append_entries(&[again]).await).await;
    assert!(matches!(refused, Error::Engine(_)), "{refused:?}");
    assert_eq!(db.read(async |view| view.entries_after(asha, 0, 100).await).await, lines);
}

async fn scans_run_through_all_ledgers_in_order(db: Fresh) {
    let ([root, asha, buyer], purchase) = sale(&db).await;
    let ledgers = [ten_lines(root, buyer, purchase), ten_lines(asha, buyer, purchase)].concat();
    let entries = ledgers.clone();
    db.write(async move |tx| tx.append_entries(&entries).await).await;

    let mut scanned: Vec<Entry> = Vec::new();
    let mut last = (UserId::new(0), 0);
    loop {
        let page = db.read(async |view| view.scan_entries(last, 7).await).await;
        let Some(newest) = page.last() else { break };
        last = (newest.user, newest.seq);
        scanned.extend(page);
    }
    assert_eq!(scanned, ledgers);
}

async fn ledgers_do_not_mix(db: Fresh) {
    let (asha, _) = written(&db).await;
    for stranger in [asha.get() - 1, asha.get() + 1, 404] {
        db.read(async |view| {
            let stranger = UserId::new(stranger);
            assert_eq!(view.entries_after(stranger, 0, 100).await?, []);
            assert_eq!(view.entries_page(stranger, None, 100).await?, []);
            assert_eq!(view.newest_commissions(stranger, 100).await?, []);
            Ok(())
        })
        .await;
    }
}
