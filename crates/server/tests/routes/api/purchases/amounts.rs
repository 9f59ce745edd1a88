//! `POST /api/purchases`: which amounts are taken, and what they are taken for.

use crate::answer::Answer;
use crate::world::World;

/// Reports a purchase of Esha with this JSON as its amount.
async fn buy(world: &World, amount: &str) -> Answer {
    let body = format!(r#"{{"user_id": 4, "amount": {amount}}}"#);
    world.owner.post_text("/api/purchases", &body).await
}

#[tokio::test]
async fn an_amount_is_read_from_its_digits_as_a_string_or_a_number() {
    let world = World::new().await;
    for (written, amount) in [
        ("5", "5.00"),
        ("5.0", "5.00"),
        ("5.5", "5.50"),
        ("61.73", "61.73"),
        ("1000.10", "1000.10"),
        ("0.01", "0.01"),
        ("1000000000", "1000000000.00"),
        ("1000000000.00", "1000000000.00"),
        ("999999999.99", "999999999.99"),
    ] {
        for json in [written.to_owned(), format!("\"{written}\"")] {
            let answer = buy(&world, &json).await;
            assert_eq!((answer.status, answer.field("/amount").as_str()), (201, amount), "{json}");
        }
    }
    assert_eq!(buy(&world, "\"0005\"").await.field("/amount"), "5.00");
}

#[tokio::test]
async fn everything_else_is_refused_and_nothing_is_rounded() {
    let world = World::new().await;
    for written in [
        "1e3",
        "1.5e2",
        "1E3",
        "1e-2",
        "-5",
        "-0",
        "-0.01",
        "0",
        "0.0",
        "0.00",
        "12.345",
        "0.001",
        "5.000",
        "0.1000000000000000055",
        "1000000000.01",
        "1000000000000.00",
        "9999999999999",
        "10000000000000",
        "99999999999999999999999999",
    ] {
        for json in [written.to_owned(), format!("\"{written}\"")] {
            refused(&buy(&world, &json).await, &json);
        }
    }
    for json in [
        r#""""#,
        r#"" ""#,
        r#"" 5 ""#,
        r#""5\n""#,
        r#""+5""#,
        r#""5.""#,
        r#"".5""#,
        r#"".""#,
        r#""5..0""#,
        r#""1,000""#,
        r#""1 000""#,
        r#""1_000""#,
        r#""0x10""#,
        r#""NaN""#,
        r#""Infinity""#,
        r#""five""#,
        r#""₹5""#,
        r#""5 INR""#,
        r#""١٢""#,
        r#""５""#,
        r#""\"5\"""#,
        "null",
        "true",
        "false",
        "[]",
        "[5]",
        "{}",
        r#"{"amount": 5}"#,
    ] {
        refused(&buy(&world, json).await, json);
    }
    assert!(world.owner.get("/api/purchases").await.rows().is_empty());
}

#[track_caller]
fn refused(answer: &Answer, json: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_amount"), "{json}");
    assert_eq!(answer.pointers(), ["/amount"], "{json}");
}

#[tokio::test]
async fn a_purchase_without_an_amount_is_an_incomplete_body() {
    let world = World::new().await;
    let answer = world.owner.post_text("/api/purchases", r#"{"user_id": 4}"#).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_body"));
    assert_eq!(answer.pointers(), ["/amount"]);
}

#[tokio::test]
async fn another_currency_than_the_plans_is_refused() {
    let world = World::new().await;
    for currency in ["USD", "inr", "", "INRS", " INR", "₹"] {
        let body = serde_json::json!({"user_id": 4, "amount": "5", "currency": currency});
        let answer = world.owner.post("/api/purchases", body).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "currency_mismatch"), "{currency}");
    }
    for currency in [serde_json::json!("INR"), serde_json::Value::Null] {
        let body = serde_json::json!({"user_id": 4, "amount": "5", "currency": currency});
        assert_eq!(world.owner.post("/api/purchases", body).await.field("/currency"), "INR");
    }
}
