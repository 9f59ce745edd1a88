//! Plans: which one is in force, and that each reads back as it was set.

use domain::{Money, Plan, Rate, Rounding};

use crate::engines::Fresh;
use crate::values::{FIRST_PLAN, at, paise};

on_every_engine! {
    a_new_database_pays_by_the_default_plan_for_all_time,
    every_plan_reads_back_exactly,
    the_newest_plan_that_has_begun_is_in_force,
}

async fn a_new_database_pays_by_the_default_plan_for_all_time(db: Fresh) {
    assert!(db.store.is_new());
    for time in [0, 1, i64::MAX] {
        let in_force = db.read(async |view| view.plan_in_force(at(time)).await).await;
        assert_eq!(in_force, (FIRST_PLAN, Plan::default()), "at {time}");
    }
}

async fn every_plan_reads_back_exactly(db: Fresh) {
    let rates = |points: &[u16]| {
        let rates: Vec<Rate> = points.iter().map(|bp| Rate::from_basis_points(*bp).unwrap()).collect();
        rates.try_into().unwrap()
    };
    let plans = [
        Plan::default(),
        Plan {
            commission_above: Money::ZERO,
            max_direct_referrals: 0,
            levels: rates(&[0]),
            ..Plan::default()
        },
        Plan {
            currency: "EUR".parse().unwrap(),
            commission_above: Money::MAX_AMOUNT,
            max_direct_referrals: u32::MAX,
            levels: rates(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 9_955]),
            rounding: Rounding::HalfEven,
            max_commission: Some(Money::MAX_AMOUNT),
        },
        Plan { rounding: Rounding::Down, max_commission: Some(paise(1)), ..Plan::default() },
    ];
    for plan in plans.clone().into_iter().skip(1) {
        db.write(async move |tx| tx.append_plan(&plan, at(0)).await).await;
    }
    let (versions, found): (Vec<_>, Vec<_>) =
        db.read(async |view| view.plans().await).await.into_iter().unzip();
    assert_eq!(found, plans);
    assert_eq!(versions.iter().map(|version| version.get()).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

async fn the_newest_plan_that_has_begun_is_in_force(db: Fresh) {
    let limited = |limit| Plan { max_direct_referrals: limit, ..Plan::default() };
    let second = db.write(async move |tx| tx.append_plan(&limited(2), at(1_000)).await).await;
    let third = db.write(async move |tx| tx.append_plan(&limited(3), at(2_000)).await).await;
    for (time, version, limit) in [
        (0, FIRST_PLAN, 8),
        (999, FIRST_PLAN, 8),
        (1_000, second, 2),
        (1_999, second, 2),
        (2_000, third, 3),
        (i64::MAX, third, 3),
    ] {
        let (found, plan) = db.read(async |view| view.plan_in_force(at(time)).await).await;
        assert_eq!((found, plan.max_direct_referrals), (version, limit), "at {time}");
    }
}
