//! Accounts: new ones are empty, and what is written back reads back.

use domain::{Account, Level, Money, UserId};

use crate::engines::Fresh;
use crate::values::{at, paise};

on_every_engine! {
    a_new_member_has_an_empty_active_account,
    every_total_reads_back_exactly,
    accounts_are_locked_in_the_order_they_are_asked_for,
    an_account_that_is_not_there_cannot_be_locked,
    writing_sums_back_leaves_the_activity_alone,
    scans_run_from_the_lowest_id_up,
}

async fn a_new_member_has_an_empty_active_account(db: Fresh) {
    let [asha] = db.members([None]).await;
    db.read(async |view| {
        assert_eq!(view.account(asha).await?, Some(Account::new(asha)));
        assert_eq!(view.account(UserId::new(404)).await?, None);
        Ok(())
    })
    .await;
}

/// An account in which every total is another number.
fn full(user: UserId, scale: i64) -> Account {
    let mut account = Account {
        seq: 9_007_199_254_740_993,
        earned: paise(i64::MAX / scale),
        reversed: paise(i64::MAX / scale - 1),
        paid: paise(-5),
        adjusted: paise(i64::MIN / scale),
        ..Account::new(user)
    };
    for (number, level) in (1..).zip(Level::all()) {
        *account.by_level.get_mut(level) = paise(i64::MAX / scale - number);
    }
    account
}

async fn every_total_reads_back_exactly(db: Fresh) {
    let [asha, bina, chitra, divya] = db.members([None; 4]).await;
    let mut gap = Account::new(chitra);
    *gap.by_level.get_mut(Level::new(3).unwrap()) = paise(-7);
    let mut first = Account::new(divya);
    *first.by_level.get_mut(Level::new(1).unwrap()) = Money::MAX_AMOUNT;
    let accounts = [full(asha, 1), full(bina, 3), gap, first];
    let written = accounts.clone();
    db.write(async move |tx| tx.update_accounts(&written).await).await;
    for account in accounts {
        let found = db.read(async |view| view.account(account.user).await).await;
        assert_eq!(found, Some(account));
    }
}

async fn accounts_are_locked_in_the_order_they_are_asked_for(db: Fresh) {
    let [asha, bina, chitra] = db.members([None; 3]).await;
    let locked = db.write(async move |tx| tx.lock_accounts(&[asha, chitra]).await).await;
    assert_eq!(locked, [Account::new(asha), Account::new(chitra)]);
    db.write(async move |tx| {
        let mut account = tx.lock_accounts(&[bina]).await?.remove(0);
        account.earned = paise(5);
        tx.update_accounts(std::slice::from_ref(&account)).await?;
        assert_eq!(tx.lock_accounts(&[bina]).await?, [account], "a transaction sees its own changes");
        assert_eq!(tx.lock_accounts(&[]).await?, []);
        Ok(())
    })
    .await;
}

async fn an_account_that_is_not_there_cannot_be_locked(db: Fresh) {
    let [asha] = db.members([None]).await;
    let refused = db.refused(async move |tx| tx.lock_accounts(&[asha, UserId::new(404)]).await).await;
    assert!(matches!(refused, store::Error::Inconsistent { table: "accounts", .. }), "{refused:?}");
}

async fn writing_sums_back_leaves_the_activity_alone(db: Fresh) {
    let [asha] = db.members([None]).await;
    db.write(async move |tx| {
        tx.set_active(asha, false, at(9)).await?;
        tx.update_accounts(&[Account { earned: paise(1), ..Account::new(asha) }]).await
    })
    .await;
    let account = db.read(async |view| view.account(asha).await).await.unwrap();
    assert_eq!((account.active, account.earned), (false, paise(1)));
}

async fn scans_run_from_the_lowest_id_up(db: Fresh) {
    let ids = db.members([None; 5]).await;
    let scan = async |after: UserId, limit| {
        let accounts = db.read(async |view| view.scan_accounts(after, limit).await).await;
        accounts.iter().map(|account| account.user).collect::<Vec<_>>()
    };
    assert_eq!(scan(UserId::new(0), 100).await, ids);
    assert_eq!(scan(ids[1], 2).await, ids[2..4]);
    assert_eq!(scan(ids[4], 2).await, []);
}
