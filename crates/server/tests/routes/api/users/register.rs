//! `POST /api/users/register`

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::world::{ASHA, World};

/// Registers Nisha with these fields added to her name and address.
async fn register(world: &World, more: Value) -> Answer {
    let mut body = json!({"name": "Nisha Iyer", "email": "nisha@example.com"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.anonymous.post("/api/users/register", body).await
}

async fn members(world: &World) -> usize {
    world.owner.get("/api/users?limit=100").await.rows().len()
}

#[tokio::test]
async fn anybody_joins_and_is_signed_in_at_once() {
    let world = World::new().await;
    let code = world.code_of(ASHA).await;
    let answer = register(&world, json!({"referral_code": code})).await;
    assert_snapshot!(answer, @r#"
    201 {
      "expires_at": "2026-01-02T00:00:00.000Z",
      "message": "User registered.",
      "name": "Nisha Iyer",
      "referral_code": "KM1P54H066",
      "referral_link": "https://shop.example/r/KM1P54H066",
      "referrer_id": 1,
      "token": "[token]",
      "user_id": 5
    }
    "#);
    let nisha = world.bearer(&answer.field("/token"));
    let herself = nisha.get(&format!("/api/users/{}", answer.field("/user_id"))).await;
    assert_eq!(herself.field("/referral_code"), answer.field("/referral_code"));
    assert_eq!(world.member.get("/api/users/1").await.field("/slots_used"), "2");
}

#[tokio::test]
async fn a_code_is_read_in_any_case_and_trimmed() {
    let world = World::new().await;
    let code = world.code_of(ASHA).await;
    for (email, written) in
        [("a@x.example", code.to_lowercase()), ("b@x.example", format!(" \t{code} ")), ("c@x.example", code)]
    {
        let answer = register(&world, json!({"referral_code": written, "email": email})).await;
        assert_eq!((answer.status, answer.field("/referrer_id").as_str()), (201, "1"), "{written:?}");
    }
}

#[tokio::test]
async fn no_code_is_no_referrer() {
    let world = World::new().await;
    for (email, more) in [
        ("a@x.example", json!({})),
        ("b@x.example", json!({"referral_code": null})),
        ("c@x.example", json!({"referral_code": ""})),
        ("d@x.example", json!({"referral_code": "  "})),
    ] {
        let mut more = more;
        more["email"] = email.into();
        let answer = register(&world, more).await;
        assert_eq!((answer.status, &answer.json()["referrer_id"]), (201, &Value::Null), "{email}");
    }
}

#[tokio::test]
async fn a_code_that_nobody_has_is_refused() {
    let world = World::new().await;
    for code in ["0000000000", "ZZZZZZZZZZ", "short", "UUUUUUUUUU", "7HXK2MQ0DZ7", "🌳🌳🌳🌳🌳🌳🌳🌳🌳🌳"]
    {
        let answer = register(&world, json!({"referral_code": code})).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_referral_code"), "{code}");
    }
    assert_eq!(members(&world).await, 4);
}

#[tokio::test]
async fn an_inactive_member_brings_nobody() {
    let world = World::new().await;
    let code = world.code_of(ASHA).await;
    world.set_active(ASHA, false).await;
    let answer = register(&world, json!({"referral_code": code})).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "referrer_inactive"));
    world.set_active(ASHA, true).await;
    assert_eq!(register(&world, json!({"referral_code": code})).await.status, 201);
}

#[tokio::test]
async fn the_ninth_is_refused_and_leaves_nothing_behind() {
    let world = World::new().await;
    let code = world.code_of(ASHA).await;
    for number in 2..=8 {
        world.join(&format!("Referral {number}"), Some(&code)).await;
    }
    world.set_active(crate::world::BINA, false).await;
    assert_snapshot!(register(&world, json!({"referral_code": code})).await, @r#"
    409 {
      "code": "referral_limit_reached",
      "detail": "The member who has this referral code already referred 8 members, which is the limit.",
      "instance": "/api/users/register",
      "request_id": "[request id]",
      "status": 409,
      "title": "Referral limit reached",
      "type": "urn:banyan:problem:referral_limit_reached"
    }
    "#);
    assert_eq!(members(&world).await, 11);
    assert_eq!(world.member.get("/api/users/1").await.field("/slots_used"), "8");
    assert_eq!(register(&world, json!({})).await.status, 201, "her address is still free");
}

#[tokio::test]
async fn of_twenty_at_once_exactly_as_many_get_in_as_there_are_slots() {
    let world = World::new().await;
    let code = world.code_of(ASHA).await;
    let mut racing = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (anonymous, code) = (world.anonymous.clone(), code.clone());
        racing.spawn(async move {
            let body = json!({"name": "R", "email": format!("r{number}@x.example"), "referral_code": code});
            anonymous.post("/api/users/register", body).await.status
        });
    }
    let mut statuses = racing.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [[201; 7].as_slice(), &[409; 13]].concat());
    assert_eq!(members(&world).await, 11);
}

#[tokio::test]
async fn an_address_joins_once_however_it_is_written() {
    let world = World::new().await;
    for email in ["asha.rao@example.com", "ASHA.RAO@example.com", "  asha.rao@EXAMPLE.com\n"] {
        let answer = register(&world, json!({"email": email})).await;
        assert_eq!((answer.status, answer.code().as_str()), (409, "email_taken"), "{email:?}");
    }
    assert_eq!(members(&world).await, 4);
}

#[tokio::test]
async fn names_addresses_and_passwords_that_cannot_be_are_refused() {
    let world = World::new().await;
    for (field, text) in [
        ("name", String::new()),
        ("name", " ".into()),
        ("name", "two\nlines".into()),
        ("name", "x".repeat(101)),
        ("email", String::new()),
        ("email", "asha".into()),
        ("email", "asha@localhost".into()),
        ("email", "a@b@c.example".into()),
        ("email", format!("{}@example.com", "x".repeat(243))),
        ("password", String::new()),
        ("password", "1234567".into()),
        ("password", "x".repeat(129)),
    ] {
        let answer = register(&world, json!({field: text})).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_body"), "{field}: {text:?}");
        assert_eq!(answer.pointers(), [format!("/{field}")], "{text:?}");
    }
    assert_eq!(members(&world).await, 4);
    let name = "x".repeat(100);
    assert_eq!(register(&world, json!({"name": name, "password": "12345678"})).await.field("/name"), name);
}
