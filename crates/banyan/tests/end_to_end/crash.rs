//! `kill -9` at random moments, while sixteen clients write.

use std::thread;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::cluster::Isolation;
use crate::home::Home;
use crate::writers::{Books, People, Writer};

const WRITERS: usize = 16;

/// How often the books are verified on the way.
const VERIFIED: usize = 10;

/// How long a round of writing is, in milliseconds.
const ROUND_MS: std::ops::Range<u64> = 5..250;

/// The share of rounds before which the server is killed as it starts, too.
const EARLY_KILLS: f64 = 0.1;
const EARLY_MS: std::ops::Range<u64> = 0..25;

#[test]
fn what_was_acknowledged_survives_a_hundred_kills_and_happened_once() {
    survives(&Home::new(), 100);
}

#[test]
#[ignore = "takes an hour; .ci/long runs it"]
fn what_was_acknowledged_survives_three_thousand_kills_and_happened_once() {
    survives(&Home::new(), 3_000);
}

#[test]
#[ignore = "takes half an hour; .ci/long runs it"]
fn what_was_acknowledged_survives_a_thousand_kills_on_postgres_and_happened_once() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    survives(&home, 1_000);
}

fn survives(home: &Home, kills: usize) {
    let key = home.key(&["read", "users:write", "purchases:write"]);
    let people = People::default();
    let server = home.serve();
    let first = server.register(&key, "First", None);
    people.add(&first);
    people.add(&server.register(&key, "Second", Some(&first.code)));
    server.kill();

    let mut writers: Vec<Writer> = (0..WRITERS).map(Writer::new).collect();
    let mut books = Books::default();
    let mut chance = StdRng::seed_from_u64(9);
    for kill in 1..=kills {
        if chance.random_bool(EARLY_KILLS) {
            kill_early(home, Duration::from_millis(chance.random_range(EARLY_MS)));
        }
        let server = home.serve();
        books.read_on(&server.url, &key);
        for writer in &mut writers {
            writer.compare_new(&books);
        }
        let url = server.url.clone();
        let (url, key, people) = (url.as_str(), key.as_str(), &people);
        thread::scope(|scope| {
            let writing: Vec<_> = writers
                .iter_mut()
                .map(|writer| scope.spawn(move || writer.write_on(url, key, people)))
                .collect();
            thread::sleep(Duration::from_millis(chance.random_range(ROUND_MS)));
            assert!(
                !writing.iter().any(thread::ScopedJoinHandle::is_finished),
                "somebody was cut off before the kill"
            );
            server.kill();
        });
        if kill % (kills / VERIFIED) == 0 {
            home.verify();
        }
    }

    let server = home.serve();
    let mut all = Books::default();
    all.read_on(&server.url, &key);
    for writer in &writers {
        writer.compare_all(&all);
    }
    server.stop();
    home.verify();

    let acknowledged: usize = writers.iter().map(Writer::acknowledged).sum();
    let cut: usize = writers.iter().map(|writer| writer.unanswered).sum();
    assert!(cut >= kills && acknowledged >= kills * WRITERS, "{cut} cut off, {acknowledged} acknowledged");
    println!(
        "result: {kills} kills, {acknowledged} acknowledged, {cut} cut off, {} on the books: lost 0, doubled 0",
        all.purchases.len()
    );
}

fn kill_early(home: &Home, after: Duration) {
    let mut child = home.spawn();
    thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}
