//! SIGTERM under load: what was taken is finished, and nothing is lost.

use std::io::ErrorKind;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::home::Home;
use crate::http::{Connection, Request};
use crate::writers::{Books, People, Writer};

const WRITERS: usize = 16;

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";

#[test]
fn a_server_that_is_told_to_stop_under_load_ends_well_and_loses_nothing() {
    let home = Home::new();
    let key = home.key(&["read", "users:write", "purchases:write"]);
    let people = People::default();
    let mut writers: Vec<Writer> = (0..WRITERS).map(Writer::new).collect();
    let mut server = home.serve();
    people.add(&server.register(&key, "First", None));
    for _ in 0..5 {
        let url = server.url.clone();
        let (url, key, people) = (url.as_str(), key.as_str(), &people);
        let status = thread::scope(|scope| {
            let writing: Vec<_> = writers
                .iter_mut()
                .map(|writer| scope.spawn(move || writer.write_on(url, key, people)))
                .collect();
            thread::sleep(Duration::from_millis(150));
            server.terminate();
            let status = server.end();
            for writer in writing {
                // An answer is whole or was never begun.
                let end = writer.join().unwrap().kind();
                let refused = [
                    ErrorKind::ConnectionAborted,
                    ErrorKind::ConnectionRefused,
                    ErrorKind::ConnectionReset,
                    ErrorKind::BrokenPipe,
                ];
                assert!(refused.contains(&end), "{end}");
            }
            status
        });
        assert_eq!(status.code(), Some(0));
        home.verify();

        server = home.serve();
        let mut books = Books::default();
        books.read_on(&server.url, key);
        for writer in &writers {
            writer.compare_all(&books);
        }
    }
    assert!(writers.iter().all(|writer| writer.acknowledged() > 0));
}

/// Hashing a password takes long enough for the signal to come in between.
#[test]
fn requests_that_were_taken_are_answered_after_the_signal() {
    let home = Home::new();
    let key = home.key(&["users:write"]);
    let server = home.serve();
    let mut connections: Vec<_> = (0..12).map(|_| Connection::open(&server.url).unwrap()).collect();
    for connection in &mut connections {
        connection.ask(&Request::get("/healthz")).unwrap().expect(200);
    }
    for (number, connection) in connections.iter_mut().enumerate() {
        let email = format!("member{number}@example.com");
        let body = json!({"name": "Asha Rao", "email": email, "password": "correct horse"});
        connection.send(&Request::post("/api/users/register", body).by(&key)).unwrap();
    }
    thread::sleep(Duration::from_millis(100));
    server.terminate();
    for connection in &mut connections {
        connection.answer().unwrap().expect(201);
    }
    assert_eq!(server.end().code(), Some(0));
}

#[test]
fn an_open_poll_does_not_hold_the_server_up() {
    let home = Home::new();
    let server = home.serve();
    let mut connection = Connection::open(&server.url).unwrap();
    let opened = connection.ask(&Request::get(POLLING)).unwrap();
    let (_, rest) = opened.body.split_once("\"sid\":\"").unwrap();
    let (session, _) = rest.split_once('"').unwrap();
    let session = format!("{POLLING}&sid={session}");
    assert_eq!(connection.ask(&Request::post_text(&session, "40")).unwrap().body, "ok");
    // What waits already, a ping and the welcome, is taken first.
    let mut taken = String::new();
    while !taken.contains("40{") {
        taken += &connection.ask(&Request::get(&session)).unwrap().body;
    }
    connection.send(&Request::get(&session)).unwrap();
    thread::sleep(Duration::from_millis(100));
    let told = Instant::now();
    server.terminate();
    assert_eq!(server.end().code(), Some(0));
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
}

#[test]
fn an_interrupt_ends_it_as_well() {
    let home = Home::new();
    let server = home.serve();
    let id = server.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(server.end().code(), Some(0));
}
