//! `GET /api/users/{user_id}/referrals`

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{BINA, CHETAN, World};

#[tokio::test]
async fn a_member_sees_whom_she_brought_and_a_shadow_of_whom_they_brought() {
    let world = World::new().await;
    world.buy(BINA, "2000.00").await;
    world.buy(CHETAN, "3000.00").await;
    world.set_active(CHETAN, false).await;
    assert_snapshot!(world.member.get("/api/users/1/referrals").await, @r#"
    200 {
      "counts": {
        "level_1": 1,
        "level_2": 1
      },
      "level_1": [
        {
          "earned": "100.00",
          "id": 2,
          "is_active": true,
          "joined_at": "2026-01-01T00:00:00.000Z",
          "name": "Bina Shah"
        }
      ],
      "level_2": [
        {
          "earned": "30.00",
          "id": 3,
          "is_active": false,
          "joined_at": "2026-01-01T00:00:00.000Z",
          "name": "C•••",
          "referred_by": 2
        }
      ],
      "truncated": false,
      "user_id": 1
    }
    "#);
}

#[tokio::test]
async fn those_who_see_all_see_the_names() {
    let world = World::new().await;
    let answer = world.service("read").await.get("/api/users/1/referrals").await;
    assert_eq!(answer.field("/level_2/0/name"), "Chetan Gupta");
}

#[tokio::test]
async fn nobody_brought_is_two_empty_lists() {
    let world = World::new().await;
    assert_snapshot!(world.other_member.get("/api/users/4/referrals").await, @r#"
    200 {
      "counts": {
        "level_1": 0,
        "level_2": 0
      },
      "level_1": [],
      "level_2": [],
      "truncated": false,
      "user_id": 4
    }
    "#);
}

#[tokio::test]
async fn a_full_tree_shows_8_and_64_and_nobody_below() {
    let world = World::new().await;
    let root = world.join("Root", None).await;
    let mut first = Vec::new();
    for number in 0..8 {
        first.push(world.join(&format!("First {number}"), Some(&root.code)).await);
    }
    let mut second = Vec::new();
    for above in &first {
        for number in 0..8 {
            second.push(world.join(&format!("Second {number} of {}", above.id), Some(&above.code)).await);
        }
    }
    world.advance(Duration::from_secs(1));
    world.join("Third", Some(&second[0].code)).await;

    let answer = root.actor.get(&format!("/api/users/{}/referrals", root.id)).await.json();
    let ids = |level: &str| -> Vec<i64> {
        answer[level].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(ids("level_1"), first.iter().map(|joined| joined.id).collect::<Vec<_>>());
    assert_eq!(ids("level_2"), second.iter().map(|joined| joined.id).collect::<Vec<_>>());
    let brought_by = |row: &Value| row["referred_by"].as_i64().unwrap();
    let by_first = answer["level_2"].as_array().unwrap().iter().filter(|row| brought_by(row) == first[0].id);
    assert_eq!(by_first.count(), 8);
    assert!(answer.get("level_3").is_none());
    assert_eq!(answer["counts"], json!({"level_1": 8, "level_2": 64}));
    assert_eq!(answer["truncated"], false);
}
