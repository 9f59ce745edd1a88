//! Query fields: what a route does not take is refused by name, on every route.

use crate::who_may::{Operation, world_in_which_everything_is_there};
use crate::world::{ASHA, World};

/// The query fields that the document describes for this operation.
fn described(operation: &Operation) -> Vec<String> {
    let document = serde_json::to_value(server::api::document()).unwrap();
    let route = &document["paths"][&operation.template][operation.method.to_lowercase()];
    let parameters = route["parameters"].as_array().cloned().unwrap_or_default();
    let fields = parameters.iter().filter(|parameter| parameter["in"] == "query");
    fields.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
}

/// Whether the document says that nobody has to sign in for it.
fn is_open(operation: &Operation) -> bool {
    let document = serde_json::to_value(server::api::document()).unwrap();
    let route = &document["paths"][&operation.template][operation.method.to_lowercase()];
    route["security"].as_array().is_some_and(|ways| ways.contains(&serde_json::json!({})))
}

#[tokio::test]
async fn an_unknown_query_field_is_400_with_its_name_on_every_route() {
    let world = world_in_which_everything_is_there().await;
    for (call, operation) in Operation::all().into_iter().enumerate() {
        for actor in [&world.owner, &world.admin] {
            let answer = operation.ask_with("nonsense=1", actor, ASHA, call).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (400, "invalid_query"),
                "{}",
                operation.name()
            );
            let detail = answer.field("/detail");
            assert!(detail.contains("`nonsense`"), "{}: {detail}", operation.name());
            for field in described(&operation) {
                assert!(detail.contains(&format!("`{field}`")), "{}: {detail}", operation.name());
            }
        }
        for field in described(&operation) {
            let both = operation.ask_with(&format!("{field}=1&Limit=5"), &world.owner, ASHA, call).await;
            assert!(both.field("/detail").contains("`Limit`"), "{}: {both}", operation.name());
            let alone = operation.ask_with(&format!("{field}=1"), &world.owner, ASHA, call).await;
            let refused = alone.status == 400 && alone.field("/detail").contains("no query field");
            assert!(!refused, "{} describes {field} and refuses it: {alone}", operation.name());
        }
    }
}

#[tokio::test]
async fn what_is_refused_has_no_effect() {
    let world = World::new().await;
    let sale = serde_json::json!({"user_id": ASHA, "amount": "5", "reference": "order-1"});
    assert_eq!(world.admin.post("/api/purchases?dry_run=true", sale.clone()).await.status, 400);
    assert!(world.admin.get("/api/purchases").await.rows().is_empty());
    assert_eq!(world.admin.post("/api/purchases?", sale).await.status, 201, "an empty query asks nothing");
}

#[tokio::test]
async fn whoever_has_to_sign_in_is_told_that_first() {
    let world = World::new().await;
    for operation in Operation::all() {
        let answer = operation.ask_with("nonsense=1", &world.anonymous, ASHA, 0).await;
        assert_eq!(answer.status, if is_open(&operation) { 400 } else { 401 }, "{}", operation.name());
    }
}

#[tokio::test]
async fn names_are_read_as_forms_write_them_and_told_in_part_when_they_are_long() {
    let world = World::new().await;
    for (query, name) in [
        ("li%6Dit=5&curs%6fr=1", None),
        ("limit=5&limit+=5", Some("`limit `")),
        ("=1", Some("``")),
        ("%00=1", Some("`\0`")),
        ("nonsense", Some("`nonsense`")),
    ] {
        let answer = world.owner.get(&format!("/api/users?{query}")).await;
        match name {
            None => assert_eq!(answer.status, 200, "{query}: {answer}"),
            Some(name) => {
                assert_eq!(answer.status, 400, "{query}");
                assert!(answer.field("/detail").contains(name), "{query}: {answer}");
            }
        }
    }
    let long = world.owner.get(&format!("/api/users?{}=1", "x".repeat(5_000))).await;
    assert!(long.field("/detail").len() < 200, "{long}");
}

#[tokio::test]
async fn probes_and_pages_take_what_others_hang_on_them() {
    let world = World::new().await;
    for path in ["/healthz?t=1", "/readyz?t=1", "/?utm_source=mail", "/api/openapi.json?v=2"] {
        assert_eq!(world.anonymous.get(path).await.status, 200, "{path}");
    }
    let metrics = world.owner.get("/metrics?collect=all").await;
    assert_eq!((metrics.status, metrics.code().as_str()), (400, "invalid_query"));
    assert_eq!(world.anonymous.get("/metrics?collect=all").await.status, 401);
}
