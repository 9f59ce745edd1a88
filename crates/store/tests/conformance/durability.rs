//! What was written is there after the database was closed, and whoever else
//! writes to it is noticed.

use std::thread;

use store::Store;
use tokio::task::JoinSet;

use crate::engines::Fresh;
use crate::values::{at, purchase, user};

on_every_engine! {
    what_was_written_survives_closing_and_opening,
    a_transaction_under_way_is_finished_before_the_database_closes,
    the_outside_version_changes_when_somebody_else_writes,
    a_second_store_sees_what_the_first_has_written,
    a_database_that_several_open_at_once_is_made_once,
    the_engine_finds_its_files_whole,
    a_database_that_this_release_has_made_ails_nothing,
}

async fn what_was_written_survives_closing_and_opening(db: Fresh) {
    let [asha, bina] = db.members([None, Some(0)]).await;
    db.write(async move |tx| {
        tx.set_active(asha, false, at(9)).await?;
        let bought = purchase(tx.next_purchase_ids(1).await?[0], bina, 5_00);
        tx.insert_purchases(&[&bought]).await
    })
    .await;
    let look = async move |view: &mut store::Snapshot<'_>| {
        Ok((
            view.plans().await?,
            view.members_page(None, 100).await?,
            view.activity(asha).await?,
            view.purchases_page(None, 100).await?,
        ))
    };
    let before = db.read(look).await;
    assert!(db.store.is_new());
    let db = db.reopened().await;
    assert!(!db.store.is_new());
    assert_eq!(db.read(look).await, before);
}

async fn a_transaction_under_way_is_finished_before_the_database_closes(db: Fresh) {
    let other = db.open_again().await;
    let writing = tokio::spawn(async move {
        let written = other.write(async |tx| {
            thread::sleep(std::time::Duration::from_millis(50));
            tx.insert_user(&user(1)).await
        });
        // Whoever asked hangs up; the transaction was accepted all the same.
        drop(tokio::time::timeout(std::time::Duration::from_millis(5), written).await);
        drop(other);
    });
    writing.await.unwrap();
    let db = db.reopened().await;
    assert_eq!(db.read(async move |view| view.members_page(None, 9).await).await.len(), 1);
}

async fn the_outside_version_changes_when_somebody_else_writes(db: Fresh) {
    let version = async |store: &Store| store.outside_version().await.unwrap();
    let other = db.open_again().await;
    let (mine, others) = (version(&db.store).await, version(&other).await);

    db.members([None]).await;
    assert_eq!(version(&db.store).await, mine, "its own writes are no news");
    let news = version(&other).await;
    assert_ne!(news, others, "those of another are");

    other.read(async move |view| view.plans().await).await.unwrap();
    other.write(async |tx| tx.plans().await).await.unwrap();
    assert_eq!(version(&db.store).await, mine, "looking changes nothing");

    other.write(async |tx| tx.insert_user(&user(2)).await).await.unwrap();
    assert_ne!(version(&db.store).await, mine);
    assert_eq!(version(&other).await, news);
}

async fn a_second_store_sees_what_the_first_has_written(db: Fresh) {
    let other = db.open_again().await;
    assert!(!other.is_new());
    let [asha] = db.members([None]).await;
    let found = other.read(async move |view| view.member(asha).await).await.unwrap();
    assert_eq!(found, db.read(async move |view| view.member(asha).await).await);
}

async fn a_database_that_several_open_at_once_is_made_once(db: Fresh) {
    let place = db.elsewhere();
    let mut openers = JoinSet::new();
    for _ in 0..8 {
        let database = place.database.clone();
        openers.spawn(async move { Store::open(&database).await.unwrap() });
    }
    let stores = openers.join_all().await;
    assert_eq!(stores.iter().filter(|store| store.is_new()).count(), 1, "one of them made it");
    for store in stores {
        assert_eq!(store.read(async move |view| view.plans().await).await.unwrap().len(), 1);
    }
}

async fn the_engine_finds_its_files_whole(db: Fresh) {
    let sound: [String; 0] = [];
    assert_eq!(db.read(async move |view| view.integrity().await).await, sound);
    let [asha, _] = db.members([None, Some(0)]).await;
    db.write(async move |tx| tx.set_active(asha, false, at(3)).await).await;
    assert_eq!(db.read(async move |view| view.integrity().await).await, sound);
    assert_eq!(db.reopened().await.read(async move |view| view.integrity().await).await, sound);
}

async fn a_database_that_this_release_has_made_ails_nothing(db: Fresh) {
    assert_eq!(db.store.ailments().await.unwrap(), []);
    assert_eq!(db.read(async move |view| view.ailments().await).await, []);
}
