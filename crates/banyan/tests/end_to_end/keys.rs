//! API keys and access tokens that the command line makes beside a running server.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::home::{Home, text};
use crate::http::Request;

#[test]
fn a_new_key_opens_at_once_what_it_says_and_nothing_else() {
    let home = Home::new();
    let server = home.serve();
    let status = |request: Request, key: &str| request.by(key).send(&server.url).status;
    let member = || Request::post("/api/users/register", json!({"name": "A", "email": "a@example.com"}));
    let purchase = || Request::post("/api/purchases", json!({"user_id": 1, "amount": 5}));

    let (read, buy) = (home.key(&["read"]), home.key(&["purchases:write"]));
    let both = home.key(&["read", "purchases:write"]);
    assert_eq!(status(member(), &home.key(&["users:write"])), 201);
    for (key, list, report) in [(&read, 200, 403), (&buy, 403, 201), (&both, 200, 201)] {
        assert!(key.starts_with("bnk_") && !key.contains(char::is_whitespace), "{key:?}");
        assert_eq!(status(Request::get("/api/users"), key), list);
        assert_eq!(status(purchase(), key), report);
    }
    assert_eq!(status(Request::patch("/api/users/1", json!({"is_active": false})), &both), 403);
    let admin = home.key(&["admin"]);
    assert_eq!(status(Request::patch("/api/users/1", json!({"is_active": false})), &admin), 200);
}

#[test]
fn a_revoked_key_opens_nothing_a_second_later() {
    let home = Home::new();
    let server = home.serve();
    let (key, other) = (home.key(&["read"]), home.key(&["read"]));
    let status = |key: &str| Request::get("/api/users").by(key).send(&server.url).status;
    assert_eq!((status(&key), status(&other)), (200, 200));

    home.print(&["key", "revoke", "1"]);
    let revoked = Instant::now();
    while status(&key) == 200 {
        assert!(revoked.elapsed() < Duration::from_millis(1_500), "{:?}", revoked.elapsed());
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!((status(&key), status(&other)), (401, 200));
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!((status(&key), status(&other)), (401, 200), "it stays so");

    let again = home.run(&["key", "revoke", "1"]);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
}

#[test]
fn the_list_of_keys_says_everything_but_the_keys() {
    let home = Home::new();
    let made: Value = serde_json::from_str(&home.print(&[
        "key",
        "create",
        "--name",
        "shop",
        "--scope",
        "purchases:write",
        "--scope",
        "read",
        "--json",
    ]))
    .unwrap();
    let other = home.key(&["admin"]);
    home.print(&["key", "revoke", "2"]);
    let key = made["key"].as_str().unwrap();
    assert_eq!((&made["id"], &made["name"]), (&json!(1), &json!("shop")));

    let people_read = home.print(&["key", "list"]);
    let lines: Vec<&str> = people_read.lines().collect();
    assert_eq!(lines.len(), 2, "{people_read}");
    assert!(
        lines[0].contains("shop") && lines[0].contains("purchases:write") && lines[0].ends_with("active")
    );
    assert!(lines[1].contains("admin") && lines[1].contains("revoked 20"), "{people_read}");

    let programs_read = home.print(&["key", "list", "--json"]);
    let rows: Vec<Value> = programs_read.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows[0]["scopes"], json!(["read", "purchases:write"]));
    assert_eq!(rows[0]["revoked_at"], Value::Null);
    assert!(rows[1]["revoked_at"].is_string());
    for listed in [people_read, programs_read] {
        assert!(!listed.contains(key) && !listed.contains(&other));
    }
}

#[test]
fn only_the_key_goes_to_standard_output() {
    let home = Home::new();
    let output = home.run(&["key", "create", "--name", "shop", "--scope", "read"]);
    assert!(output.status.success());
    assert!(text(&output.stdout).starts_with("bnk_") && text(&output.stdout).lines().count() == 1);
    assert!(text(&output.stderr).contains("not shown again"));
}

