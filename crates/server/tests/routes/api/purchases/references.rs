//! `POST /api/purchases` with a reference: a retry is safe.

use domain::{Money, Plan};
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::answer::Answer;
use crate::world::{BINA, CHETAN, NOBODY, World};

const PATH: &str = "/api/purchases";

async fn shop(world: &World) -> Actor {
    world.service("purchases:write").await
}

fn sale(reference: Value) -> Value {
    json!({"user_id": CHETAN, "amount": "2000.00", "reference": reference})
}

#[track_caller]
fn is_replay_of(answer: &Answer, first: &Answer) {
    assert_eq!((answer.status, answer.header("idempotent-replayed")), (200, Some("true")), "{answer}");
    assert_eq!(answer.text(), first.text());
}

#[tokio::test]
async fn a_reference_and_an_idempotency_key_are_the_same() {
    let world = World::new().await;
    let shop = shop(&world).await;
    let first = shop.post(PATH, sale("order-1".into())).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, None));
    for key in ["order-1", "\"order-1\""] {
        let keyed = shop.with("idempotency-key", key);
        is_replay_of(&keyed.post(PATH, sale(Value::Null)).await, &first);
        is_replay_of(&keyed.post(PATH, json!({"user_id": CHETAN, "amount": "2000.00"})).await, &first);
        is_replay_of(&keyed.post(PATH, sale("order-1".into())).await, &first);
        let answer = keyed.post(PATH, sale("order-2".into())).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "reference_mismatch"));
    }
    assert_eq!(world.owner.get(PATH).await.rows().len(), 1);
}

#[tokio::test]
async fn a_replay_is_the_same_to_the_byte_whatever_happened_meanwhile() {
    let world = World::new().await;
    let shop = shop(&world).await;
    let first = shop.post(PATH, sale("order-1".into())).await;
    world.advance(std::time::Duration::from_mins(20));
    is_replay_of(&shop.post(PATH, sale("order-1".into())).await, &first);
    world.set_active(BINA, false).await;
    is_replay_of(&shop.post(PATH, sale("order-1".into())).await, &first);
    world.set_plan(Plan { commission_above: Money::from_paise(9_000_00), ..Plan::default() }).await;
    is_replay_of(&shop.post(PATH, sale("order-1".into())).await, &first);
    assert_eq!(world.member.get("/api/earnings/1").await.field("/total_earnings"), "20.00", "credited once");
}

#[tokio::test]
async fn a_purchase_written_otherwise_is_still_the_same() {
    let world = World::new().await;
    let shop = shop(&world).await;
    let first = shop.post(PATH, sale("order-1".into())).await;
    for amount in ["2000", "2000.0", "\"2000\"", "\"02000.00\""] {
        let body = format!(
            r#"{{"reference": "order-1", "currency": "INR", "amount": {amount}, "user_id": {CHETAN}}}"#
        );
        is_replay_of(&shop.post_text(PATH, &body).await, &first);
    }
}

#[tokio::test]
async fn another_purchase_under_the_same_reference_is_refused() {
    let world = World::new().await;
    let shop = shop(&world).await;
    assert_eq!(shop.post(PATH, sale("order-1".into())).await.status, 201);
    for (field, value) in [("amount", json!("2000.01")), ("user_id", json!(BINA)), ("user_id", json!(NOBODY))]
    {
        let mut other = sale("order-1".into());
        other[field] = value;
        let answer = shop.post(PATH, other).await;
        assert_eq!((answer.status, answer.code().as_str()), (409, "reference_reused"), "{field}");
    }
    assert_eq!(world.owner.get(PATH).await.rows().len(), 1);
}

#[tokio::test]
async fn a_refused_purchase_does_not_use_its_reference_up() {
    let world = World::new().await;
    let shop = shop(&world).await;
    for (field, value, status) in [
        ("user_id", json!(NOBODY), 404),
        ("amount", json!("0"), 422),
        ("currency", json!("USD"), 422),
        ("note", json!("x"), 422),
    ] {
        let mut refused = sale("order-1".into());
        refused[field] = value;
        assert_eq!(shop.post(PATH, refused).await.status, status, "{field}");
    }
    let reader = world.service("read").await;
    assert_eq!(reader.post(PATH, sale("order-1".into())).await.status, 403);
    assert_eq!(shop.post(PATH, sale("order-1".into())).await.status, 201);
}

