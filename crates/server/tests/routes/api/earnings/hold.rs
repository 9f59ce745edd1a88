//! `GET /api/earnings/{user_id}` under a plan that holds what is earned.

use std::time::Duration;

use domain::{HoldDays, Plan};

use crate::answer::Answer;
use crate::world::{BINA, CHETAN, World};

const DAY: Duration = Duration::from_hours(24);

async fn world_that_holds(days: u16) -> World {
    let world = World::new().await;
    world.set_plan(Plan { hold: HoldDays::new(days).unwrap(), ..Plan::default() }).await;
    world
}

fn pending_and_available(answer: &Answer) -> (String, String) {
    (answer.field("/pending"), answer.field("/available"))
}

#[tokio::test]
async fn what_is_pending_becomes_available_by_time_alone() {
    let world = world_that_holds(30).await;
    world.advance(Duration::from_hours(23));
    world.buy(CHETAN, "2000.00").await;
    let seen = async || pending_and_available(&world.admin.get("/api/earnings/1").await);
    assert_eq!(seen().await, ("20.00".into(), "0.00".into()));
    assert_eq!(world.admin.get("/api/payouts/preview").await.field("/payouts"), "0");
    world.advance(29 * DAY);
    world.advance(Duration::from_millis(60 * 60 * 1_000 - 1));
    assert_eq!(seen().await, ("20.00".into(), "0.00".into()), "to the last moment of the 30th day");
    world.advance(Duration::from_millis(1));
    assert_eq!(seen().await, ("0.00".into(), "20.00".into()));
    assert_eq!(world.admin.get("/api/payouts/preview").await.field("/total"), "120.00");
}

#[tokio::test]
async fn a_run_leaves_what_is_pending() {
    let world = world_that_holds(2).await;
    world.buy(CHETAN, "2000.00").await;
    world.advance(DAY);
    world.buy(CHETAN, "3000.00").await;
    world.advance(DAY);
    assert_eq!(world.pay_out().await.field("/total"), "120.00");
    let seen = pending_and_available(&world.admin.get("/api/earnings/1").await);
    assert_eq!(seen, ("30.00".into(), "0.00".into()));
}

#[tokio::test]
async fn what_is_taken_back_was_held_as_long_as_what_it_takes_back() {
    let world = world_that_holds(30).await;
    world.buy(CHETAN, "2000.00").await;
    world.buy(CHETAN, "3000.00").await;
    world.advance(10 * DAY);
    world.refund(1, "2000.00").await;
    let bina = format!("/api/earnings/{BINA}");
    assert_eq!(pending_and_available(&world.admin.get(&bina).await), ("150.00".into(), "0.00".into()));
    world.advance(20 * DAY);
    assert_eq!(pending_and_available(&world.admin.get(&bina).await), ("0.00".into(), "150.00".into()));
    world.refund(2, "3000.00").await;
    assert_eq!(pending_and_available(&world.admin.get(&bina).await), ("0.00".into(), "0.00".into()));
}
