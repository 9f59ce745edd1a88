//! Registration: who gets in, who does not, and that a slot is given out once.

use std::collections::HashSet;
use std::sync::Arc;

use app::Caller;
use app::members::{NewMember, RegisterError, register};
use domain::{Plan, ReferralCode, Scope};
use tokio::task::JoinSet;

use crate::world::{ADMIN, START, World, newcomer, reference, seconds, service};

#[tokio::test]
async fn a_newcomer_gets_a_code_and_a_token_of_her_own() {
    let world = World::new().await;
    let asha = world.register("Asha", None).await.unwrap();
    let bina = world.register("Bina", Some(asha.member.user.code)).await.unwrap();
    assert!(!asha.replayed && !bina.replayed);
    assert!(asha.member.active && asha.member.slots_used == 0);
    assert_eq!(asha.member.user.joined_at, START);
    assert_eq!(bina.member.user.referrer, Some(asha.member.user.id));
    assert_eq!(world.member(asha.member.user.id).await.slots_used, 1);

    let known = app::access::authenticate(&world.app, &bina.token.text).await.unwrap();
    assert_eq!(known.caller, Caller::Member(bina.member.user.id));
    assert_eq!(known.expires_at, Some(START.plus_millis(24 * 60 * 60 * 1_000)));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_code_is_read_in_any_case_and_with_spaces_around_it() {
    let world = World::new().await;
    let asha = world.join("Asha", None).await;
    let code = asha.user.code.to_string();
    for (name, typed) in [("Bina", code.to_lowercase()), ("Chitra", format!("  {code}\t"))] {
        let member = world.register(name, Some(typed.parse().unwrap())).await.unwrap().member;
        assert_eq!(member.user.referrer, Some(asha.user.id));
    }
}

/// Whether a registration was refused for the right reason.
type Refusal = fn(&RegisterError) -> bool;

#[tokio::test]
async fn a_refused_registration_creates_nothing_and_says_why() {
    let world = World::new().await;
    let [asha, full, _] = world.chain(["Asha", "Full", "First"]).await;
    for number in 2..=8 {
        world.join(&format!("Direct {number}"), &full).await;
    }
    let inactive = world.join("Inactive", None).await;
    world.set_active(inactive.user.id, false).await;
    let unknown = ReferralCode::from_bits(1);
    let before = world.app.store().read(async move |view| view.programme_totals().await).await.unwrap();

    let table: [(&str, NewMember, Refusal); 6] = [
        ("known address", newcomer("Asha", None), |e| matches!(e, RegisterError::EmailTaken(_))),
        (
            "known address, written otherwise",
            NewMember { email: " ASHA@Example.com ".parse().unwrap(), ..newcomer("Other", None) },
            |e| matches!(e, RegisterError::EmailTaken(_)),
        ),
        ("code of nobody", newcomer("New", Some(unknown)), |e| {
            matches!(e, RegisterError::InvalidReferralCode)
        }),
        ("code of an inactive member", newcomer("New", Some(inactive.user.code)), |e| {
            matches!(e, RegisterError::ReferrerInactive)
        }),
        ("ninth direct referral", newcomer("New", Some(full.user.code)), |e| {
            matches!(e, RegisterError::ReferralLimitReached(8))
        }),
        (
            "a reference from somebody who is no service",
            NewMember { reference: Some(reference("r")), ..newcomer("New", None) },
            |e| matches!(e, RegisterError::ReferenceNotAllowed),
        ),
    ];
    for (case, new, expected) in table {
        let refused = register(&world.app, &Caller::Anonymous, new).await.unwrap_err();
        assert!(expected(&refused), "{case}: {refused:?}");
    }
    let after = world.app.store().read(async move |view| view.programme_totals().await).await.unwrap();
    assert_eq!(after, before);
    assert_eq!(world.member(full.user.id).await.slots_used, 8);
    assert_eq!(world.member(asha.user.id).await.slots_used, 1);
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_registrations_at_once_for_8_slots_exactly_8_succeed() {
    let world = World::new().await;
    let asha = world.join("Asha", None).await;
    let other = world.another_app().await;
    let mut racers = JoinSet::new();
    for number in 0..64 {
        let app = Arc::clone(if number % 2 == 0 { &world.app } else { &other });
        let new = newcomer(&format!("Racer {number}"), Some(asha.user.code));
        racers.spawn(async move { register(&app, &Caller::Anonymous, new).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (8, 56));
    for refused in lost {
        assert!(matches!(refused, Err(RegisterError::ReferralLimitReached(8))), "{refused:?}");
    }
    let codes: HashSet<_> = won.iter().flatten().map(|registered| registered.member.user.code).collect();
    assert_eq!(codes.len(), 8);
    let totals = world.app.store().read(async move |view| view.programme_totals().await).await.unwrap();
    assert_eq!((totals.members, world.member(asha.user.id).await.slots_used), (9, 8));
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_16_registrations_at_once_of_one_address_exactly_one_succeeds() {
    let world = World::new().await;
    let asha = world.join("Asha", None).await;
    let mut racers = JoinSet::new();
    for _ in 0..16 {
        let (app, new) = (Arc::clone(&world.app), newcomer("Twin", Some(asha.user.code)));
        racers.spawn(async move { register(&app, &Caller::Anonymous, new).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|refused| matches!(refused, Err(RegisterError::EmailTaken(_)))), "{lost:?}");
    assert_eq!(world.member(asha.user.id).await.slots_used, 1);
}

#[tokio::test]
async fn inactive_directs_still_count() {
    let world = World::new().await;
    let asha = world.join("Asha", None).await;
    for number in 1..=8 {
        let direct = world.join(&format!("Direct {number}"), &asha).await;
        world.set_active(direct.user.id, false).await;
        world.advance(seconds(1));
    }
    let refused = world.register("Ninth", Some(asha.user.code)).await.unwrap_err();
    assert!(matches!(refused, RegisterError::ReferralLimitReached(8)), "{refused:?}");
}

#[tokio::test]
async fn the_limit_is_that_of_the_plan_in_force() {
    let world = World::new().await;
    let asha = world.join("Asha", None).await;
    for (number, (limit, slots)) in (2..).zip([(2, 2), (1, 2), (4, 4)]) {
        world.advance(seconds(1));
        world.set_plan(Plan { max_direct_referrals: limit, ..Plan::default() }).await;
        for direct in 0..=slots {
            let name = format!("Direct {number} {direct}");
            match world.register(&name, Some(asha.user.code)).await {
                Ok(registered) => assert_eq!(registered.member.plan.get(), number),
                Err(RegisterError::ReferralLimitReached(reached)) => assert_eq!(reached, limit),
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(world.member(asha.user.id).await.slots_used, slots, "limit {limit}");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn a_service_may_register_again_under_the_same_reference() {
    let world = World::new().await;
    let shop = service(&[Scope::UsersWrite]);
    let asha = world.join("Asha", None).await;
    let new = NewMember { reference: Some(reference("crm-1")), ..newcomer("Bina", Some(asha.user.code)) };

    let first = register(&world.app, &shop, new.clone()).await.unwrap();
    world.advance(seconds(60));
    let second = register(&world.app, &shop, new.clone()).await.unwrap();
    assert_eq!((first.replayed, second.replayed), (false, true));
    assert_eq!((&second.member, &second.token), (&first.member, &first.token));
    assert_eq!(world.member(asha.user.id).await.slots_used, 1);

    let others = [
        NewMember { name: "Other".parse().unwrap(), ..new.clone() },
        NewMember { email: "other@example.com".parse().unwrap(), ..new.clone() },
        NewMember { code: None, ..new.clone() },
        NewMember { code: Some(first.member.user.code), ..new.clone() },
        NewMember { code: Some(ReferralCode::from_bits(1)), ..new },
    ];
    for other in others {
        let refused = register(&world.app, &shop, other).await.unwrap_err();
        assert!(matches!(refused, RegisterError::ReferenceReused(..)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_refused_registration_does_not_use_its_reference_up() {
    let world = World::new().await;
    world.join("Asha", None).await;
    let wrong = NewMember { reference: Some(reference("crm-1")), ..newcomer("Asha", None) };
    let right = NewMember { reference: Some(reference("crm-1")), ..newcomer("Bina", None) };
    assert!(matches!(register(&world.app, &ADMIN, wrong).await, Err(RegisterError::EmailTaken(_))));
    assert!(!register(&world.app, &ADMIN, right).await.unwrap().replayed);
}
