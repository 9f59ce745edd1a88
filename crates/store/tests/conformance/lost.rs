//! What a network can do to a transaction, and that nothing of it is lost, done
//! twice, or waited for too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use store::{AuditEvent, Database, Error, Store};
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use crate::engines::Fresh;
use crate::proxy::{Proxy, Weather};
use crate::values::at;

on_network_engines! {
    a_commit_whose_answer_was_lost_is_not_made_again,
    a_commit_that_was_lost_is_made_again,
    a_commit_that_arrives_late_is_refused,
    what_cannot_be_found_out_is_told,
    a_connection_that_is_cut_anywhere_loses_nothing_and_doubles_nothing,
    a_transaction_whose_connection_was_cut_is_run_again,
    connections_that_died_unused_are_replaced,
    what_answers_after_a_loss_may_have_another_history,
    a_database_that_is_away_is_told_within_two_seconds_and_found_again,
    a_database_that_falls_silent_is_told_within_two_seconds_and_found_again,
    a_look_that_was_given_up_leaves_nothing_behind,
}

/// Something that no key keeps from being written twice.
fn event() -> AuditEvent {
    let [actor, action, subject, detail] = ["owner", "plan.set", "plan 2", "{}"].map(str::to_owned);
    AuditEvent { actor, action, subject, detail, at: at(1) }
}

/// Writes an event, and answers how often that was tried with what came of it.
async fn write(store: &Store) -> (usize, Result<(), Error>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let answer = store
        .write(async move |tx| {
            counted.fetch_add(1, Ordering::SeqCst);
            tx.append_audit(&event()).await
        })
        .await;
    (runs.load(Ordering::SeqCst), answer)
}

async fn written(db: &Fresh) -> usize {
    db.read(async move |view| view.audit_page(None, 10_000).await).await.len()
}

/// A network before the database, and a store that has written across it once.
async fn across(db: &Fresh) -> (Proxy, Store) {
    let proxy = Proxy::before(&db.place.database).await;
    let store = Store::open(&proxy.database).await.unwrap();
    assert!(matches!(write(&store).await, (1, Ok(()))));
    (proxy, store)
}

async fn a_commit_whose_answer_was_lost_is_not_made_again(db: Fresh) {
    let (proxy, store) = across(&db).await;
    for written_so_far in 1..=5 {
        proxy.turns(Weather::LosesTheAnswer);
        assert!(matches!(write(&store).await, (1, Ok(()))));
        assert_eq!(written(&db).await, written_so_far + 1);
    }
}

async fn a_commit_that_was_lost_is_made_again(db: Fresh) {
    let (proxy, store) = across(&db).await;
    for written_so_far in 1..=5 {
        proxy.turns(Weather::LosesTheCommit);
        assert!(matches!(write(&store).await, (2, Ok(()))));
        assert_eq!(written(&db).await, written_so_far + 1);
    }
}

async fn a_commit_that_arrives_late_is_refused(db: Fresh) {
    let (proxy, store) = across(&db).await;
    proxy.turns(Weather::DelaysTheCommit);
    assert!(matches!(write(&store).await, (2, Ok(()))));
    assert_eq!(proxy.delivers().await, 1);
    assert_eq!(written(&db).await, 2, "the one before, and this one once");
    assert!(matches!(write(&store).await, (1, Ok(()))));
    assert_eq!(written(&db).await, 3);
}

async fn what_cannot_be_found_out_is_told(db: Fresh) {
    let (proxy, store) = across(&db).await;
    proxy.turns(Weather::LosesTheAnswerAndAllElse);
    let begun = Instant::now();
    let (runs, answer) = write(&store).await;
    assert!(matches!((runs, &answer), (1, Err(Error::OutcomeUnknown))), "{answer:?}");
    assert!(begun.elapsed() < Duration::from_millis(2_500), "{:?}", begun.elapsed());
    assert_eq!(written(&db).await, 2, "it was committed, once");
    proxy.turns(Weather::Fine);
    assert!(matches!(write(&store).await, (1, Ok(()))));
    assert_eq!(written(&db).await, 3);
}

/// Cuts along the whole dialogue of a transaction and a little of the next, so
/// that every word of it is broken off somewhere.
const CUTS: usize = 300;
const STRIDE: usize = 7;

