//! What explanations say: every rule of a plan has its words.

use std::time::Duration;

use domain::{HoldDays, Money, Plan, PlanVersion, Purchase, PurchaseId, Rounding, Timestamp, UserId};
use insta::assert_snapshot;

use super::told;
use crate::world::{ASHA, BINA, CHETAN, World};

#[tokio::test]
async fn what_is_on_hold_says_until_when() {
    let world = World::new().await;
    world.set_plan(Plan { hold: HoldDays::new(30).unwrap(), ..Plan::default() }).await;
    world.buy(CHETAN, "2000.00").await;
    world.refund(1, "500.00").await;
    assert_snapshot!(told(&world.member, "1-1").await, @"
    C••• bought for 2000.00 INR on 2026-01-01 (UTC), under version 2 of the plan.
    What it earned is on hold for 30 days and can be paid out from 2026-01-31 (UTC) on.
    Level 2: Asha Rao (active) earned 20.00: 1% of 2000.00 is 20.00.
    Refund 1 gave 500.00 back on 2026-01-01 (UTC) and left 1500.00.
    Level 2: 1% of 1500.00 is 15.00, so 15.00 is still due; 20.00 was due before, and 5.00 was taken back from Asha Rao.
    ");
    world.advance(30 * Duration::from_hours(24));
    assert_snapshot!(told(&world.signed_in(ASHA).await, "1-2").await, @"
    C••• bought for 2000.00 INR on 2026-01-01 (UTC), under version 2 of the plan.
    What it earned was on hold for 30 days, until 2026-01-31 (UTC).
    Refund 1 gave 500.00 back on 2026-01-01 (UTC) and left 1500.00.
    Level 2: 1% of 1500.00 is 15.00, so 15.00 is still due; 20.00 was due before, and 5.00 was taken back from Asha Rao.
    ");
}

/// What is said of a purchase of Chetan under this plan.
async fn under(plan: Plan, amount: &str, refunds: &[&str]) -> String {
    let world = World::new().await;
    world.set_plan(plan).await;
    world.buy(CHETAN, amount).await;
    for refund in refunds {
        world.refund(1, refund).await;
    }
    let purchase = world.owner.get("/api/purchases/1").await.json();
    let sentences = purchase["explanation"].as_array().unwrap().iter().map(|told| told.as_str().unwrap());
    sentences.skip(1).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn every_rule_of_a_plan_has_its_words() {
    let paise = Money::from_paise;
    let rounding = |rounding| Plan { rounding, ..Plan::default() };
    assert_snapshot!(under(rounding(Rounding::HalfUp), "1001.30", &[]).await, @"
    Level 1: Bina Shah (active) earned 50.07: 5% of 1001.30 is exactly 50.065, rounded half up to 50.07.
    Level 2: Asha Rao (active) earned 10.01: 1% of 1001.30 is exactly 10.013, rounded half up to 10.01.
    ");
    assert_snapshot!(under(rounding(Rounding::HalfEven), "1001.30", &[]).await, @"
    Level 1: Bina Shah (active) earned 50.06: 5% of 1001.30 is exactly 50.065, rounded half to even to 50.06.
    Level 2: Asha Rao (active) earned 10.01: 1% of 1001.30 is exactly 10.013, rounded half to even to 10.01.
    ");
    assert_snapshot!(under(rounding(Rounding::Down), "1001.39", &[]).await, @"
    Level 1: Bina Shah (active) earned 50.06: 5% of 1001.39 is exactly 50.0695, rounded down to 50.06.
    Level 2: Asha Rao (active) earned 10.01: 1% of 1001.39 is exactly 10.0139, rounded down to 10.01.
    ");
    let capped = Plan { max_commission: Some(paise(60_00)), ..Plan::default() };
    assert_snapshot!(under(capped, "2000.30", &["500.30", "400.00"]).await, @"
    Level 1: Bina Shah (active) earned 60.00: 5% of 2000.30 is exactly 100.015, rounded half up to 100.02, and one level of one purchase earns at most 60.00.
    Level 2: Asha Rao (active) earned 20.00: 1% of 2000.30 is exactly 20.003, rounded half up to 20.00.
    Refund 1 gave 500.30 back on 2026-01-01 (UTC) and left 1500.00.
    Level 1: 5% of 1500.00 is 75.00, and one level of one purchase earns at most 60.00, so 60.00 is still due and nothing was taken back.
    Level 2: 1% of 1500.00 is 15.00, so 15.00 is still due; 20.00 was due before, and 5.00 was taken back from Asha Rao.
    Refund 2 gave 400.00 back on 2026-01-01 (UTC) and left 1100.00.
    Level 1: 5% of 1100.00 is 55.00, so 55.00 is still due; 60.00 was due before, and 5.00 was taken back from Bina Shah.
    Level 2: 1% of 1100.00 is 11.00, so 11.00 is still due; 15.00 was due before, and 4.00 was taken back from Asha Rao.
    ");
    let from_nothing = Plan { commission_above: Money::ZERO, ..Plan::default() };
    assert_snapshot!(under(from_nothing, "0.10", &["0.05", "0.05"]).await, @"
    Level 1: Bina Shah (active) earned 0.01: 5% of 0.10 is exactly 0.005, rounded half up to 0.01.
    Level 2: Asha Rao (active) earned nothing: 1% of 0.10 is exactly 0.001, rounded half up to 0.00.
    Refund 1 gave 0.05 back on 2026-01-01 (UTC) and left 0.05.
    Level 1: 5% of 0.05 is exactly 0.0025, rounded half up to 0.00, so nothing is due any more; 0.01 was taken back from Bina Shah.
    Refund 2 gave 0.05 back on 2026-01-01 (UTC) and left 0.00.
    Nothing was due before it, so nothing was taken back.
    ");
    let three = ["5%", "1%", "1%"].map(|rate| rate.parse().unwrap()).to_vec();
    let three = Plan { levels: three.try_into().unwrap(), ..Plan::default() };
    assert_snapshot!(under(three.clone(), "2000", &[]).await, @"
    Level 1: Bina Shah (active) earned 100.00: 5% of 2000.00 is 100.00.
    Level 2: Asha Rao (active) earned 20.00: 1% of 2000.00 is 20.00.
    Level 3: nobody stands there, so nothing was earned.
    ");
    assert_snapshot!(under(three, "1000", &["1000"]).await, @"
    Level 1: Bina Shah (active) earned nothing: 1000.00 is not above the threshold of 1000.00.
    Level 2: Asha Rao (active) earned nothing: 1000.00 is not above the threshold of 1000.00.
    Level 3: nobody stands there, so nothing was earned.
    Refund 1 gave 1000.00 back on 2026-01-01 (UTC) and left 0.00.
    Nothing was due before it, so nothing was taken back.
    ");
}

#[tokio::test]
async fn who_was_not_active_and_what_was_settled_elsewhere_is_said() {
    let world = World::new().await;
    world.set_active(BINA, false).await;
    world.buy(CHETAN, "2000.00").await;
    assert_snapshot!(told(&world.owner, "1-1").await, @"
    Chetan Gupta bought for 2000.00 INR on 2026-01-01 (UTC), under version 1 of the plan.
    Level 1: Bina Shah (not active) earned nothing: 5% of 2000.00 went to nobody.
    Level 2: Asha Rao (active) earned 20.00: 1% of 2000.00 is 20.00.
    ");

    let settled_elsewhere = async |tx: &mut store::Tx<'_>| {
        let purchase = Purchase {
            id: PurchaseId::new(2),
            reference: None,
            buyer: UserId::new(CHETAN),
            amount: Money::from_paise(2_000_00),
            plan: PlanVersion::new(1),
            decisions: vec![],
            occurred_at: Timestamp::from_millis(0),
            booked_at: Timestamp::from_millis(0),
            recorded_at: Timestamp::from_millis(0),
            matures_at: None,
            present_plan: None,
            metadata: domain::Metadata::default(),
            refunded: Money::ZERO,
        };
        tx.insert_purchases(&[&purchase]).await
    };
    world.app.store().write(settled_elsewhere).await.unwrap();
    world.refund(2, "2000.00").await;
    let shown = world.owner.get("/api/purchases/2").await.json();
    assert_snapshot!(format!("{:#}", shown["explanation"]), @r#"
    [
      "Chetan Gupta bought for 2000.00 INR on 1970-01-01 (UTC), under version 1 of the plan.",
      "Its commissions were settled elsewhere, so nothing is earned here.",
      "Refund 1 gave 2000.00 back on 2026-01-01 (UTC) and left 0.00.",
      "Nothing was due before it, so nothing was taken back."
    ]
    "#);
}
