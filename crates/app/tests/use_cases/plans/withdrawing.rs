//! A plan that is still to come is withdrawn while nothing was decided under it.

use std::sync::Arc;

use app::audit;
use app::members::{RegisterError, register};
use app::plans::{self, Begins, WithdrawPlanError, withdraw};
use app::purchases::{NewPurchase, Reported, record};
use domain::{Plan, PlanVersion, Timestamp};
use tokio::task::JoinSet;

use super::{generous, set};
use crate::world::{ADMIN, START, World, newcomer, sale, seconds};

const SECOND: PlanVersion = PlanVersion::new(2);

/// When the plan that is to come begins: ten minutes after the start.
const COMES: Timestamp = Timestamp::from_millis(START.millis() + 600_000);

/// A world with a plan that is to come.
async fn expecting() -> World {
    let world = World::new().await;
    assert_eq!(set(&world, generous(), Some(COMES)).await.unwrap().version, SECOND);
    world
}

async fn in_force(world: &World) -> i64 {
    plans::in_force(&world.app).await.unwrap().version.get()
}

#[tokio::test]
async fn a_withdrawn_plan_never_comes_and_its_number_is_not_used_again() {
    let world = expecting().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    let withdrawn = withdraw(&world.app, &ADMIN, SECOND).await.unwrap();
    assert_eq!((withdrawn.version, withdrawn.withdrawn_at), (SECOND, Some(START)));
    world.set_clock(COMES.plus_millis(1));
    assert_eq!(in_force(&world).await, 1);
    assert_eq!(world.buy(buyer.user.id, "500").await.purchase.plan.get(), 1);
    let past =
        NewPurchase { occurred_at: Some(COMES), reported: Reported::ByImport, ..sale(buyer.user.id, "500") };
    assert_eq!(world.record(past).await.unwrap().purchase.plan.get(), 1, "nor for what is told later");
    assert_eq!(set(&world, generous(), None).await.unwrap().version.get(), 3);
    let listed = plans::versions(&world.app, &ADMIN, None, 9).await.unwrap();
    let standing: Vec<_> = listed.iter().map(|plan| (plan.version.get(), plan.withdrawn_at)).collect();
    assert_eq!(standing, [(3, None), (2, Some(START)), (1, None)]);
    world.books_are_right().await;
}

#[tokio::test]
async fn to_withdraw_it_again_changes_nothing() {
    let world = expecting().await;
    let first = withdraw(&world.app, &ADMIN, SECOND).await.unwrap();
    world.set_clock(COMES.plus_millis(1));
    assert_eq!(withdraw(&world.app, &ADMIN, SECOND).await.unwrap(), first);
    let events = audit::list(&world.app, &ADMIN, None, 9).await.unwrap();
    let actions: Vec<_> = events.iter().map(|(_, event)| event.action.as_str()).collect();
    assert_eq!(actions, ["plan.withdraw", "plan.set"]);
    let (_, event) = &events[0];
    assert_eq!((event.subject.as_str(), event.at), ("plan 2", START));
    assert_eq!(event.detail, format!(r#"{{"effective_from_ms":{}}}"#, COMES.millis()));
}

#[tokio::test]
async fn a_plan_that_began_stays() {
    let world = expecting().await;
    for (at, version) in [(START, PlanVersion::new(1)), (COMES, SECOND), (COMES.plus_millis(9), SECOND)] {
        world.set_clock(at);
        let refused = withdraw(&world.app, &ADMIN, version).await.unwrap_err();
        assert!(matches!(refused, WithdrawPlanError::Began { .. }), "{refused:?}");
    }
    let refused = withdraw(&world.app, &ADMIN, SECOND).await.unwrap_err();
    assert_eq!(refused.to_string(), "plan 2 began at 2026-01-01T00:10:00Z; set another one after it");
    let unknown = withdraw(&world.app, &ADMIN, PlanVersion::new(9)).await.unwrap_err();
    assert_eq!(unknown.to_string(), "plan 9 does not exist");
}

#[tokio::test]
async fn what_a_clock_that_is_ahead_has_recorded_under_it_keeps_it() {
    for (what, words) in [
        ("sale", "purchase 1 was recorded under plan 2; set another one after it"),
        ("import", "purchase 1 was recorded under plan 2; set another one after it"),
        ("member", "member 3 joined under plan 2; set another one after it"),
    ] {
        let world = expecting().await;
        let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
        world.set_clock(COMES);
        match what {
            "sale" => drop(world.buy(buyer.user.id, "500").await),
            "import" => {
                let reported = Reported::ByImport;
                let at = Some(COMES);
                let past = NewPurchase { occurred_at: at, reported, ..sale(buyer.user.id, "500") };
                drop(world.record(past).await.unwrap());
            }
            _ => drop(world.join("Chetan", &asha).await),
        }
        world.set_clock(START);
        let refused = withdraw(&world.app, &ADMIN, SECOND).await.unwrap_err();
        assert_eq!(refused.to_string(), words, "{what}");
        world.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_withdraw_it_at_once_do_so_once() {
    let world = expecting().await;
    let nodes = [Arc::clone(&world.app), world.another_app().await];
    let mut work = JoinSet::new();
    for number in 0..8 {
        let app = Arc::clone(&nodes[number % 2]);
        work.spawn(async move { withdraw(&app, &ADMIN, SECOND).await.unwrap().withdrawn_at });
    }
    assert_eq!(work.join_all().await, [Some(START); 8]);
    assert_eq!(audit::list(&world.app, &ADMIN, None, 9).await.unwrap().len(), 2, "set, and withdrawn once");
}

/// Whoever buys or joins while it is withdrawn does so wholly before, and then it
/// stays, or wholly after, under the plan before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_two_nodes_it_is_withdrawn_or_used_and_never_both() {
    for round in 0..6 {
        let world = expecting().await;
        let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
        let other = world.another_app().await;
        // One clock reads a moment before it begins, the other one after.
        let ahead = Arc::clone(&other);
        world.set_clock(COMES);
        let mut work = JoinSet::new();
        for number in 0..10 {
            let (app, buyer, code) = (Arc::clone(&ahead), buyer.user.id, asha.user.code);
            work.spawn(async move {
                if number == 3 {
                    let joined = register(&app, &app::Caller::Anonymous, newcomer("Divya", Some(code))).await;
                    assert!(
                        matches!(joined, Ok(_) | Err(RegisterError::ReferralLimitReached(_))),
                        "{joined:?}"
                    );
                }
                record(&app, &ADMIN, sale(buyer, "2000")).await.map(drop).unwrap();
            });
            if number == round {
                world.set_clock(START);
                let app = Arc::clone(&world.app);
                work.spawn(async move { drop(withdraw(&app, &ADMIN, SECOND).await) });
            }
        }
        work.join_all().await;
        world.books_are_right().await;
    }
}

#[tokio::test]
async fn only_an_admin_withdraws_a_plan() {
    let world = expecting().await;
    for caller in [crate::world::service(&[domain::Scope::Read]), app::Caller::Anonymous] {
        let refused = withdraw(&world.app, &caller, SECOND).await.unwrap_err();
        assert!(matches!(refused, WithdrawPlanError::Denied(_)), "{refused:?}");
    }
    world.advance(seconds(1));
    assert_eq!(plans::set(&world.app, &ADMIN, Plan::default(), Begins::Now).await.unwrap().version.get(), 3);
}
