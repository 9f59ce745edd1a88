//! `GET` and `PATCH /api/users/{user_id}`

use insta::assert_snapshot;
use serde_json::json;

use crate::world::{BINA, World};

#[tokio::test]
async fn a_member_sees_herself_without_her_address() {
    let world = World::new().await;
    assert_snapshot!(world.member.get("/api/users/1").await, @r#"
    200 {
      "is_active": true,
      "joined_at": "2026-01-01T00:00:00.000Z",
      "name": "Asha Rao",
      "referral_code": "0TCK9K0631",
      "referral_link": "https://shop.example/r/0TCK9K0631",
      "referrer_id": null,
      "slots_limit": 8,
      "slots_used": 1,
      "user_id": 1
    }
    "#);
}

#[tokio::test]
async fn those_who_see_all_see_the_address() {
    let world = World::new().await;
    let service = world.service("read").await;
    assert_snapshot!(service.get("/api/users/2").await, @r#"
    200 {
      "email": "bina.shah@example.com",
      "external_id": null,
      "is_active": true,
      "joined_at": "2026-01-01T00:00:00.000Z",
      "metadata": {},
      "name": "Bina Shah",
      "referral_code": "6H4Q60TTAA",
      "referral_link": "https://shop.example/r/6H4Q60TTAA",
      "referrer_id": 1,
      "slots_limit": 8,
      "slots_used": 1,
      "user_id": 2
    }
    "#);
    for actor in [&world.admin, &world.owner] {
        assert_eq!(actor.get("/api/users/2").await.field("/email"), "bina.shah@example.com");
    }
}

#[tokio::test]
async fn the_owner_switches_a_member_off_and_on_again() {
    let world = World::new().await;
    assert_snapshot!(world.owner.patch("/api/users/2", json!({"is_active": false})).await, @r#"
    200 {
      "email": "bina.shah@example.com",
      "external_id": null,
      "is_active": false,
      "joined_at": "2026-01-01T00:00:00.000Z",
      "metadata": {},
      "name": "Bina Shah",
      "referral_code": "6H4Q60TTAA",
      "referral_link": "https://shop.example/r/6H4Q60TTAA",
      "referrer_id": 1,
      "slots_limit": 8,
      "slots_used": 1,
      "user_id": 2
    }
    "#);
    world.set_active(BINA, false).await;
    assert_eq!(world.owner.get("/api/users/2").await.field("/is_active"), "false");
    let answer = world.admin.patch("/api/users/2", json!({"is_active": true})).await;
    assert_eq!((answer.status, answer.field("/is_active")), (200, "true".into()));
}
