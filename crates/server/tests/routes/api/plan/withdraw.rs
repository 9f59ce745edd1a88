//! `DELETE /api/plan/versions/{version}`

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::answer::Answer;
use crate::world::World;

async fn withdraw(world: &World, version: &str) -> Answer {
    world.owner.send(Method::DELETE, &format!("/api/plan/versions/{version}"), "").await
}

#[tokio::test]
async fn a_plan_that_is_to_come_is_withdrawn() {
    let world = World::new().await;
    let terms = json!({
        "levels": ["10%"], "commission_above": "0", "max_direct_referrals": 8, "effective_from": "2026-02-01",
    });
    let set = world.owner.put("/api/plan", terms).await;
    assert_eq!((set.status, set.field("/withdrawn_at")), (200, "null".into()));
    let withdrawn = withdraw(&world, "2").await;
    assert_eq!((withdrawn.status, withdrawn.field("/version")), (200, "2".into()));
    assert_eq!(withdrawn.field("/withdrawn_at"), "2026-01-01T00:00:00.000Z");
    assert_eq!(withdraw(&world, "2").await.json(), withdrawn.json(), "again");
    assert_eq!(world.owner.get("/api/plan/versions").await.rows()[0], withdrawn.json());
    let reader = world.service("read").await;
    world.advance(Duration::from_hours(24 * 60));
    assert_eq!(reader.get("/api/plan").await.field("/version"), "1");
}

#[tokio::test]
async fn what_cannot_be_withdrawn_says_why() {
    let world = World::new().await;
    for (version, status, code) in
        [("1", 409, "plan_began"), ("404", 404, "plan_not_found"), ("first", 400, "invalid_id")]
    {
        let refused = withdraw(&world, version).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code), "{version}");
    }
}
