//! `POST /api/users/{user_id}/tokens`

use insta::assert_snapshot;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_shop_signs_its_customer_in_as_herself_and_nobody_else() {
    let world = World::new().await;
    let shop = world.service("users:write").await;
    let answer = shop.post("/api/users/2/tokens", json!({"ttl": "30m"})).await;
    assert_snapshot!(answer, @r#"
    201 {
      "expires_at": "2026-01-01T00:30:00.000Z",
      "token": "[token]"
    }
    "#);
    let bina = world.bearer(&answer.field("/token"));
    assert_eq!(bina.get("/api/users/2").await.status, 200);
    assert_eq!(bina.get("/api/users/1").await.status, 403);
}

#[tokio::test]
async fn a_token_is_good_for_a_day_unless_asked_otherwise() {
    let world = World::new().await;
    for (body, expires_at) in [
        (json!({}), "2026-01-02T00:00:00.000Z"),
        (json!({"ttl": null}), "2026-01-02T00:00:00.000Z"),
        (json!({"ttl": "1s"}), "2026-01-01T00:00:01.000Z"),
        (json!({"ttl": "12h"}), "2026-01-01T12:00:00.000Z"),
        (json!({"ttl": "30d"}), "2026-01-31T00:00:00.000Z"),
    ] {
        let answer = world.owner.post("/api/users/2/tokens", body.clone()).await;
        assert_eq!((answer.status, answer.field("/expires_at").as_str()), (201, expires_at), "{body}");
    }
}

#[tokio::test]
async fn a_time_that_is_none_or_too_long_is_refused() {
    let world = World::new().await;
    for ttl in ["", "0s", "31d", "-1h", "1", "h", "1 h", "1w", "1.5h", "99999999999999999999d", "١h"] {
        let answer = world.owner.post("/api/users/2/tokens", json!({"ttl": ttl})).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec!["/ttl".to_owned()]), "{ttl}");
    }
}
