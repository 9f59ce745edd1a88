//! Passwords: the right one signs in, everything else is the same refusal.

use app::members::{NewMember, register};
use app::sessions::{SignInError, sign_in};
use app::{Caller, access};
use domain::UserId;

use crate::world::{World, newcomer, seconds};

const PASSWORD: &str = "correct horse, बैटरी";

async fn with_password(world: &World, name: &str) -> UserId {
    let new = NewMember { password: Some(PASSWORD.parse().unwrap()), ..newcomer(name, None) };
    register(&world.app, &Caller::Anonymous, new).await.unwrap().member.user.id
}

#[tokio::test]
async fn the_right_password_signs_in() {
    let world = World::new().await;
    let asha = with_password(&world, "Asha").await;
    for email in ["asha@example.com", "  ASHA@example.COM "] {
        world.advance(seconds(60));
        let (user, token) = sign_in(&world.app, email, PASSWORD.into()).await.unwrap();
        assert_eq!((user, token.expires_at), (asha, world.app.now().plus_millis(86_400_000)));
        let known = access::authenticate(&world.app, &token.text).await.unwrap();
        assert_eq!(known.caller, Caller::Member(asha));
    }
}

#[tokio::test]
async fn whoever_is_inactive_can_still_sign_in() {
    let world = World::new().await;
    let asha = with_password(&world, "Asha").await;
    world.set_active(asha, false).await;
    assert!(sign_in(&world.app, "asha@example.com", PASSWORD.into()).await.is_ok());
}

#[tokio::test]
async fn everything_else_is_the_same_refusal() {
    let world = World::new().await;
    with_password(&world, "Asha").await;
    world.join("Without", None).await;
    for (case, email, password) in [
        ("wrong password", "asha@example.com", "correct horse, battery"),
        ("no password typed", "asha@example.com", ""),
        ("unknown address", "nobody@example.com", PASSWORD),
        ("no address", "asha", PASSWORD),
        ("member without a password", "without@example.com", PASSWORD),
        ("member without a password, none typed", "without@example.com", ""),
        ("the stand-in for nobody's password", "nobody@example.com", "nobody's password"),
        ("the same, for a member without a password", "without@example.com", "nobody's password"),
    ] {
        let refused = sign_in(&world.app, email, password.into()).await;
        assert!(matches!(refused, Err(SignInError::WrongCredentials)), "{case}: {refused:?}");
    }
}

#[tokio::test]
async fn what_is_stored_is_a_salted_hash_and_never_the_password() {
    let world = World::new().await;
    let mut hashes = Vec::new();
    for name in ["Asha", "Bina"] {
        with_password(&world, name).await;
        let email = format!("{name}@example.com").parse().unwrap();
        let credentials =
            world.app.store().read(async move |view| view.credentials(&email).await).await.unwrap();
        hashes.push(credentials.unwrap().password_hash.unwrap());
    }
    for hash in &hashes {
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(!hash.contains(PASSWORD));
    }
    assert_ne!(hashes[0], hashes[1], "the same password, another salt");
}

#[test]
fn passwords_have_8_to_128_characters_and_do_not_print() {
    let password = |text: &str| text.parse::<access::Password>();
    for (count, fits) in [(0, false), (7, false), (8, true), (128, true), (129, false)] {
        assert_eq!(password(&"ж".repeat(count)).is_ok(), fits, "{count} characters");
    }
    assert!(!format!("{:?}", password(PASSWORD).unwrap()).contains("horse"));
}
