//! `GET /api/earnings/{user_id}/statement` and `statement.csv`

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{ASHA, BINA, CHETAN, World};

const DAY: Duration = Duration::from_hours(24);

/// Two months of Asha: earned in January, earned, refunded, paid, failed and
/// adjusted in February; it is March.
async fn world_with_a_past() -> World {
    let world = World::new().await;
    world.buy(BINA, "2000.00").await;
    world.advance(30 * DAY);
    world.advance(Duration::from_millis(24 * 60 * 60 * 1_000 - 1));
    world.buy(CHETAN, "3000.00").await;
    world.advance(Duration::from_millis(1));
    world.buy(CHETAN, "5000.00").await;
    world.refund(1, "500.00").await;
    world.pay_out().await;
    world.fail_payout(1, "account closed").await;
    world.pay_out().await;
    world.credit(1, "7.00", "spring campaign").await;
    world.advance(28 * DAY);
    world
}

#[tokio::test]
async fn a_statement_opens_with_what_the_one_before_closed_with() {
    let world = world_with_a_past().await;
    let asha = world.signed_in(ASHA).await;
    let mut statement = asha.get("/api/earnings/1/statement?month=2026-02").await.json();
    let mut entries = statement["entries"].take();
    entries.as_array_mut().unwrap().reverse();
    for entry in entries.as_array_mut().unwrap() {
        let balance = entry.as_object_mut().unwrap().remove("statement_balance");
        assert_eq!(balance.as_ref(), entry.get("balance"), "no line was booked late");
    }
    assert_eq!(entries, asha.get("/api/earnings/1/entries?limit=6").await.json()["data"]);
    assert_snapshot!(format!("{statement:#}"), @r#"
    {
      "adjusted": "7.00",
      "begins_at": "2026-02-01T00:00:00.000Z",
      "closed_at": null,
      "closing_balance": "7.00",
      "commissions": "50.00",
      "currency": "INR",
      "ends_at": "2026-03-01T00:00:00.000Z",
      "entries": null,
      "month": "2026-02",
      "opening_balance": "130.00",
      "paid": "155.00",
      "reopened_at": null,
      "reversed": "25.00",
      "time_zone": "UTC",
      "truncated": false,
      "user_id": 1,
      "user_name": "Asha Rao"
    }
    "#);
    let mut told = Vec::new();
    for month in ["2025-12", "2026-01", "2026-02", "2026-03", "2026-04"] {
        let statement = asha.get(&format!("/api/earnings/1/statement?month={month}")).await.json();
        let entries = statement["entries"].as_array().unwrap().len();
        told.push((statement["opening_balance"].clone(), statement["closing_balance"].clone(), entries));
    }
    let expected = [
        ("0.00", "0.00", 0),
        ("0.00", "130.00", 2),
        ("130.00", "7.00", 6),
        ("7.00", "7.00", 0),
        ("7.00", "7.00", 0),
    ];
    assert_eq!(told, expected.map(|(opening, closing, lines)| (json!(opening), json!(closing), lines)));
}

#[tokio::test]
async fn without_a_month_it_is_this_one() {
    let world = world_with_a_past().await;
    let asha = world.signed_in(ASHA).await;
    world.buy(BINA, "1100.00").await;
    let statement = asha.get("/api/earnings/1/statement").await;
    assert_eq!(
        (statement.field("/month"), statement.field("/entries/0/seq")),
        ("2026-03".into(), "9".into())
    );
    assert_eq!(statement.text(), asha.get("/api/earnings/1/statement?month=2026-03").await.text());
}

#[tokio::test]
async fn a_file_has_the_same_lines() {
    let world = world_with_a_past().await;
    let asha = world.signed_in(ASHA).await;
    let file = asha.get("/api/earnings/1/statement.csv?month=2026-02").await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"statement-1-2026-02.csv\""));
    assert!(file.text().lines().count() == file.text().matches("\r\n").count());
    assert_snapshot!(file.text().replace('\r', ""), @"
    id,created_at,booked_at,kind,level,from_user,purchase_id,refund_id,payout_id,adjustment_id,reason,amount,balance,statement_balance
    1-3,2026-02-01T00:00:00.000Z,2026-02-01T00:00:00.000Z,commission,2,C•••,3,,,,,50.00,180.00,180.00
    1-4,2026-02-01T00:00:00.000Z,2026-02-01T00:00:00.000Z,reversal,1,Bina Shah,1,1,,,,-25.00,155.00,155.00
    1-5,2026-02-01T00:00:00.000Z,2026-02-01T00:00:00.000Z,payout,,,,,1,,,-155.00,0.00,0.00
    1-6,2026-02-01T00:00:00.000Z,2026-02-01T00:00:00.000Z,payout_returned,,,,,1,,account closed,155.00,155.00,155.00
    1-7,2026-02-01T00:00:00.000Z,2026-02-01T00:00:00.000Z,payout,,,,,3,,,-155.00,0.00,0.00
    1-8,2026-02-01T00:00:00.000Z,2026-02-01T00:00:00.000Z,adjustment,,,,,,1,spring campaign,7.00,7.00,7.00
    ");
    let unspecified = asha.get("/api/earnings/1/statement.csv").await;
    assert_eq!(unspecified.text().lines().count(), 1, "nothing yet in March");
    assert!(unspecified.header("content-disposition").unwrap().contains("2026-03"));
}

