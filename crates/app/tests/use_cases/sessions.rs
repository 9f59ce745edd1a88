//! Sessions: a token opens until it expires or its session ends, on every node.

use std::time::Duration;

use app::access::{self, Token, Ttl, authenticate, mint_admin_token, mint_member_token};
use app::sessions::{self, EndError};
use app::{App, Caller};
use domain::{Scope, SessionId, SignIn, UserId};

use crate::world::{ADMIN, World, service};

async fn opens(app: &App, token: &Token) -> bool {
    authenticate(app, &token.text).await.is_ok()
}

/// Waits until an application that others write beside has seen it.
async fn is_seen(app: &App, token: &Token) -> bool {
    for _ in 0..20 {
        if !opens(app, token).await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

#[tokio::test]
async fn who_signs_out_ends_her_token_at_once_and_within_a_second_on_every_node() {
    let world = World::new().await;
    let other = world.another_app().await;
    let [asha] = world.chain(["Asha"]).await;
    let mint = || mint_member_token(&world.app, &ADMIN, asha.user.id, Ttl::MEMBER);
    let (one, another) = (mint().await.unwrap(), mint().await.unwrap());
    assert!(opens(&world.app, &one).await && opens(&other, &one).await);

    let held = authenticate(&world.app, &one.text).await.unwrap();
    let held_there = authenticate(&other, &one.text).await.unwrap();
    assert!(!held.is_over(&world.app) && !held_there.is_over(&other));
    sessions::sign_out(&world.app, &held).await.unwrap();
    assert!(!opens(&world.app, &one).await);
    assert!(held.is_over(&world.app), "what was opened before ends too");
    assert!(is_seen(&other, &one).await);
    assert!(held_there.is_over(&other));
    for app in [&world.app, &other] {
        assert!(opens(app, &another).await, "and no other session");
    }
}

#[tokio::test]
async fn a_node_that_starts_later_knows_what_has_ended() {
    let world = World::new().await;
    let token = mint_admin_token(&world.app, &ADMIN, Ttl::ADMIN).await.unwrap();
    let session = token.session.unwrap();
    assert_eq!(session.made_by, SignIn::Owner);
    sessions::end_session(&world.app, &ADMIN, session.id).await.unwrap();
    world.advance(Duration::from_mins(20));
    assert!(!opens(&*world.another_app().await, &token).await);

    let again = sessions::end_session(&world.app, &ADMIN, session.id).await;
    assert!(matches!(again, Err(EndError::SessionNotFound(id)) if id == session.id), "{again:?}");
}

#[tokio::test]
async fn all_sessions_of_a_member_end_together() {
    let world = World::new().await;
    let registered = world.register("Asha", None).await.unwrap();
    let bina = world.register("Bina", None).await.unwrap();
    let asha = registered.member.user.id;
    let backend = service(&[Scope::UsersWrite]);
    let minted = mint_member_token(&world.app, &backend, asha, Ttl::MEMBER).await.unwrap();
    let ways = [&registered.token, &minted].map(|token| token.session.unwrap().made_by);
    assert_eq!(ways, [SignIn::Registration, SignIn::Service]);

    let caller = Caller::Member(asha);
    assert_eq!(sessions::end_sessions_of_member(&world.app, &caller, asha).await.unwrap(), 2);
    assert_eq!(sessions::end_sessions_of_member(&world.app, &caller, asha).await.unwrap(), 0);
    for token in [&registered.token, &minted] {
        assert!(!opens(&world.app, token).await);
    }
    assert!(opens(&world.app, &bina.token).await);
    let nobody = sessions::end_sessions_of_member(&world.app, &ADMIN, UserId::new(404)).await;
    assert!(matches!(nobody, Err(EndError::UserNotFound(_))), "{nobody:?}");
}

#[tokio::test]
async fn what_a_revoked_key_had_opened_is_over_within_a_second_on_every_node() {
    let world = World::new().await;
    let other = world.another_app().await;
    let scopes = [Scope::Read].into_iter().collect();
    let key = access::create_key(&world.app, &ADMIN, "shop".into(), scopes).await.unwrap();
    let here = authenticate(&world.app, &key.key).await.unwrap();
    let there = authenticate(&other, &key.key).await.unwrap();
    access::revoke_key(&world.app, &ADMIN, key.id).await.unwrap();
    assert!(here.is_over(&world.app));
    for _ in 0..20 {
        if there.is_over(&other) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the other node does not know");
}

#[tokio::test]
async fn a_session_that_nobody_began_is_not_found() {
    let world = World::new().await;
    let refused = sessions::end_session(&world.app, &ADMIN, SessionId::new([9; 16])).await;
    assert!(matches!(refused, Err(EndError::SessionNotFound(_))), "{refused:?}");
}
