//! Switching members off and on: it changes what comes, never what was.

use app::Caller;
use app::members::{ChangeError, MemberChange, change, find};
use domain::{Outcome, PurchaseId, UserId};
use store::ActivityChange;

use crate::world::{ADMIN, START, World, money, seconds};

#[tokio::test]
async fn a_deactivation_affects_only_later_purchases() {
    let world = World::new().await;
    let [root, asha, buyer] = world.chain(["Root", "Asha", "Buyer"]).await;
    let mut purchases = Vec::new();
    for active in [true, false, true] {
        world.advance(seconds(1));
        world.set_active(asha.user.id, active).await;
        world.advance(seconds(1));
        purchases.push(world.buy(buyer.user.id, "2000").await.purchase);
    }
    let outcomes: Vec<_> = purchases.iter().map(|purchase| purchase.decisions[0].outcome).collect();
    assert_eq!(outcomes, [Outcome::Paid, Outcome::Inactive, Outcome::Paid]);
    assert_eq!(world.account(asha.user.id).await.totals.commissions(), money("200"));
    assert_eq!(
        world.account(root.user.id).await.totals.commissions(),
        money("60"),
        "nothing rolls up or is lost above"
    );
    for purchase in purchases {
        let found = app::purchases::find(&world.app, &ADMIN, purchase.id).await.unwrap().0;
        assert_eq!(found, purchase, "a past decision keeps who was active");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn what_she_earned_stays_hers_and_she_can_see_it() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    world.set_active(asha.user.id, false).await;
    let own = Caller::Member(asha.user.id);
    let statement = app::earnings::statement(&world.app, &own, asha.user.id).await.unwrap();
    assert_eq!((statement.account.totals.balance(), statement.account.active), (money("100"), false));
}

#[tokio::test]
async fn saying_it_twice_changes_nothing() {
    let world = World::new().await;
    let asha = world.join("Asha", None).await.user.id;
    for (second, active) in [(1, true), (2, false), (3, false), (4, true), (5, true)] {
        world.advance(seconds(1));
        world.set_active(asha, active).await;
        assert_eq!(find(&world.app, &ADMIN, asha).await.unwrap().0.active, active, "second {second}");
    }
    let changes = world.app.store().read(async move |view| view.activity(asha).await).await.unwrap();
    let expected = [(0, true), (2_000, false), (4_000, true)].map(|(millis, active)| ActivityChange {
        user: asha,
        active,
        from: PurchaseId::new(1),
        at: START.plus_millis(millis),
    });
    assert_eq!(changes, expected);
}

#[tokio::test]
async fn nobody_cannot_be_switched_off() {
    let world = World::new().await;
    let refused =
        change(&world.app, &ADMIN, UserId::new(404), MemberChange::active(false)).await.unwrap_err();
    assert!(matches!(refused, ChangeError::UserNotFound(user) if user.get() == 404), "{refused:?}");
}

#[tokio::test]
async fn right_books_verify_whatever_the_clock_did() {
    // Seconds that pass before she is switched off, before the sale, before she is switched on.
    for elapsed in [[1, 0, 0], [10, -5, 10]] {
        let world = World::new().await;
        let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
        for (seconds, step) in elapsed.into_iter().zip(["off", "sale", "on"]) {
            world.set_clock(world.app.now().plus_millis(seconds * 1_000));
            match step {
                "sale" => drop(world.buy(buyer.user.id, "2000").await),
                switch => world.set_active(asha.user.id, switch == "on").await,
            }
        }
        world.books_are_right().await;
    }
}