#[tokio::test]
async fn no_cell_that_somebody_typed_is_run_by_a_spreadsheet() {
    let world = World::new().await;
    let asha = world.code_of(1).await;
    let evil = world.join("=cmd|' /C calc'!A0, \"x\"", Some(&asha)).await;
    world.buy(evil.id, "2000.00").await;
    world.credit(1, "1.00", "@SUM(1+1)*cmd").await;
    let debit = json!({"direction": "debit", "amount": "2.00", "reason": "-2+3"});
    assert_eq!(world.owner.post("/api/users/1/adjustments", debit).await.status, 201);
    let file = world.member.get("/api/earnings/1/statement.csv").await;
    let rows: Vec<&str> = file.text().lines().skip(1).collect();
    assert!(rows[0].contains(r#","'=cmd|' /C calc'!A0, ""x""","#), "{rows:?}");
    assert!(rows[1].contains(",'@SUM(1+1)*cmd,"), "{rows:?}");
    assert!(rows[2].ends_with(",'-2+3,-2.00,99.00,99.00"), "numbers stay numbers: {rows:?}");
}

#[tokio::test]
async fn names_beyond_level_1_are_masked_for_the_member_alone() {
    let world = world_with_a_past().await;
    let asha = world.signed_in(ASHA).await;
    for path in ["statement", "statement.csv"] {
        let path = format!("/api/earnings/1/{path}?month=2026-02");
        let (own, all) = (asha.get(&path).await, world.admin.get(&path).await);
        assert!(own.text().contains("C•••") && !own.text().contains("Chetan"), "{}", own.text());
        assert!(own.text().contains("Bina Shah") && all.text().contains("Chetan Gupta"));
    }
}

#[tokio::test]
async fn what_is_no_month_is_400() {
    let world = World::new().await;
    for path in ["statement", "statement.csv"] {
        for query in [
            "month=",
            "month=2026",
            "month=2026-13",
            "month=2026-1",
            "month=01-2026",
            "month=2026-01&month=2026-01",
        ] {
            let answer = world.member.get(&format!("/api/earnings/1/{path}?{query}")).await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_query"), "{path} {query}");
            assert_eq!(world.member.get(&format!("/api/earnings/4/{path}?{query}")).await.status, 403);
        }
    }
}

#[tokio::test]
async fn ten_thousand_lines_are_shown_and_all_are_in_the_file() {
    let world = World::new().await;
    let sales = async |tx: &mut store::Tx<'_>| {
        for _ in 0..11 {
            let (buyer, amount) = (domain::UserId::new(BINA), domain::Money::from_paise(2_000_00));
            let sale = app::purchases::NewPurchase::new(buyer, amount);
            app::purchases::record_batch(
                tx,
                domain::Timestamp::from_millis(1_767_225_600_000),
                &vec![sale; 1_000],
            )
            .await?;
        }
        Ok::<_, store::Error>(())
    };
    world.app.store().write(sales).await.unwrap();
    let statement = world.member.get("/api/earnings/1/statement").await.json();
    assert_eq!(statement["entries"].as_array().unwrap().len(), 10_000);
    assert_eq!(
        (&statement["truncated"], &statement["closing_balance"]),
        (&Value::Bool(true), &json!("1100000.00"))
    );
    assert_eq!(statement["commissions"], "1100000.00", "the sums are of all lines");
    let file = world.member.get("/api/earnings/1/statement.csv").await;
    let seqs: Vec<&str> = file.text().lines().skip(1).map(|row| row.split_once(',').unwrap().0).collect();
    assert_eq!(seqs, (1..=11_000).map(|seq| format!("1-{seq}")).collect::<Vec<_>>());
}
