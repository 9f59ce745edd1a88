//! Tokens, keys and passwords are in no log line and, but for the e-mail
//! address, in no file.

use std::fs;

use app::Caller;
use app::access::create_key;
use axum::http::header::AUTHORIZATION;
use domain::Email;
use serde_json::json;

use crate::log::{heard, listen};
use crate::world::World;

const PASSWORD: &str = "correct horse battery staple";

/// Uses every kind of secret in every place where one can be sent, rightly and
/// wrongly, and answers them all.
async fn use_secrets(world: &World) -> Vec<String> {
    let scopes = "users:write read".parse().unwrap();
    let key = create_key(&world.app, &Caller::Admin, "shop".into(), scopes).await.unwrap().key;
    let shop = world.bearer(&key);
    let nisha = json!({"name": "Nisha", "email": "nisha@secret.example", "password": PASSWORD});
    let registered = shop.with("idempotency-key", "n").post("/api/users/register", nisha.clone()).await;
    assert_eq!(registered.status, 201, "{registered}");
    assert_eq!(shop.post("/api/users/register", nisha.clone()).await.status, 409);
    let id = registered.field("/user_id");
    let minted = shop.post(&format!("/api/users/{id}/tokens"), json!({"ttl": "5m"})).await;
    let sign_in = json!({"email": "nisha@secret.example", "password": PASSWORD});
    let signed_in = world.anonymous.post("/api/sessions", sign_in).await;
    assert_eq!(signed_in.status, 201, "{signed_in}");

    for token in [registered.field("/token"), minted.field("/token"), signed_in.field("/token")] {
        assert_eq!(world.bearer(&token).get("/api/me").await.status, 200);
        assert_eq!(world.bearer(&format!("{token}x")).get("/api/me").await.status, 401);
        world.anonymous.with(AUTHORIZATION, format!("Basic {token}")).get("/api/me").await;
        world.anonymous.get(&format!("/?token={token}")).await;
        world.anonymous.get(&format!("/nothing/{token}?token={token}")).await;
    }
    let wrong = json!({"email": "nobody@secret.example", "password": PASSWORD});
    world.anonymous.post("/api/sessions", wrong).await;
    world.anonymous.post_text("/api/sessions", &format!("{{\"password\": \"{PASSWORD}\"")).await;
    world.anonymous.post("/api/sessions", json!({"email": 1, "password": PASSWORD})).await;
    world
        .anonymous
        .post("/api/users/register", json!({"name": "", "email": "x", "password": PASSWORD}))
        .await;

    let email: Email = "nisha@secret.example".parse().unwrap();
    let stored = world.app.store().read(async move |view| view.credentials(&email).await).await.unwrap();
    let hash = stored.unwrap().password_hash.expect("she has a password");
    let tokens = [registered, minted, signed_in].map(|answer| answer.field("/token"));
    tokens.into_iter().chain([key, PASSWORD.to_owned(), hash]).collect()
}

#[tokio::test]
async fn no_secret_is_ever_logged() {
    listen();
    let world = World::new().await;
    let secrets = use_secrets(&world).await;
    assert_eq!(secrets.len(), 6);
    let log = heard();
    assert!(log.contains("/api/sessions"), "the log was heard");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} was logged");
    }
    assert!(!log.contains("secret.example"), "an address was logged");
}

#[tokio::test]
async fn no_secret_but_the_hash_of_a_password_is_ever_stored() {
    let world = World::new().await;
    let mut secrets = use_secrets(&world).await;
    let hash = secrets.pop().expect("the hash");
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    for file in fs::read_dir(world.directory()).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }
}
