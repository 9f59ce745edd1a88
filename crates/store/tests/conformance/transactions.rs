//! Transactions: all or nothing, one moment, one after another.

use std::thread;
use std::time::Duration;

use domain::{Cause, EntryTimes, UserId};
use store::{Error, Store};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::engines::Fresh;
use crate::values::{adjustment, at, paise, purchase, user};

on_every_engine! {
    an_error_rolls_everything_back,
    a_panic_rolls_everything_back_and_the_store_works_on,
    a_refused_statement_can_be_survived_within_its_transaction,
    a_snapshot_sees_one_moment_while_a_writer_commits,
    a_panic_while_looking_harms_nobody,
    what_was_written_is_seen_at_a_glance,
    what_another_process_wrote_is_read_at_once,
    what_another_process_wrote_is_seen_at_a_glance_soon,
    writers_run_one_after_another,
    slots_are_given_out_once_however_many_ask_at_once,
}

async fn members(store: &Store) -> usize {
    store.read(async move |view| view.members_page(None, 1_000).await).await.unwrap().len()
}

async fn an_error_rolls_everything_back(db: Fresh) {
    let [asha] = db.members([None]).await;
    let before = db.read(async move |view| view.programme_totals().await).await;
    let refused = db
        .refused(async move |tx| {
            let bina = tx.insert_user(&user(2)).await?;
            assert!(tx.take_slot(asha, 8).await?);
            tx.set_active(asha, false, at(9)).await?;
            let bought = purchase(tx.next_purchase_ids(1).await?[0], bina, 1);
            tx.insert_purchases(&[&bought]).await?;
            assert_eq!(tx.member(bina).await?.unwrap().user.name, user(2).name, "seen from inside");
            Err::<(), _>(Error::Busy)
        })
        .await;
    assert!(matches!(refused, Error::Busy));
    assert_eq!(db.read(async move |view| view.programme_totals().await).await, before);
    let asha = db.read(async move |view| view.member(asha).await).await.unwrap();
    assert_eq!((asha.slots_used, asha.active), (0, true));
}

async fn a_panic_rolls_everything_back_and_the_store_works_on(db: Fresh) {
    for number in 1..=3 {
        let failed = db
            .refused(async |tx| {
                tx.insert_user(&user(7)).await?;
                panic!("this panic belongs to the test");
                #[expect(unreachable_code, reason = "names the type that is answered")]
                Ok(())
            })
            .await;
        assert!(matches!(failed, Error::Engine(_)), "{failed:?}");
        db.write(async move |tx| tx.insert_user(&user(number)).await).await;
    }
    assert_eq!(members(&db.store).await, 3);
}

async fn a_refused_statement_can_be_survived_within_its_transaction(db: Fresh) {
    db.members([None]).await;
    db.write(async |tx| {
        assert!(matches!(tx.insert_user(&user(1)).await, Err(Error::Conflict(_))));
        tx.insert_user(&user(2)).await
    })
    .await;
    assert_eq!(members(&db.store).await, 2);
}

async fn a_snapshot_sees_one_moment_while_a_writer_commits(db: Fresh) {
    let [asha] = db.members([None]).await;
    let (other, runtime) = (db.open_again().await, Handle::current());
    let look = async move |view: &mut store::Snapshot<'_>| {
        let people = view.members_page(None, 100).await?.len();
        let account = view.account(asha).await?;
        Ok((people, account, view.programme_totals().await?))
    };
    let (before, during) = db
        .read(async move |view| {
            let before = look(view).await?;
            let commit = || {
                let change = async move |tx: &mut store::Tx<'_>| {
                    tx.set_active(asha, false, at(9)).await?;
                    tx.insert_user(&user(2)).await
                };
                runtime.block_on(other.write(change)).unwrap();
            };
            thread::scope(|scope| scope.spawn(commit).join().unwrap());
            Ok((before, look(view).await?))
        })
        .await;
    assert_eq!(during, before);
    let after = db.read(look).await;
    assert_eq!((after.0, after.1.unwrap().active), (2, false));
}

