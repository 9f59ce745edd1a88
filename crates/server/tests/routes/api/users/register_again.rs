//! `POST /api/users/register` with an `Idempotency-Key`.

use std::time::Duration;

use serde_json::json;

use crate::world::{ASHA, World};

const PATH: &str = "/api/users/register";

#[tokio::test]
async fn a_service_that_asks_again_gets_the_same_answer_to_the_byte() {
    let world = World::new().await;
    let code = world.code_of(ASHA).await;
    let shop = world.service("users:write").await.with("idempotency-key", "customer-17");
    let nisha =
        json!({"name": "Nisha", "email": "nisha@x.example", "referral_code": code, "password": "12345678"});
    let first = shop.post(PATH, nisha.clone()).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, None));

    world.advance(Duration::from_mins(20));
    world.set_active(ASHA, false).await;
    world.join("Somebody", Some(&first.field("/referral_code"))).await;
    let again = shop.post(PATH, nisha).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
    assert_eq!(again.text(), first.text());
    assert_eq!(world.owner.get("/api/users/1").await.field("/slots_used"), "2", "one slot was taken");

    let written_otherwise = json!({"name": " Nisha ", "email": "NISHA@x.example", "referral_code": code.to_lowercase(),
        "password": "12345678"});
    assert_eq!(shop.post(PATH, written_otherwise).await.text(), first.text());
}

#[tokio::test]
async fn the_same_key_for_somebody_else_is_refused() {
    let world = World::new().await;
    let code = world.code_of(ASHA).await;
    let shop = world.service("users:write").await.with("idempotency-key", "customer-17");
    let nisha = json!({"name": "Nisha", "email": "nisha@x.example", "referral_code": null});
    assert_eq!(shop.post(PATH, nisha.clone()).await.status, 201);
    for (field, value) in [
        ("name", "Nisha I."),
        ("email", "other@x.example"),
        ("referral_code", &code),
        ("referral_code", "ZZZZZZZZZZ"),
    ] {
        let mut other = nisha.clone();
        other[field] = value.into();
        let answer = shop.post(PATH, other).await;
        assert_eq!((answer.status, answer.code().as_str()), (409, "reference_reused"), "{field}");
    }
    let other_key = shop_with(&world, "customer-18").await;
    assert_eq!(other_key.post(PATH, nisha).await.code(), "email_taken");
}

async fn shop_with(world: &World, key: &str) -> crate::actor::Actor {
    world.service("users:write").await.with("idempotency-key", key)
}

#[tokio::test]
async fn a_refused_registration_does_not_use_its_key_up() {
    let world = World::new().await;
    let shop = shop_with(&world, "customer-17").await;
    let nisha = |code: &str, email: &str| json!({"name": "Nisha", "email": email, "referral_code": code});
    assert_eq!(shop.post(PATH, nisha("ZZZZZZZZZZ", "nisha@x.example")).await.code(), "invalid_referral_code");
    assert_eq!(shop.post(PATH, nisha("", "asha.rao@example.com")).await.code(), "email_taken");
    assert_eq!(shop.post(PATH, nisha("", "nisha@x.example")).await.status, 201);
}

#[tokio::test]
async fn of_many_at_once_with_one_key_one_registers_and_all_get_its_answer() {
    let world = World::new().await;
    let shop = shop_with(&world, "customer-17").await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let shop = shop.clone();
        racing.spawn(async move { shop.post(PATH, json!({"name": "N", "email": "n@x.example"})).await });
    }
    let answers = racing.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| answer.text() == answers[0].text()));
}

#[tokio::test]
async fn only_those_who_register_others_may_send_a_key() {
    let world = World::new().await;
    let nisha = json!({"name": "Nisha", "email": "nisha@x.example"});
    for actor in [&world.anonymous, &world.member] {
        let answer = actor.with("idempotency-key", "mine").post(PATH, nisha.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "idempotency_key_not_allowed"));
    }
    assert_eq!(world.anonymous.post(PATH, nisha).await.status, 201, "nothing was created before");
}
