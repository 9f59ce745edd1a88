//! `GET /api/payouts/preview`

use insta::assert_snapshot;
use serde_json::json;

use crate::world::{ASHA, BINA, CHETAN, ESHA, World};

const PATH: &str = "/api/payouts/preview";

#[tokio::test]
async fn a_preview_says_who_is_due_what_and_moves_nothing() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    let payer = world.service("payouts:write").await;
    let preview = payer.get(PATH).await;
    assert_snapshot!(preview, @r#"
    200 {
      "currency": "INR",
      "data": [
        {
          "amount": "20.00",
          "email": "asha.rao@example.com",
          "user_id": 1,
          "user_name": "Asha Rao"
        },
        {
          "amount": "100.00",
          "email": "bina.shah@example.com",
          "user_id": 2,
          "user_name": "Bina Shah"
        }
      ],
      "minimum": "0.01",
      "payouts": 2,
      "total": "120.00"
    }
    "#);
    assert_eq!(payer.get(PATH).await.text(), preview.text());
    assert_eq!(world.member.get("/api/earnings/1").await.field("/balance"), "20.00");
}

#[tokio::test]
async fn whoever_is_due_less_than_the_minimum_is_left_out() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    for (minimum, due) in [
        ("0.01", vec![ASHA, BINA]),
        ("20", vec![ASHA, BINA]),
        ("20.01", vec![BINA]),
        ("100.00", vec![BINA]),
        ("100.01", vec![]),
    ] {
        let preview = world.owner.get(&format!("{PATH}?minimum={minimum}")).await.json();
        let users: Vec<_> =
            preview["data"].as_array().unwrap().iter().map(|row| row["user_id"].clone()).collect();
        assert_eq!(users, due, "{minimum}");
        assert_eq!(preview["payouts"], due.len());
    }
}

#[tokio::test]
async fn those_who_are_due_most_come_first_where_that_is_asked_for() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.credit(ESHA, "20.00", "thanks").await;
    for (query, expected) in [
        ("", vec![ASHA, BINA, ESHA]),
        ("?sort=user", vec![ASHA, BINA, ESHA]),
        ("?sort=amount", vec![BINA, ASHA, ESHA]),
        ("?sort=amount&minimum=20.01", vec![BINA]),
    ] {
        let preview = world.owner.get(&format!("{PATH}{query}")).await;
        let users: Vec<_> = preview.rows().iter().map(|row| row["user_id"].clone()).collect();
        assert_eq!(users, expected, "{query}");
    }
}

#[tokio::test]
async fn a_debt_is_due_to_nobody_and_is_carried_to_the_next_run() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.pay_out().await;
    world.refund(1, "2000.00").await;
    assert_eq!(world.member.get("/api/earnings/1").await.field("/balance"), "-20.00");
    assert_eq!(world.owner.get(PATH).await.field("/payouts"), "0");
    world.buy(CHETAN, "5000.00").await;
    let due = world.owner.get(PATH).await.json()["data"].clone();
    assert_eq!([&due[0]["amount"], &due[1]["amount"]], [&json!("30.00"), &json!("150.00")]);
}

#[tokio::test]
async fn a_minimum_that_is_no_amount_is_400_for_those_who_may_look() {
    let world = World::new().await;
    for query in [
        "minimum=",
        "minimum=x",
        "minimum=0",
        "minimum=-1",
        "minimum=1.001",
        "minimum=1&minimum=2",
        "sort=",
        "sort=name",
        "sort=amount&sort=amount",
    ] {
        let answer = world.owner.get(&format!("{PATH}?{query}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_query"), "{query}");
        assert_eq!(world.member.get(&format!("{PATH}?{query}")).await.status, 403);
    }
}

#[tokio::test]
async fn all_are_counted_and_the_first_thousand_are_shown() {
    let world = World::new().await;
    let insert = async |tx: &mut store::Tx<'_>| {
        for number in 0..1_001 {
            let new = store::NewUser {
                name: "Member".parse().unwrap(),
                email: format!("m{number}@example.com").parse().unwrap(),
                code: domain::ReferralCode::from_bits(number),
                referrer: None,
                plan: domain::PlanVersion::new(1),
                password_hash: None,
                reference: None,
                external_id: None,
                metadata: domain::Metadata::default(),
                joined_at: domain::Timestamp::from_millis(0),
            };
            let user = tx.insert_user(&new).await?;
            let reason = "thanks".parse().unwrap();
            let amount = domain::Money::from_paise(1);
            let at = domain::Timestamp::from_millis(0);
            let new = store::NewAdjustment { user, amount, reason, reference: None, created_at: at };
            let cause = domain::Cause::Adjustment(tx.insert_adjustment(&new).await?);
            let entry = domain::Account::new(user).post(cause, amount, domain::EntryTimes::at(at)).unwrap();
            tx.append_entries(&[entry]).await?;
        }
        Ok::<_, store::Error>(())
    };
    world.app.store().write(insert).await.unwrap();
    let preview = world.owner.get(PATH).await.json();
    assert_eq!((&preview["payouts"], &preview["total"]), (&json!(1_001), &json!("10.01")));
    assert_eq!(preview["data"].as_array().unwrap().len(), 1_000);
}
