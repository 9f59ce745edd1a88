//! `GET /api/stats`

use std::time::Duration;

use insta::assert_snapshot;

use crate::world::{BINA, CHETAN, ESHA, World};

#[tokio::test]
async fn the_programme_is_summed_at_most_every_two_seconds() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.buy(CHETAN, "999.99").await;
    world.set_active(ESHA, false).await;
    assert_snapshot!(world.owner.get("/api/stats").await, @r#"
    200 {
      "active_members": 3,
      "as_of": "2026-01-01T00:00:00.000Z",
      "commission_by_level": {
        "level_1": "100.00",
        "level_2": "20.00"
      },
      "commissions": "120.00",
      "currency": "INR",
      "members": 4,
      "purchases": 2,
      "reversed": "0.00",
      "sales": "2999.99"
    }
    "#);

    world.buy(BINA, "2000.00").await;
    world.advance(Duration::from_millis(1_999));
    assert_eq!(world.owner.get("/api/stats").await.field("/purchases"), "2", "kept for two seconds");
    world.advance(Duration::from_millis(1));
    let fresh = world.owner.get("/api/stats").await;
    assert_eq!((fresh.field("/purchases"), fresh.field("/commissions")), ("3".into(), "220.00".into()));
    assert_eq!(fresh.field("/as_of"), "2026-01-01T00:00:02.000Z");
}
