//! API keys and access tokens: made once, good until revoked or expired.

use app::access::{
    AuthError, Credential, KeyError, Session, Subject, TokenKey, Ttl, authenticate, create_key, list_keys,
    mint_admin_token, mint_member_token, revoke_key,
};
use app::{App, Caller, ReadError};
use domain::{Scope, Scopes, SessionId, SignIn, UserId};

use crate::world::{ADMIN, START, World, seconds};

/// Who a credential makes its holder; `None` when it opens nothing.
async fn holder(app: &App, credential: &str) -> Option<Caller> {
    match authenticate(app, credential).await {
        Ok(known) => Some(known.caller),
        Err(AuthError::Invalid) => None,
        Err(AuthError::Store(error)) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_key_says_what_its_holder_may_do() {
    let world = World::new().await;
    let scopes = Scopes::from_iter([Scope::Read, Scope::PurchasesWrite]);
    let first = create_key(&world.app, &ADMIN, "Shop".into(), scopes).await.unwrap();
    let second = create_key(&world.app, &ADMIN, "Shop".into(), scopes).await.unwrap();
    assert!(first.key.starts_with("bnk_") && first.key.len() >= 4 + 43, "256 bits: {}", first.key);
    assert_ne!((first.id, &first.key), (second.id, &second.key));
    let known = authenticate(&world.app, &first.key).await.unwrap();
    let caller = Caller::Service { key: first.id, scopes };
    assert_eq!(known, Credential { caller, ..Credential::NONE });
}

#[tokio::test]
async fn a_key_is_listed_without_itself() {
    let world = World::new().await;
    let scopes = Scopes::from_iter([Scope::Read]);
    let created = create_key(&world.app, &ADMIN, "Shop".into(), scopes).await.unwrap();
    let listed = list_keys(&world.app, &ADMIN).await.unwrap();
    let [key] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((key.id, key.name.as_str(), key.scopes), (created.id, "Shop", scopes));
    assert_eq!((key.created_at, key.revoked_at), (START, None));
    assert!(!format!("{key:?}").contains(&created.key[4..]));
}

#[tokio::test]
async fn a_key_opens_at_least_one_thing() {
    let world = World::new().await;
    let refused = create_key(&world.app, &ADMIN, "Nothing".into(), Scopes::default()).await;
    assert!(matches!(refused, Err(KeyError::NoScope)), "{refused:?}");
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_a_second_later_on_any_node() {
    let world = World::new().await;
    let other = world.another_app().await;
    let key = create_key(&world.app, &ADMIN, "Shop".into(), Scopes::from_iter([Scope::Read])).await.unwrap();
    let known = holder(&world.app, &key.key).await;
    assert!(known.is_some());
    assert_eq!(holder(&other, &key.key).await, known);

    revoke_key(&world.app, &ADMIN, key.id).await.unwrap();
    world.advance(seconds(1));
    for app in [&world.app, &other] {
        assert_eq!(holder(app, &key.key).await, None);
    }
    let listed = list_keys(&world.app, &ADMIN).await.unwrap();
    assert_eq!(listed[0].revoked_at, Some(START));
}

#[tokio::test]
async fn a_key_is_revoked_once() {
    let world = World::new().await;
    let key = create_key(&world.app, &ADMIN, "Shop".into(), Scopes::from_iter([Scope::Read])).await.unwrap();
    revoke_key(&world.app, &ADMIN, key.id).await.unwrap();
    for id in [key.id, 404] {
        let refused = revoke_key(&world.app, &ADMIN, id).await;
        assert!(matches!(refused, Err(KeyError::NotFound(missing)) if missing == id), "{refused:?}");
    }
}

#[tokio::test]
async fn what_is_no_credential_opens_nothing() {
    let world = World::new().await;
    let key = create_key(&world.app, &ADMIN, "Shop".into(), Scopes::from_iter([Scope::Read])).await.unwrap();
    let upper = key.key.to_uppercase();
    for text in ["", "bnk_", "Bearer", "a.b.c", &key.key[1..], &key.key[..key.key.len() - 1], &upper] {
        assert_eq!(holder(&world.app, text).await, None, "{text:?}");
    }
}

#[tokio::test]
async fn a_token_opens_until_it_expires() {
    let world = World::new().await;
    let asha = world.join("Asha", None).await.user.id;
    let minute: Ttl = "60s".parse().unwrap();
    let member = mint_member_token(&world.app, &ADMIN, asha, minute).await.unwrap();
    let owner = mint_admin_token(&world.app, &ADMIN, minute).await.unwrap();
    assert_eq!((member.subject, owner.subject), (Subject::Member(asha), Subject::Admin));
    for (elapsed, member_is, owner_is) in [
        (0, Some(Caller::Member(asha)), Some(ADMIN)),
        (59, Some(Caller::Member(asha)), Some(ADMIN)),
        (1, None, None),
        (86_400, None, None),
    ] {
        world.advance(seconds(elapsed));
        assert_eq!(holder(&world.app, &member.text).await, member_is, "{elapsed}s later");
        assert_eq!(holder(&world.app, &owner.text).await, owner_is, "{elapsed}s later");
    }
}

#[tokio::test]
async fn a_token_of_another_key_opens_nothing() {
    let world = World::new().await;
    let session = Session { id: SessionId::new([7; 16]), made_by: SignIn::Owner };
    let forged = TokenKey::new(&[8; 32]).unwrap().mint(Subject::Admin, session, START, Ttl::ADMIN);
    assert_eq!(holder(&world.app, &forged.text).await, None);
}

#[tokio::test]
async fn nobody_gets_a_token() {
    let world = World::new().await;
    let refused = mint_member_token(&world.app, &ADMIN, UserId::new(404), Ttl::MEMBER).await;
    assert!(matches!(refused, Err(ReadError::UserNotFound(_))), "{refused:?}");
}