#[test]
fn a_token_for_a_member_or_the_owner_opens_what_is_theirs() {
    let home = Home::new();
    let server = home.serve();
    let key = home.key(&["users:write"]);
    let (asha, ben) = (server.register(&key, "Asha", None), server.register(&key, "Ben", None));
    let me = |token: &str| Request::get("/api/me").by(token).send(&server.url).expect(200);
    let status = |token: &str, path: String| Request::get(path).by(token).send(&server.url).status;

    let member = home.print(&["token", "--user", &asha.id.to_string()]);
    assert_eq!((&me(&member)["kind"], &me(&member)["user_id"]), (&json!("member"), &json!(asha.id)));
    assert_eq!(status(&member, format!("/api/earnings/{}", asha.id)), 200);
    assert_eq!(status(&member, format!("/api/earnings/{}", ben.id)), 403);

    let admin: Value = serde_json::from_str(&home.print(&["token", "--admin", "--json"])).unwrap();
    let admin = admin["token"].as_str().unwrap();
    assert_eq!((&me(admin)["kind"], &me(admin)["user_id"]), (&json!("admin"), &Value::Null));
    assert_eq!(status(admin, format!("/api/earnings/{}", ben.id)), 200);

    let nobody = home.run(&["token", "--user", "99"]);
    assert_eq!(nobody.status.code(), Some(1), "{nobody:?}");
    assert!(text(&nobody.stderr).contains("99"), "{nobody:?}");
}

#[test]
fn a_token_ends_when_it_says_and_survives_a_restart_until_then() {
    let home = Home::new();
    let server = home.serve();
    let (short, long) = (home.print(&["token", "--admin", "--ttl", "2s"]), home.admin_token());
    let status = |url: &str, token: &str| Request::get("/api/stats").by(token).send(url).status;
    assert_eq!((status(&server.url, &short), status(&server.url, &long)), (200, 200));
    server.stop();
    let server = home.serve();
    assert_eq!(status(&server.url, &long), 200);
    thread::sleep(Duration::from_millis(2_100));
    assert_eq!((status(&server.url, &short), status(&server.url, &long)), (401, 200));
}

#[test]
fn a_session_is_ended_by_its_name_or_by_whose_it_is() {
    let home = Home::new();
    let server = home.serve();
    let asha = server.register(&home.key(&["users:write"]), "Asha Rao", None);
    let printed = |arguments: &[&str]| serde_json::from_str::<Value>(&home.print(arguments)).unwrap();
    let word = |value: &Value, field: &str| value[field].as_str().unwrap().to_owned();
    let dead = |token: &str| {
        let told = Instant::now();
        while Request::get("/api/me").by(token).send(&server.url).status == 200 {
            assert!(told.elapsed() < Duration::from_millis(1_500), "{:?}", told.elapsed());
            thread::sleep(Duration::from_millis(20));
        }
    };
    let [owner, other, hers] = [
        printed(&["token", "--admin", "--json"]),
        printed(&["token", "--admin", "--json"]),
        printed(&["token", "--user", &asha.id.to_string(), "--json"]),
    ];
    let ended = printed(&["token", "revoke", "--session", &word(&owner, "session"), "--json"]);
    assert_eq!(ended, json!({"ended": 1}));
    dead(&word(&owner, "token"));
    assert_eq!(Request::get("/api/me").by(&word(&other, "token")).send(&server.url).status, 200);

    // That of her registration, and the one from the command line.
    let told = home.print(&["token", "revoke", "--user", &asha.id.to_string()]);
    assert!(told.starts_with("2 sessions ended"), "{told}");
    dead(&word(&hers, "token"));
    dead(&asha.token);
    home.print(&["token", "revoke", "--admin"]);
    dead(&word(&other, "token"));

    for (wrong, code) in [
        (&["token", "revoke"][..], 2),
        (&["token", "revoke", "--admin", "--user", "1"], 2),
        (&["token", "revoke", "--session", "x"], 2),
        (&["token", "revoke", "--session", &word(&owner, "session")], 1),
        (&["token", "revoke", "--user", "404"], 1),
    ] {
        assert_eq!(home.run(wrong).status.code(), Some(code), "{wrong:?}");
    }
}
