//! `GET /api/earnings/{user_id}/chart`

use insta::assert_snapshot;
use serde_json::json;

use crate::world::{BINA, CHETAN, World};

#[tokio::test]
async fn one_row_for_each_person_who_bought_most_earned_first() {
    let world = World::new().await;
    let code = world.code_of(BINA).await;
    let divya = world.join("Divya Menon", Some(&code)).await;
    for amount in ["2000.00", "3000.00", "999.00"] {
        world.buy(CHETAN, amount).await;
    }
    world.buy(divya.id, "9000.00").await;
    world.buy(BINA, "1100.00").await;
    assert_snapshot!(world.member.get("/api/earnings/1/chart").await, @r#"
    200 {
      "level_distribution": {
        "level_1": "55.00",
        "level_2": "140.00"
      },
      "next_cursor": null,
      "others": {
        "amount_earned": "0.00",
        "people": 0,
        "purchases": 0
      },
      "sources": [
        {
          "amount_earned": "90.00",
          "level": 2,
          "purchases": 1,
          "user_id": 5,
          "user_name": "D•••"
        },
        {
          "amount_earned": "55.00",
          "level": 1,
          "purchases": 1,
          "user_id": 2,
          "user_name": "Bina Shah"
        },
        {
          "amount_earned": "50.00",
          "level": 2,
          "purchases": 2,
          "user_id": 3,
          "user_name": "C•••"
        }
      ],
      "user_id": 1
    }
    "#);
}

#[tokio::test]
async fn who_bought_and_earned_her_nothing_is_not_in_the_chart() {
    let world = World::new().await;
    world.buy(BINA, "1000.00").await;
    assert_snapshot!(world.member.get("/api/earnings/1/chart").await, @r#"
    200 {
      "level_distribution": {
        "level_1": "0.00",
        "level_2": "0.00"
      },
      "next_cursor": null,
      "others": {
        "amount_earned": "0.00",
        "people": 0,
        "purchases": 0
      },
      "sources": [],
      "user_id": 1
    }
    "#);
}

#[tokio::test]
async fn the_rows_are_paged_and_what_is_not_listed_is_summed() {
    let world = World::new().await;
    let code = world.code_of(BINA).await;
    let divya = world.join("Divya Menon", Some(&code)).await;
    for (buyer, amount) in
        [(CHETAN, "2000.00"), (CHETAN, "3000.00"), (divya.id, "5000.00"), (BINA, "1100.00")]
    {
        world.buy(buyer, amount).await;
    }
    let first = world.member.get("/api/earnings/1/chart?limit=1").await.json();
    assert_eq!(first["sources"].as_array().unwrap().len(), 1);
    assert_eq!(first["sources"][0]["amount_earned"], "55.00");
    assert_eq!(first["others"], json!({"people": 2, "amount_earned": "100.00", "purchases": 3}));
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world.member.get(&format!("/api/earnings/1/chart?limit=2&cursor={cursor}")).await.json();
    let rows = second["sources"].as_array().unwrap();
    let ids: Vec<_> = rows.iter().map(|row| row["user_id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [CHETAN, divya.id], "who brought the same, by age");
    assert_eq!(second["others"], json!({"people": 1, "amount_earned": "55.00", "purchases": 1}));
    assert_eq!(second["next_cursor"], json!(null));
    for query in ["limit=0", "limit=101", "cursor=7", "cursor=a.b", "cursor=5.-1.2"] {
        let refused = world.member.get(&format!("/api/earnings/1/chart?{query}")).await;
        assert_eq!((refused.status, refused.code()), (400, "invalid_query".into()), "{query}");
    }
}
