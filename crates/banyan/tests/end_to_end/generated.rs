//! Requests that nobody thought of: schemathesis makes them from the API's own document,
//! right ones and wrong ones, and follows what is created.

use std::process::Command;

use serde_json::json;

use crate::home::{Home, text};
use crate::http::Request;
use crate::scripts;

/// What holds of every answer. The document is not exact enough yet for more.
const CHECKS: &str = "not_a_server_error,ignored_auth,missing_required_header,use_after_free";

/// Sends this many for each route, and at least so many in all.
fn sends(for_each_route: u32, at_least: u32) {
    let Some(python) = scripts::python() else { return };
    let home = Home::new();
    let (server, key) = (home.serve(), home.key(&["admin"]));
    let asha = server.register(&key, "Asha Rao", None);
    let bina = server.register(&key, "Bina Shah", Some(&asha.code));
    let bought = json!({"user_id": bina.id, "amount": "2000", "reference": "order-1"});
    Request::post("/api/purchases", bought).by(&key).send(&server.url).expect(201);

    let mut schemathesis = Command::new(python.with_file_name("schemathesis"));
    schemathesis.args(["run", &format!("{}/api/openapi.json", server.url), "--checks", CHECKS]);
    schemathesis.args(["--header", &format!("Authorization: Bearer {key}"), "--continue-on-failure"]);
    schemathesis.args(["--max-examples", &for_each_route.to_string(), "--no-color", "--warnings", "off"]);
    schemathesis.env("SCHEMATHESIS_HOOKS", scripts::folder().join("generated.py"));
    let output = schemathesis.current_dir(home.path()).output().unwrap();
    let told = text(&output.stdout);
    assert!(output.status.success(), "{told}{}", text(&output.stderr));
    let generated = told.lines().find_map(|line| line.trim().split_once(" generated, "));
    let (generated, passed) = generated.unwrap_or_else(|| panic!("no count in {told}"));
    assert!(generated.parse::<u32>().unwrap() >= at_least, "{generated}");
    assert!(passed.starts_with(&format!("{generated} passed")), "{passed}");
    println!("result: {generated} generated requests, none of them answered by a 5xx");
    server.stop();
    home.verify();
}

#[test]
fn no_generated_request_is_answered_wrongly() {
    sends(25, 2_000);
}

#[test]
#[ignore = "takes a quarter of an hour; .ci/long runs it"]
fn no_generated_request_of_many_is_answered_wrongly() {
    sends(400, 20_000);
}
