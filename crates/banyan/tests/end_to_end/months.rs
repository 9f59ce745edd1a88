//! `banyan close`, `reopen` and `time-zone`, beside a server that is running.

use serde_json::json;

use crate::home::{Home, text};
use crate::http::Request;

#[test]
fn a_month_is_closed_by_command_and_the_server_books_in_the_next() {
    let home = Home::new();
    let server = home.serve();
    let key = home.key(&["admin"]);
    let asha = server.register(&key, "Asha Rao", None);
    let buyer = server.register(&key, "Chetan Gupta", Some(&asha.code));
    let buy = |day: &str| {
        let body = json!({"user_id": buyer.id, "amount": "2000.00", "occurred_at": day});
        let answer = Request::post("/api/purchases", body).by(&key).send(&server.url).expect(201);
        answer["booked_at"].as_str().unwrap().to_owned()
    };
    assert_eq!(buy("2025-03-05"), "2025-03-04T18:30:00.000Z", "a day begins by the clocks of Kolkata");
    assert!(home.print(&["close"]).starts_with("2025-03 is closed since 20"));
    assert_eq!(buy("2025-03-06"), "2025-03-31T18:30:00.000Z");
    let refused = home.run(&["close", "2025-05"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("2025-04 comes first"), "{refused:?}");
    let opened: serde_json::Value =
        serde_json::from_str(&home.print(&["reopen", "2025-03", "--json"])).unwrap();
    assert_eq!((&opened["month"], opened["closed_at"].is_null()), (&json!("2025-03"), true));
    assert_eq!(buy("2025-03-06"), "2025-03-05T18:30:00.000Z");
    server.stop();
    assert!(home.print(&["verify"]).starts_with("clean"));
}

#[test]
fn the_time_zone_is_chosen_at_the_first_start_and_set_from_the_next_month_on() {
    let home = Home::new();
    let unknown = home.run(&["migrate", "--time-zone", "Asia/Atlantis"]);
    assert!(text(&unknown.stderr).contains("\"Asia/Atlantis\" is no time zone"), "{unknown:?}");
    home.print(&["migrate", "--time-zone", "europe/berlin"]);
    assert_eq!(home.print(&["time-zone", "show"]), "Europe/Berlin from 0000-01 on, set 1970-01-01T00:00:00Z");
    home.print(&["migrate", "--time-zone", "UTC"]);
    assert!(home.print(&["time-zone", "show"]).starts_with("Europe/Berlin "), "it was chosen before");
    assert!(home.print(&["time-zone", "set", "Asia/Tokyo"]).starts_with("Asia/Tokyo from 20"));
    assert_eq!(home.print(&["time-zone", "show"]).lines().count(), 2);
}
