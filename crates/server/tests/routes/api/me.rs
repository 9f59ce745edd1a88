//! `GET /api/me`

use insta::assert_snapshot;

use crate::world::World;

#[tokio::test]
async fn everybody_is_told_who_she_is_and_on_what_terms() {
    let world = World::new().await;
    assert_snapshot!(world.member.get("/api/me").await, @r#"
    200 {
      "commission_above": "1000.00",
      "currency": "INR",
      "kind": "member",
      "levels": [
        "5%",
        "1%"
      ],
      "max_direct_referrals": 8,
      "name": "Asha Rao",
      "scopes": [],
      "time_zone": "UTC",
      "user_id": 1
    }
    "#);
    assert_snapshot!(world.owner.get("/api/me").await, @r#"
    200 {
      "commission_above": "1000.00",
      "currency": "INR",
      "kind": "admin",
      "levels": [
        "5%",
        "1%"
      ],
      "max_direct_referrals": 8,
      "name": null,
      "scopes": [],
      "time_zone": "UTC",
      "user_id": null
    }
    "#);
    let service = world.service("purchases:write read").await;
    assert_snapshot!(service.get("/api/me").await, @r#"
    200 {
      "commission_above": "1000.00",
      "currency": "INR",
      "kind": "service",
      "levels": [
        "5%",
        "1%"
      ],
      "max_direct_referrals": 8,
      "name": null,
      "scopes": [
        "read",
        "purchases:write"
      ],
      "time_zone": "UTC",
      "user_id": null
    }
    "#);
    assert_eq!(world.admin.get("/api/me").await.json()["scopes"], serde_json::json!(["admin"]));
}

#[tokio::test]
async fn an_inactive_member_still_signs_in_and_reads() {
    let world = World::new().await;
    world.set_active(crate::world::ASHA, false).await;
    for path in ["/api/me", "/api/users/1", "/api/users/1/referrals", "/api/earnings/1"] {
        assert_eq!(world.member.get(path).await.status, 200, "{path}");
    }
}
