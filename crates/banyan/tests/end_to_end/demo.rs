//! `banyan demo`: what it prints works as it is printed.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::home::{Home, Server, text};
use crate::http::Request;
use crate::skip::{on_path, skip};

/// How soon somebody who wants to see it move sees it move.
const SOON: Duration = Duration::from_secs(15);

pub(crate) fn demo(home: &Home, rate: u32) -> Server {
    let mut command = home.command();
    command.args(["demo", "--listen", "127.0.0.1:0", "--rate", &rate.to_string()]);
    Server::start(command)
}

/// The token in the printed link of this person.
pub(crate) fn token(server: &Server, person: &str) -> String {
    let mut lines = server.banner.iter();
    let line = lines.find(|line| line.trim_start().starts_with(person)).expect("the link is printed");
    let (address, token) = line.split_once("/#token=").expect("it holds a token");
    assert!(address.ends_with(&server.url), "{line}");
    token.to_owned()
}

#[test]
fn the_printed_links_sign_in_and_purchases_keep_coming() {
    let home = Home::new();
    let started = Instant::now();
    let server = demo(&home, 50);
    assert_eq!(Request::get("/healthz").send(&server.url).expect(200)["status"], "ok");
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    let get = |path: &str, token: &str| Request::get(path).by(token).send(&server.url).expect(200);

    let (owner, member) = (token(&server, "owner"), token(&server, "member"));
    assert_eq!(get("/api/me", &owner)["kind"], "admin");
    let me = get("/api/me", &member);
    assert_eq!(me["kind"], "member");
    let earnings = get(&format!("/api/earnings/{}", me["user_id"]), &member);
    assert!(earnings["seq"].as_i64() > Some(50), "the member has earned often: {earnings}");

    let purchases = || get("/api/stats", &owner)["purchases"].as_i64().unwrap();
    let before = purchases();
    assert!(before > 1_000, "{before}");
    let deadline = Instant::now() + Duration::from_secs(10);
    while purchases() < before + 20 {
        assert!(Instant::now() < deadline, "nobody buys");
        thread::sleep(Duration::from_millis(100));
    }
    server.stop();
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "it leaves nothing where it was started");
}

#[test]
fn a_visitor_who_registers_does_not_disturb_the_demo() {
    let home = Home::new();
    let server = demo(&home, 100);
    let owner = token(&server, "owner");
    let figure = |name: &str| {
        let stats = Request::get("/api/stats").by(&owner).send(&server.url).expect(200);
        stats[name].as_i64().unwrap()
    };
    server.register(&owner, "A Visitor", None);
    // Of a hundred things that happen in a second two are somebody who joins.
    let (members, purchases) = (figure("members"), figure("purchases"));
    let deadline = Instant::now() + SOON;
    while figure("members") < members + 3 || figure("purchases") < purchases + 200 {
        assert!(Instant::now() < deadline, "nobody joins, or nobody buys, after a visitor");
        thread::sleep(Duration::from_millis(200));
    }
    server.stop();
}

#[test]
fn the_printed_curl_line_reports_a_purchase() {
    let what = "that the curl line of the demo works as printed";
    if on_path("curl").is_none() {
        return skip(what, "there is no curl; `apt-get install curl`");
    }
    let home = Home::new();
    let mut server = demo(&home, 1);
    server.wait_for("Ctrl-C");
    let first = server.banner.iter().position(|line| line.trim_start().starts_with("curl ")).unwrap();
    let line = format!("{}\n{}", server.banner[first], server.banner[first + 1]);
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let answer: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    assert_eq!(answer["amount"], "2500.00", "{answer}");

    // The buyer was brought by the member whose link is printed.
    let member = token(&server, "member");
    let me = Request::get("/api/me").by(&member).send(&server.url).expect(200);
    assert_eq!(answer["decisions"][0]["user_id"], me["user_id"], "{answer}");
    assert_eq!(answer["decisions"][0]["outcome"], "paid", "{answer}");
    server.stop();
}
