//! The ledger: lines of every kind read back exactly, in order, and cannot be
//! written twice.

use domain::{
    Account, AdjustmentId, Cause, Entry, EntryKind, EntryTimes, Level, Origin, Outcome, PayoutId, PurchaseId,
    RefundId, Totals, UserId,
};
use store::{Commission, Error, LateSum, LedgerLine};

use crate::engines::Fresh;
use crate::values::{adjustment, at, decision, level, paise, payout_run, purchase, refund, user};

on_every_engine! {
    every_kind_of_line_reads_back_exactly,
    lines_after_a_seq_come_oldest_first,
    a_line_is_found_by_its_name,
    late_lines_are_found_by_their_booking,
    the_lines_up_to_a_booking_are_found_in_any_ledger,
    times_read_back_exactly,
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
        Entry {
            user,
            seq,
            cause,
            amount: paise(i64::MAX - seq),
            totals,
            times: EntryTimes::at(at(seq * 1_000)),
            booked_through: at(seq * 1_000),
        }
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

/// A line of one paisa for each time, booked then, and when the next is due.
async fn booked(db: &Fresh, times: &[i64]) -> UserId {
    let [asha] = db.members([None]).await;
    let times = times.to_vec();
    db.write(async move |tx| {
        let mut account = Account::new(asha);
        for booked_at in &times {
            let cause = Cause::Adjustment(tx.insert_adjustment(&adjustment(asha, 1)).await?);
            let entry = account.post(cause, paise(1), EntryTimes::at(at(*booked_at))).unwrap();
            tx.append_entries(&[entry]).await?;
        }
        Ok(())
    })
    .await;
    asha
}

async fn late_lines_are_found_by_their_booking(db: Fresh) {
    // Lines 3, 4 and 6 are late.
    let asha = booked(&db, &[10, 20, 5, 15, 30, 5]).await;
    for ((after, before), limit, seqs) in [
        (((i64::MIN, 0), 99), 9, &[3, 6, 4][..]),
        (((i64::MIN, 0), 99), 2, &[3, 6]),
        (((5, 3), 99), 9, &[6, 4]),
        (((5, 6), 15), 9, &[]),
        (((5, 6), 16), 9, &[4]),
    ] {
        let after = (at(after.0), after.1);
        let found = db.read(async move |view| view.late_entries(asha, after, at(before), limit).await).await;
        assert_eq!(found.iter().map(|line| line.entry.seq).collect::<Vec<_>>(), seqs, "{after:?} {before}");
        assert!(found.iter().all(|line| line.entry.is_late()));
    }
    for (times, after, lines) in [(0..99, 0, 3), (0..99, 3, 2), (5..6, 0, 2), (6..16, 0, 1), (16..99, 0, 0)] {
        let sums = db
            .read(async move |view| view.late_sums(asha, at(times.start)..at(times.end), after).await)
            .await;
        let all = LateSum { kind: EntryKind::Adjustment, level: None, amount: paise(lines), lines };
        assert_eq!(sums, if lines == 0 { vec![] } else { vec![all] }, "after {after}");
    }
}

async fn the_lines_up_to_a_booking_are_found_in_any_ledger(db: Fresh) {
    let asha = booked(&db, &[10, 20, 5, 20, 15, 30, 30, 40]).await;
    for (before, seq) in
        [(0, 0), (10, 0), (11, 1), (20, 1), (21, 5), (30, 5), (31, 7), (41, 8), (i64::MAX, 8)]
    {
        let found = db.read(async move |view| view.seq_booked_before(asha, at(before)).await).await;
        assert_eq!(found, seq, "before {before}");
    }
    let first = db.read(async move |view| view.first_booked(asha).await).await;
    assert_eq!(first, Some(at(5)));
    let nobody = UserId::new(404);
    let none = db
        .read(async move |view| {
            Ok((view.seq_booked_before(nobody, at(9)).await?, view.first_booked(nobody).await?))
        })
        .await;
    assert_eq!(none, (0, None));
}

async fn times_read_back_exactly(db: Fresh) {
    let [asha] = db.members([None]).await;
    let times = [(7, 7, None), (5, 9, Some(11)), (3, 3, Some(4)), (3, 8, None), (9, 9, None)];
    let lines = db
        .write(async move |tx| {
            let mut account = Account::new(asha);
            let mut lines = Vec::new();
            for (occurred_at, booked_at, matures_at) in times {
                let cause = Cause::Adjustment(tx.insert_adjustment(&adjustment(asha, 1)).await?);
                let times = EntryTimes {
                    occurred_at: at(occurred_at),
                    booked_at: at(booked_at),
                    matures_at: matures_at.map(at),
                };
                lines.push(account.post(cause, paise(1), times).unwrap());
            }
            tx.append_entries(&lines).await?;
            Ok(lines)
        })
        .await;
    let found = db.read(async move |view| view.scan_entries((asha, 0), 9).await).await;
    assert_eq!(found, lines);
    let account = db.read(async move |view| view.account(asha).await).await.unwrap();
    assert_eq!(account.booked_through, at(9));
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
                occurred_at: line.entry.times.occurred_at,
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
