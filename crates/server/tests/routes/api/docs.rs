//! `/api/openapi.json` and `/api/docs`

use serde_json::Value;

use crate::who_may::Operation;
use crate::world::World;

/// The routes that the contract names.
const CONTRACT: [&str; 50] = [
    "DELETE /api/plan/versions/{version}",
    "DELETE /api/sessions/browser",
    "DELETE /api/sessions/current",
    "GET /api/audit",
    "GET /api/codes/{code}",
    "GET /api/earnings/{user_id}",
    "GET /api/earnings/{user_id}/chart",
    "GET /api/earnings/{user_id}/entries",
    "GET /api/earnings/{user_id}/months",
    "GET /api/earnings/{user_id}/statement",
    "GET /api/earnings/{user_id}/statement.csv",
    "GET /api/earnings/{user_id}/today",
    "GET /api/entries/{entry_id}/explain",
    "GET /api/me",
    "GET /api/months",
    "GET /api/payouts/preview",
    "GET /api/payouts/runs",
    "GET /api/payouts/runs/{run_id}",
    "GET /api/payouts/runs/{run_id}/payouts",
    "GET /api/payouts/runs/{run_id}/payouts.csv",
    "GET /api/plan",
    "GET /api/plan/versions",
    "GET /api/programme",
    "GET /api/purchases",
    "GET /api/purchases/{purchase_id}",
    "GET /api/purchases/{purchase_id}/refunds",
    "GET /api/stats",
    "GET /api/users",
    "GET /api/users/{user_id}",
    "GET /api/users/{user_id}/payouts",
    "GET /api/users/{user_id}/referrals",
    "PATCH /api/payouts/runs/{run_id}",
    "PATCH /api/payouts/{payout_id}",
    "PATCH /api/users/{user_id}",
    "POST /api/months/{month}/close",
    "POST /api/months/{month}/reopen",
    "POST /api/payouts/runs",
    "POST /api/plan/simulate",
    "POST /api/purchases",
    "POST /api/purchases/bulk",
    "POST /api/purchases/{purchase_id}/refunds",
    "POST /api/refunds",
    "POST /api/sessions",
    "POST /api/sessions/browser",
    "POST /api/users/register",
    "POST /api/users/{user_id}/adjustments",
    "POST /api/users/{user_id}/sessions/end",
    "POST /api/users/{user_id}/tokens",
    "PUT /api/plan",
    "PUT /api/programme/time-zone",
];

#[tokio::test]
async fn the_document_describes_every_route_of_the_contract() {
    let mut described: Vec<String> = Operation::all().iter().map(Operation::name).collect();
    described.sort_unstable();
    assert_eq!(described, CONTRACT);
}

#[tokio::test]
async fn the_document_that_is_served_is_the_one_that_is_compiled_in() {
    let world = World::new().await;
    let served = world.anonymous.get("/api/openapi.json").await;
    assert_eq!((served.status, served.header("content-type")), (200, Some("application/json")));
    assert_eq!(served.json(), serde_json::to_value(server::api::document()).unwrap());
    assert!(served.field("/openapi").starts_with("3.1"));
}

#[tokio::test]
async fn everything_the_document_refers_to_is_in_it() {
    let document = serde_json::to_value(server::api::document()).unwrap();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 20, "{references:?}");
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

#[tokio::test]
async fn the_documentation_is_a_page_for_people() {
    let world = World::new().await;
    let answer = world.anonymous.get("/api/docs").await;
    assert!(matches!(answer.status, 301..=308), "{}", answer.status);
    assert_eq!(answer.header("location"), Some("/api/docs/"));
    let page = world.anonymous.get("/api/docs/").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html")));
    assert!(page.text().contains("swagger-ui"));
    let script = world.anonymous.get("/api/docs/swagger-ui-bundle.js").await;
    assert_eq!(script.status, 200);
}
