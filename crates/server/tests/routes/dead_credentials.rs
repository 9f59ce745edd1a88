//! A credential that opens nothing is told so everywhere, also where none is
//! needed: a client that sends one believes that it is somebody.

use std::time::Duration;

use app::Caller;
use app::access::{create_key, revoke_key};
use axum::http::header::AUTHORIZATION;
use serde_json::json;

use crate::actor::Actor;
use crate::who_may::{Operation, world_in_which_everything_is_there};
use crate::world::{ASHA, World};

const OPEN: [&str; 9] = [
    "/",
    "/r/7HXK2MQ0DZ",
    "/members/1",
    "/favicon.svg",
    "/healthz",
    "/readyz",
    "/api/docs/",
    "/api/openapi.json",
    "/nothing",
];

#[tokio::test]
async fn revoked_expired_and_invented_credentials_are_401_on_every_route() {
    let world = world_in_which_everything_is_there().await;
    for (name, actor) in dead(&world).await {
        for operation in Operation::all() {
            let answer = operation.ask(&actor, ASHA, 0).await;
            let told = (answer.status, answer.code());
            assert_eq!(told, (401, "invalid_token".into()), "{name}: {}", operation.name());
        }
        for path in OPEN {
            let answer = actor.get(path).await;
            assert_eq!((answer.status, answer.code()), (401, "invalid_token".into()), "{name}: {path}");
        }
    }
}

async fn dead(world: &World) -> Vec<(&'static str, Actor)> {
    let revoked =
        create_key(&world.app, &Caller::Admin, "old".into(), "admin".parse().unwrap()).await.unwrap();
    let revoked_actor = world.bearer(&revoked.key);
    assert_eq!(revoked_actor.get("/api/me").await.status, 200, "good until it is revoked");
    revoke_key(&world.app, &Caller::Admin, revoked.id).await.unwrap();
    world.advance(Duration::from_hours(24));

    let header = |value: &[u8]| world.anonymous.with(AUTHORIZATION, value);
    vec![
        ("revoked key", revoked_actor),
        ("expired member token", world.member.clone()),
        ("expired owner token", world.owner.clone()),
        ("unknown key", world.bearer("bnk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ("key without a secret", world.bearer("bnk_")),
        ("no token at all", world.bearer("garbage")),
        ("unsigned token", world.bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.")),
        ("nothing after the scheme", header(b"Bearer ")),
        ("the scheme alone", header(b"Bearer")),
        ("another scheme", header(b"Basic YWRtaW46YWRtaW4=")),
        ("an empty header", header(b"")),
        ("bytes that are no text", header(b"Bearer \xff\xfe")),
    ]
}

#[tokio::test]
async fn a_token_opens_until_the_moment_it_expires() {
    let world = World::new().await;
    let minted = world.owner.post("/api/users/1/tokens", json!({"ttl": "90s"})).await;
    let member = world.bearer(&minted.field("/token"));
    world.advance(Duration::from_millis(89_999));
    assert_eq!(member.get("/api/me").await.status, 200);
    world.advance(Duration::from_millis(1));
    assert_eq!(member.get("/api/me").await.status, 401);
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let world = World::new().await;
    let token = world.owner.post("/api/users/1/tokens", json!({})).await.field("/token");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let actor = world.anonymous.with(AUTHORIZATION, format!("{scheme} {token}"));
        assert_eq!(actor.get("/api/me").await.status, 200, "{scheme}");
    }
}
