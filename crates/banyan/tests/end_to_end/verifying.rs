//! `banyan verify`: exit 0 when the books are right, 3 when they are not.

use std::fs;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::home::{Home, text};
use crate::http::Request;

/// A data directory with a little trade in it, and no server.
fn traded() -> Home {
    let home = Home::new();
    let key = home.key(&["users:write", "purchases:write"]);
    let server = home.serve();
    let first = server.register(&key, "Asha Rao", None);
    let second = server.register(&key, "Ben Das", Some(&first.code));
    let third = server.register(&key, "Chetan Gupta", Some(&second.code));
    for amount in ["2000.00", "1000.00", "1001.30"] {
        let body = json!({"user_id": third.id, "amount": amount});
        Request::post("/api/purchases", body).by(&key).send(&server.url).expect(201);
    }
    server.stop();
    home
}

/// A copy of it, changed behind the back of the ledger's guards.
fn corrupted(home: &Home, change: &str) -> Home {
    let copy = Home::new();
    fs::create_dir(copy.data_dir()).unwrap();
    for file in fs::read_dir(home.data_dir()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.data_dir().join(file.file_name())).unwrap();
    }
    let database = Connection::open(copy.data_dir().join("banyan.db")).unwrap();
    let unguarded = "pragma foreign_keys = off;
        drop trigger entries_are_never_updated; drop trigger entries_are_never_deleted;";
    database.execute_batch(&format!("{unguarded} {change}")).unwrap();
    copy
}

#[test]
fn right_books_are_clean() {
    let home = traded();
    let output = home.run(&["verify"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let clean = "clean: 3 members, 3 purchases and 0 refunds decided again, 4 ledger lines posted again\n";
    assert_eq!(text(&output.stdout), clean);

    let report: Value = serde_json::from_str(&home.print(&["verify", "--json"])).unwrap();
    let expected = json!({"clean": true, "members": 3, "purchases": 3, "refunds": 0, "payouts": 0,
        "adjustments": 0, "entries": 4, "breach_count": 0, "breaches": []});
    assert_eq!(report, expected);
}

#[test]
fn books_that_were_changed_are_a_breach_with_exit_code_3() {
    let home = traded();
    for (change, rule) in [
        ("update entries set amount = amount + 1 where user_id = 2 and seq = 1", "ledger"),
        ("update entries set by_level = '' where user_id = 1 and seq = 2", "ledger"),
        ("update purchases set amount = amount + 100 where id = 1", "decision"),
        ("update purchases set refunded = 100 where id = 1", "refund"),
        ("update purchases set occurred_at = -1", "commissions"),
        ("delete from entries where user_id = 1 and seq = 2", "commissions"),
        ("insert into held values (1, 5, 500)", "held"),
        ("update users set direct_count = 0 where id = 1", "slots_used"),
    ] {
        let copy = corrupted(&home, change);
        let output = copy.run(&["verify"]);
        assert_eq!(output.status.code(), Some(3), "{change}: {output:?}");
        assert!(text(&output.stdout).contains(": 3 members"), "{change}: {output:?}");
        assert!(text(&output.stdout).contains(&format!("{rule}: ")), "{change}: {output:?}");

        let output = copy.run(&["verify", "--json"]);
        assert_eq!(output.status.code(), Some(3), "{change}: {output:?}");
        let report: Value = serde_json::from_str(text(&output.stdout)).unwrap();
        assert_eq!(report["clean"], false);
        assert!(report["breach_count"].as_u64() > Some(0), "{change}: {report}");
        let breaches = report["breaches"].as_array().unwrap();
        assert!(breaches.iter().any(|breach| breach["rule"] == rule), "{change}: {report}");
    }
    home.verify();
}

#[test]
fn without_data_there_is_nothing_to_verify() {
    let home = Home::new();
    let output = home.run(&["verify"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(!home.data_dir().exists(), "looking makes nothing");
}
