//! Accounts: new ones are empty, and the last line of a ledger is its account.

use domain::{Account, Cause, EntryTimes, Money, Timestamp, UserId};
use store::Held;

use crate::engines::Fresh;
use crate::values::{adjustment, at, paise};

on_every_engine! {
    a_new_member_has_an_empty_active_account,
    the_last_line_of_a_ledger_is_its_account,
    accounts_are_locked_in_the_order_they_are_asked_for,
    ids_are_given_with_the_locks,
    an_account_that_is_not_there_cannot_be_locked,
    switching_a_member_off_leaves_her_sums_alone,
    scans_run_from_the_lowest_id_up,
    what_is_held_is_pending_until_it_matures,
    held_amounts_are_scanned_by_user_and_moment,
}

async fn a_new_member_has_an_empty_active_account(db: Fresh) {
    let [asha] = db.members([None]).await;
    db.read(async move |view| {
        assert_eq!(view.account(asha).await?, Some(Account::new(asha)));
        assert_eq!(view.account(UserId::new(404)).await?, None);
        Ok(())
    })
    .await;
}

/// Posts adjustments of 1, 2, 3, … paise to a member and answers her account.
async fn adjust(db: &Fresh, user: UserId, times: i64) -> Account {
    db.write(async move |tx| {
        let mut account = tx.lock_accounts(&[user]).await?.remove(0);
        for number in 1..=times {
            let cause = Cause::Adjustment(tx.insert_adjustment(&adjustment(user, number)).await?);
            let entry = account.post(cause, paise(number), EntryTimes::at(at(number))).unwrap();
            tx.append_entries(&[entry]).await?;
            assert_eq!(
                tx.lock_accounts(&[user]).await?,
                [account.clone()],
                "a transaction sees its own lines"
            );
        }
        Ok(account)
    })
    .await
}

async fn the_last_line_of_a_ledger_is_its_account(db: Fresh) {
    let [asha, bina] = db.members([None; 2]).await;
    let account = adjust(&db, asha, 12).await;
    assert_eq!((account.seq, account.totals.adjusted), (12, paise(78)));
    assert_eq!(db.read(async move |view| view.account(asha).await).await, Some(account));
    assert_eq!(db.read(async move |view| view.account(bina).await).await, Some(Account::new(bina)));
}

async fn accounts_are_locked_in_the_order_they_are_asked_for(db: Fresh) {
    let [asha, _, chitra] = db.members([None; 3]).await;
    let posted = adjust(&db, chitra, 2).await;
    let locked = db.write(async move |tx| tx.lock_accounts(&[asha, chitra]).await).await;
    assert_eq!(locked, [Account::new(asha), posted]);
    assert_eq!(db.write(async move |tx| tx.lock_accounts(&[]).await).await, []);
}

async fn ids_are_given_with_the_locks(db: Fresh) {
    let [asha, bina] = db.members([None; 2]).await;
    let posted = adjust(&db, bina, 2).await;
    db.write(async move |tx| {
        let (accounts, ids) = tx.lock_accounts_for(&[asha, bina], 3).await?;
        assert_eq!(accounts, [Account::new(asha), posted.clone()]);
        let (nobody, more) = tx.lock_accounts_for(&[], 1).await?;
        assert_eq!((nobody.len(), ids.len(), more.len()), (0, 3, 1));
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        Ok(())
    })
    .await;
}

async fn an_account_that_is_not_there_cannot_be_locked(db: Fresh) {
    let [asha] = db.members([None]).await;
    let refused = db.refused(async move |tx| tx.lock_accounts(&[asha, UserId::new(404)]).await).await;
    assert!(matches!(refused, store::Error::Inconsistent { table: "users", .. }), "{refused:?}");
}

async fn switching_a_member_off_leaves_her_sums_alone(db: Fresh) {
    let [asha] = db.members([None]).await;
    let before = adjust(&db, asha, 3).await;
    db.write(async move |tx| tx.set_active(asha, false, at(9)).await).await;
    let account = db.read(async move |view| view.account(asha).await).await.unwrap();
    assert_eq!(account, Account { active: false, ..before });
}

async fn scans_run_from_the_lowest_id_up(db: Fresh) {
    let ids = db.members([None; 5]).await;
    let posted = adjust(&db, ids[2], 4).await;
    let scan =
        async |after: UserId, limit| db.read(async move |view| view.scan_accounts(after, limit).await).await;
    let users = |accounts: &[Account]| accounts.iter().map(|account| account.user).collect::<Vec<_>>();
    assert_eq!(users(&scan(UserId::new(0), 100).await), ids);
    assert_eq!(users(&scan(ids[1], 2).await), ids[2..4]);
    assert_eq!(scan(ids[1], 1).await, [posted]);
    assert_eq!(scan(ids[4], 2).await, []);
}

/// Midnight, UTC.
fn day(number: i64) -> Timestamp {
    at(number * 86_400_000)
}

fn held(user: UserId, until: i64, amount: i64) -> Held {
    Held { user, matures_at: day(until), amount: paise(amount) }
}

async fn what_is_held_is_pending_until_it_matures(db: Fresh) {
    let [asha, bina] = db.members([None; 2]).await;
    db.write(async move |tx| tx.hold(&[held(asha, 10, 500), held(asha, 12, 70), held(bina, 11, 9)]).await)
        .await;
    db.write(async move |tx| tx.hold(&[held(asha, 10, -100)]).await).await;
    let pending = async |user, now| db.read(async move |view| view.pending(user, now).await).await;
    for (now, amount) in [
        (day(0), 470),
        (at(day(10).millis() - 1), 470),
        (day(10), 70),
        (day(11), 70),
        (day(12), 0),
        (day(99), 0),
    ] {
        assert_eq!(pending(asha, now).await, paise(amount), "{now:?}");
    }
    assert_eq!(pending(bina, day(10)).await, paise(9));
    assert_eq!(pending(UserId::new(404), day(0)).await, Money::ZERO);
}

async fn held_amounts_are_scanned_by_user_and_moment(db: Fresh) {
    let [asha, bina] = db.members([None; 2]).await;
    let all = [held(asha, -1, 1), held(asha, 12, 2), held(bina, 3, 3)];
    db.write(async move |tx| tx.hold(&all).await).await;
    let scan = async |after, limit| db.read(async move |view| view.scan_held(after, limit).await).await;
    assert_eq!(scan((UserId::new(0), day(0)), 100).await, all);
    assert_eq!(scan((asha, day(-1)), 1).await, all[1..2]);
    assert_eq!(scan((bina, day(3)), 5).await, []);
}