async fn a_connection_that_is_cut_anywhere_loses_nothing_and_doubles_nothing(db: Fresh) {
    let (proxy, store) = across(&db).await;
    let mut committed = 1;
    let mut again = 0;
    for cut in 0..CUTS {
        proxy.turns(Weather::CutsAfter(cut * STRIDE));
        // Until the cut has come: by then the transaction was begun, or made.
        while proxy.weather() != Weather::Fine {
            let (runs, answer) = write(&store).await;
            assert!(answer.is_ok(), "cut after {} bytes: {answer:?}", cut * STRIDE);
            committed += 1;
            again += usize::from(runs > 1);
        }
        assert_eq!(written(&db).await, committed, "cut after {} bytes", cut * STRIDE);
    }
    assert!(again > CUTS / 4, "only {again} transactions were met");
}

/// Ends every connection to the database but its own.
async fn cut_all(database: &Database) {
    let Database::Postgres(url) = database else { panic!("{database} has no connections") };
    let (client, connection) = tokio_postgres::connect(&url.to_string(), NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let all = "select pg_terminate_backend(pid) from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid()";
    client.batch_execute(all).await.unwrap();
    drop(client);
    drop(connection.await);
}

async fn a_transaction_whose_connection_was_cut_is_run_again(db: Fresh) {
    let (database, runs) = (db.place.database.clone(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&runs);
    db.write(async move |tx| {
        tx.append_audit(&event()).await?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            cut_all(&database).await;
        }
        tx.append_audit(&event()).await
    })
    .await;
    assert_eq!((runs.load(Ordering::SeqCst), written(&db).await), (2, 2));
}

async fn connections_that_died_unused_are_replaced(db: Fresh) {
    for round in 1..=3 {
        cut_all(&db.place.database).await;
        assert!(matches!(write(&db.store).await, (_, Ok(()))), "round {round}");
        cut_all(&db.place.database).await;
        assert_eq!(written(&db).await, round);
    }
}

async fn what_answers_after_a_loss_may_have_another_history(db: Fresh) {
    let history = async || db.read(async |view| Ok(view.history())).await;
    let before = history().await;
    assert_eq!(history().await, before);
    cut_all(&db.place.database).await;
    assert!(matches!(write(&db.store).await, (_, Ok(()))));
    assert_ne!(history().await, before);
}

/// Asks for everything at once, many times over, and answers what came of it.
async fn ask_much(store: &Arc<Store>) -> Vec<Result<(), Error>> {
    let mut asked = JoinSet::new();
    for _ in 0..100 {
        let [writing, looking, watching] = [(); 3].map(|()| Arc::clone(store));
        asked.spawn(async move { write(&writing).await.1 });
        asked.spawn(async move { looking.read(async move |view| view.plans().await).await.map(drop) });
        asked.spawn(async move { watching.outside_version().await.map(drop) });
    }
    asked.join_all().await
}

/// How long it takes until everything is refused, and until nothing is any more.
async fn refused_while(weather: Weather, db: &Fresh) {
    let (proxy, store) = across(db).await;
    let store = Arc::new(store);
    assert!(ask_much(&store).await.iter().all(Result::is_ok));
    proxy.turns(weather);
    cut_all(&db.place.database).await;
    let begun = Instant::now();
    let refused = ask_much(&store).await;
    assert!(begun.elapsed() < Duration::from_millis(2_500), "{:?}", begun.elapsed());
    for answer in &refused {
        assert!(matches!(answer, Err(Error::Away(_) | Error::Busy)), "{answer:?}");
    }
    assert!(refused.iter().any(|answer| matches!(answer, Err(Error::Away(_)))));

    proxy.turns(Weather::Fine);
    let begun = Instant::now();
    while write(&store).await.1.is_err() {}
    store.read(async move |view| view.plans().await).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(written(db).await, 102);
}

async fn a_database_that_is_away_is_told_within_two_seconds_and_found_again(db: Fresh) {
    refused_while(Weather::Away, &db).await;
}

async fn a_database_that_falls_silent_is_told_within_two_seconds_and_found_again(db: Fresh) {
    refused_while(Weather::Silent, &db).await;
}

async fn a_look_that_was_given_up_leaves_nothing_behind(db: Fresh) {
    for _ in 0..100 {
        let look = db.store.read(async move |view| {
            for _ in 0..50 {
                view.plans().await?;
            }
            Ok::<_, Error>(())
        });
        drop(tokio::time::timeout(Duration::from_millis(2), look).await);
    }
    assert!(matches!(write(&db.store).await, (1, Ok(()))));
    assert_eq!(written(&db).await, 1);
}
