//! An address with several hosts: the first that answers and can be written is used,
//! whatever the others do.

use std::time::{Duration, Instant};

use store::{Database, Error, Snapshot, Store};
use tokio::net::TcpListener;

use crate::engines::Fresh;
use crate::proxy::{Proxy, Weather};
use crate::values::user;

/// How long a fail-over may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

on_network_engines! {
    hosts_that_say_nothing_cost_no_more_than_their_own_time,
    a_host_that_falls_silent_is_left_for_the_next,
    a_host_that_cannot_be_written_is_passed_over,
    when_no_host_answers_each_is_named,
}

/// The address of the database behind these hosts.
fn of(hosts: &[&str], proxy: &Proxy) -> Database {
    let url = proxy.database.to_string();
    let (_, name) = url.rsplit_once('/').unwrap();
    Database::Postgres(format!("postgres://banyan@{}/{name}", hosts.join(",")).parse().unwrap())
}

fn host(proxy: &Proxy) -> String {
    let url = proxy.database.to_string();
    url.split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned()
}

/// A host that lets everybody connect and never says a word.
async fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    (listener, host)
}

async fn members(store: &Store) -> Result<usize, Error> {
    let look = async |view: &mut Snapshot<'_>| view.members_page(None, 100).await;
    store.read(look).await.map(|page| page.len())
}

async fn hosts_that_say_nothing_cost_no_more_than_their_own_time(db: Fresh) {
    let proxy = Proxy::before(&db.place.database).await;
    let (_one, one) = silent().await;
    let (_two, two) = silent().await;
    let store = Store::open(&of(&[&one, &two, &host(&proxy)], &proxy)).await.unwrap();
    // Whoever comes next does not wait for them again.
    store.write(async |tx| tx.insert_user(&user(1)).await).await.unwrap();
    assert_eq!(members(&store).await.unwrap(), 1);
}

async fn a_host_that_falls_silent_is_left_for_the_next(db: Fresh) {
    let [here, there] = [Proxy::before(&db.place.database).await, Proxy::before(&db.place.database).await];
    let store = Store::open(&of(&[&host(&here), &host(&there)], &here)).await.unwrap();
    store.write(async |tx| tx.insert_user(&user(1)).await).await.unwrap();
    here.turns(Weather::Silent);
    let begun = Instant::now();
    while store.write(async |tx| tx.insert_user(&user(2)).await).await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "the next host is not found");
    }
    assert_eq!(members(&store).await.unwrap(), 2);
}

async fn a_host_that_cannot_be_written_is_passed_over(db: Fresh) {
    let proxy = Proxy::before(&db.place.database).await;
    let url = of(&[&host(&proxy), &host(&proxy)], &proxy).to_string();
    let read_only = format!("{url}?options=-c%20default_transaction_read_only=on");
    let refused = Store::open(&Database::Postgres(read_only.parse().unwrap())).await.unwrap_err();
    assert!(refused.to_string().contains("does not allow writes"), "{refused}");
    let any = format!("{read_only}&target_session_attrs=any");
    let store = Store::open(&Database::Postgres(any.parse().unwrap())).await.unwrap();
    assert_eq!(store.ailments().await.unwrap(), [store::Ailment::ReadOnly]);
}

async fn when_no_host_answers_each_is_named(db: Fresh) {
    let proxy = Proxy::before(&db.place.database).await;
    let (_kept, silent) = silent().await;
    let refused = Store::open(&of(&["127.0.0.1:1", &silent], &proxy)).await.unwrap_err().to_string();
    for words in ["127.0.0.1:1: error connecting to server", &format!("{silent}: it says nothing")] {
        assert!(refused.contains(words), "{words} is not in {refused}");
    }
}
