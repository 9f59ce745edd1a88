//! `GET /api/earnings/{user_id}/chart`

use insta::assert_snapshot;

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
      "sources": [],
      "user_id": 1
    }
    "#);
}
