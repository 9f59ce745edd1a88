//! What a rush of passwords costs in memory.

use std::fs;
use std::thread;

use serde_json::{Value, json};

use crate::home::{Home, Server};
use crate::http::Request;
use crate::skip::skip;

/// The most memory above that of an idle server.
const ABOVE_IDLE_MAX_KB: u64 = 64 * 1024;

/// What the kernel says of the process, in kilobytes.
fn status(server: &Server, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Sends all of them at once; those who cannot be served are told so.
fn rush(url: &str, path: &str, wanted: u16, bodies: impl Iterator<Item = Value>) {
    let requests: Vec<_> = bodies.map(|body| Request::post(path, body)).collect();
    thread::scope(|scope| {
        for request in &requests {
            scope.spawn(|| {
                let answer = request.send(url);
                assert!([wanted, 429].contains(&answer.status), "{answer:?}");
            });
        }
    });
}

#[test]
fn a_rush_of_passwords_costs_little_and_all_of_it_is_given_back() {
    let home = Home::new();
    let server = home.serve();
    let Some(idle) = status(&server, "VmRSS") else {
        return skip("memory", "there is no /proc, as on Linux");
    };
    let email = |number: usize| format!("user{number}@example.com");
    let stranger = |number| json!({"email": email(number), "password": "correct horse"});
    rush(&server.url, "/api/sessions", 401, (0..30).map(stranger));
    let member = |number| json!({"name": "Asha", "email": email(number), "password": "correct horse"});
    rush(&server.url, "/api/users/register", 201, (0..60).map(member));
    let (most, now) = (status(&server, "VmHWM").unwrap(), status(&server, "VmRSS").unwrap());
    println!("{idle} kB idle, {most} kB at most, {now} kB after");
    assert!(most < idle + ABOVE_IDLE_MAX_KB, "{idle} kB idle, {most} kB at most");
    // Less than one password takes, or it would not have been given back.
    assert!(now < idle + 16 * 1024, "{idle} kB idle, {now} kB after");
    server.stop();
}
