//! `GET /api/users`, and what all lists have in common.

use insta::assert_snapshot;
use serde_json::Value;

use crate::actor::Actor;
use crate::world::World;

/// Every row of a list, read part by part.
pub(crate) async fn walk(actor: &Actor, path: &str, limit: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let cursor_query = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let part = actor.get(&format!("{path}?limit={limit}{cursor_query}")).await;
        assert_eq!(part.status, 200, "{part}");
        assert!(part.rows().len() <= limit, "{part}");
        rows.extend(part.rows());
        match &part.json()["next_cursor"] {
            Value::Null => return rows,
            Value::String(next) => cursor = Some(next.clone()),
            other => panic!("a cursor is text or null, not {other}"),
        }
    }
}

async fn world_of(people: usize) -> World {
    let world = World::new().await;
    for number in 5..=people {
        world.join(&format!("Person {number}"), None).await;
    }
    world
}

fn ids(rows: &[Value]) -> Vec<i64> {
    rows.iter().map(|row| row["user_id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn members_come_newest_first() {
    let world = World::new().await;
    assert_snapshot!(world.owner.get("/api/users?limit=2").await, @r#"
    200 {
      "data": [
        {
          "email": "esha.nair@example.com",
          "external_id": null,
          "is_active": true,
          "joined_at": "2026-01-01T00:00:00.000Z",
          "metadata": {},
          "name": "Esha Nair",
          "referral_code": "SN2WVP89EK",
          "referral_link": "https://shop.example/r/SN2WVP89EK",
          "referrer_id": null,
          "slots_limit": 8,
          "slots_used": 0,
          "user_id": 4
        },
        {
          "email": "chetan.gupta@example.com",
          "external_id": null,
          "is_active": true,
          "joined_at": "2026-01-01T00:00:00.000Z",
          "metadata": {},
          "name": "Chetan Gupta",
          "referral_code": "Y1B8S4HJET",
          "referral_link": "https://shop.example/r/Y1B8S4HJET",
          "referrer_id": 2,
          "slots_limit": 8,
          "slots_used": 0,
          "user_id": 3
        }
      ],
      "next_cursor": "3"
    }
    "#);
    let rest = world.owner.get("/api/users?limit=3&cursor=3").await;
    assert_eq!((ids(&rest.rows()), &rest.json()["next_cursor"]), (vec![2, 1], &Value::Null));
}

#[tokio::test]
async fn every_row_is_met_once_however_large_the_parts_are() {
    let world = world_of(25).await;
    let service = world.service("read").await;
    let all: Vec<i64> = (1..=25).rev().collect();
    for limit in [1, 2, 5, 7, 24, 25, 26, 100] {
        assert_eq!(ids(&walk(&service, "/api/users", limit).await), all, "{limit} at a time");
    }
}

#[tokio::test]
async fn who_joins_meanwhile_moves_no_row() {
    let world = world_of(6).await;
    let first = world.owner.get("/api/users?limit=3").await;
    world.join("Late Comer", None).await;
    let cursor = first.field("/next_cursor");
    let second = world.owner.get(&format!("/api/users?limit=3&cursor={cursor}")).await;
    assert_eq!((ids(&first.rows()), ids(&second.rows())), (vec![6, 5, 4], vec![3, 2, 1]));
}

#[tokio::test]
async fn twenty_rows_come_unless_asked_otherwise() {
    let world = world_of(21).await;
    let answer = world.owner.get("/api/users").await;
    assert_eq!((answer.rows().len(), answer.field("/next_cursor").as_str()), (20, "2"));
}

#[tokio::test]
async fn a_limit_is_1_to_100_and_a_cursor_is_one_of_ours() {
    let world = World::new().await;
    for list in ["/api/users", "/api/purchases", "/api/earnings/1/entries"] {
        for query in ["limit=1", "limit=100", "limit=020", "cursor=1", "cursor=9007199254740991"] {
            let answer = world.owner.get(&format!("{list}?{query}")).await;
            assert_eq!(answer.status, 200, "{list}?{query}");
        }
        for query in [
            "limit=0",
            "limit=101",
            "limit=-1",
            "limit=1.5",
            "limit=x",
            "limit=",
            "limit=%D9%A1",
            "limit=99999999999999999999",
            "cursor=",
            "cursor=x",
            "cursor=1-2",
            "cursor=null",
        ] {
            let answer = world.owner.get(&format!("{list}?{query}")).await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_query"), "{list}?{query}");
        }
    }
}

#[tokio::test]
async fn a_limit_is_given_once() {
    let world = World::new().await;
    let answer = world.owner.get("/api/users?limit=1&limit=2").await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_query"));
}