#[tokio::test]
async fn a_reference_is_up_to_255_printable_ascii_characters() {
    let world = World::new().await;
    let shop = shop(&world).await;
    for reference in ["a", "order 1 of 2", "~!@#$%^&*()", "a\\b", &"x".repeat(255)] {
        let answer = shop.post(PATH, sale(reference.into())).await;
        assert_eq!((answer.status, answer.field("/reference").as_str()), (201, reference));
        let keyed = shop.with("idempotency-key", reference);
        is_replay_of(&keyed.post(PATH, sale(Value::Null)).await, &answer);
    }
    for reference in
        ["", " ", " order-1", "order-1 ", "bestellung-ü", "注文", "a\tb", "a\nb", &"x".repeat(256)]
    {
        let answer = shop.post(PATH, sale(reference.into())).await;
        let told = (answer.status, answer.code(), answer.pointers());
        assert_eq!(told, (422, "invalid_reference".into(), vec!["/reference".into()]), "{reference:?}");
    }
    for key in ["", "\"\"", "\" \"", "注文", &"x".repeat(256)] {
        let answer = shop.with("idempotency-key", key).post(PATH, sale(Value::Null)).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_reference"), "{key:?}");
    }
}

#[tokio::test]
async fn of_many_at_once_with_one_reference_one_is_recorded_and_all_get_its_answer() {
    let world = World::new().await;
    let shop = shop(&world).await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let shop = shop.clone();
        racing.spawn(async move { shop.post(PATH, sale("order-1".into())).await });
    }
    let answers = racing.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 49);
    assert!(answers.iter().all(|answer| answer.text() == answers[0].text()));
    assert_eq!(world.member.get("/api/earnings/1").await.field("/total_earnings"), "20.00");
}

#[tokio::test]
async fn without_a_reference_a_retry_is_another_purchase() {
    let world = World::new().await;
    let shop = shop(&world).await;
    let ids = [shop.post(PATH, sale(Value::Null)).await, shop.post(PATH, sale(Value::Null)).await];
    assert_eq!(ids.map(|answer| answer.field("/purchase_id")), ["1", "2"]);
}

#[tokio::test]
async fn a_purchase_and_a_registration_may_have_the_same_reference() {
    let world = World::new().await;
    let keyed = world.service("purchases:write users:write").await.with("idempotency-key", "17");
    let nisha = json!({"name": "Nisha", "email": "nisha@x.example"});
    assert_eq!(keyed.post("/api/users/register", nisha).await.status, 201);
    assert_eq!(keyed.post(PATH, sale(Value::Null)).await.status, 201);
}

#[tokio::test]
async fn what_a_reference_does_not_stand_for_may_be_told_otherwise() {
    let world = World::new().await;
    let shop = shop(&world).await;
    let first = shop.post(PATH, sale("order-1".into())).await;
    for (field, value) in [
        ("occurred_at", json!("2025-12-31")),
        ("occurred_at", json!("2026-12-31T23:59:59Z")),
        ("currency", json!("EUR")),
        ("settled_elsewhere", json!(false)),
    ] {
        let mut again = sale("order-1".into());
        again[field] = value;
        is_replay_of(&shop.post(PATH, again.clone()).await, &first);
        let line = shop.post_lines("/api/purchases/bulk", &again.to_string()).await;
        assert!(line.text().starts_with(r#"{"line":1,"status":200,"purchase_id":1}"#), "{}", line.text());
    }
    let mut settled = sale("order-1".into());
    settled["settled_elsewhere"] = json!(true);
    let refused = shop.post(PATH, settled).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "reference_reused"));
}

#[tokio::test]
async fn a_sale_may_have_been_made_earlier_and_settled_elsewhere() {
    let world = World::new().await;
    let shop = shop(&world).await;
    let mut body =
        json!({"user_id": CHETAN, "amount": "2000.00", "occurred_at": "2025-12-30T18:05:00+05:30"});
    let earlier = shop.post(PATH, body.clone()).await;
    assert_eq!((earlier.status, earlier.field("/created_at")), (201, "2025-12-30T12:35:00.000Z".into()));
    assert_eq!(earlier.json()["earnings"].as_array().unwrap().len(), 2);
    body["settled_elsewhere"] = json!(true);
    let settled = shop.post(PATH, body).await;
    assert_eq!(settled.field("/message"), "Purchase recorded; its commissions were settled elsewhere.");
    assert_eq!(
        (settled.json()["earnings"].clone(), settled.json()["decisions"].clone()),
        (json!([]), json!([]))
    );
    assert_eq!(world.member.get("/api/earnings/1").await.field("/total_earnings"), "20.00");
    for text in ["", "yesterday", "2025-02-30", "2025-12-30T18:05:00"] {
        let body = json!({"user_id": CHETAN, "amount": "5", "occurred_at": text});
        let refused = shop.post(PATH, body).await;
        assert_eq!((refused.status, refused.pointers()), (422, vec!["/occurred_at".to_owned()]), "{text}");
    }
}