async fn a_panic_while_looking_harms_nobody(db: Fresh) {
    db.members([None]).await;
    let db = std::sync::Arc::new(db);
    let looking = std::sync::Arc::clone(&db);
    let runtime = Handle::current();
    let look = move || {
        runtime.block_on(looking.read(async move |view| {
            view.plans().await?;
            panic!("this panic belongs to the test");
            #[expect(unreachable_code, reason = "names the type that is answered")]
            Ok(())
        }));
    };
    assert!(thread::spawn(look).join().is_err());
    db.write(async |tx| tx.insert_user(&user(2)).await).await;
    assert_eq!(members(&db.store).await, 2);
}

async fn glanced_at(store: &Store) -> usize {
    store.glance(async move |view| view.members_page(None, 1_000).await).await.unwrap().len()
}

async fn what_another_process_wrote_is_read_at_once(db: Fresh) {
    let other = db.open_again().await;
    for number in 1..=10 {
        glanced_at(&db.store).await;
        other.write(async move |tx| tx.insert_user(&user(number)).await).await.unwrap();
        assert_eq!(members(&db.store).await, number as usize);
    }
}

async fn what_was_written_is_seen_at_a_glance(db: Fresh) {
    let db = std::sync::Arc::new(db);
    let mut others = JoinSet::new();
    for _ in 0..2 {
        let db = std::sync::Arc::clone(&db);
        others.spawn(async move {
            while glanced_at(&db.store).await < 100 {
                tokio::task::yield_now().await;
            }
        });
    }
    for number in 1..=100 {
        db.write(async move |tx| tx.insert_user(&user(number)).await).await;
        assert_eq!(glanced_at(&db.store).await, number as usize);
    }
    others.join_all().await;
}

async fn what_another_process_wrote_is_seen_at_a_glance_soon(db: Fresh) {
    let other = db.open_again().await;
    for number in 1..=10 {
        assert_eq!(glanced_at(&db.store).await, number as usize - 1);
        other.write(async move |tx| tx.insert_user(&user(number)).await).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(glanced_at(&db.store).await, number as usize);
    }
}

async fn writers_run_one_after_another(db: Fresh) {
    let [asha] = db.members([None]).await;
    let thanks = db.write(async move |tx| tx.insert_adjustment(&adjustment(asha, 1)).await).await;
    let db = std::sync::Arc::new(db);
    let mut writers = JoinSet::new();
    for _ in 0..100 {
        let db = std::sync::Arc::clone(&db);
        writers.spawn(async move {
            db.write(async move |tx| {
                let mut account = tx.lock_accounts(&[asha]).await?.remove(0);
                let entry = account.post(Cause::Adjustment(thanks), paise(1), EntryTimes::at(at(1))).unwrap();
                tx.append_entries(&[entry]).await
            })
            .await;
        });
    }
    writers.join_all().await;
    let account = db.read(async move |view| view.account(asha).await).await.unwrap();
    assert_eq!((account.seq, account.totals.balance()), (100, paise(100)));
}

async fn slots_are_given_out_once_however_many_ask_at_once(db: Fresh) {
    let [asha] = db.members([None]).await;
    let stores = [db.open_again().await, db.open_again().await].map(std::sync::Arc::new);
    let mut askers = JoinSet::new();
    for store in stores.iter().cycle().take(40) {
        let store = std::sync::Arc::clone(store);
        askers.spawn(async move { take(&store, asha).await });
    }
    let given = askers.join_all().await.into_iter().filter(|given| *given).count();
    let taken = db.read(async move |view| view.member(asha).await).await.unwrap().slots_used;
    assert_eq!((given, taken), (8, 8));
}

async fn take(store: &Store, user: UserId) -> bool {
    store.write(async move |tx| tx.take_slot(user, 8).await).await.unwrap()
}
