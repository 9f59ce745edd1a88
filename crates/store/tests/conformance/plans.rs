//! Plans: which one is in force, and that each reads back as it was set.

use domain::{HoldDays, Money, Plan, PlanVersion, Rate, Rounding};
use store::{Error, Foundation, PlanRecord, Store, Tx};

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::Notify;

use crate::engines::Fresh;
use crate::values::{FIRST_PLAN, at, paise};

on_every_engine! {
    a_new_database_pays_by_the_default_plan_for_all_time,
    every_plan_reads_back_exactly,
    the_plan_that_began_last_is_in_force,
    whoever_reads_the_plan_to_write_waits_for_whoever_sets_it,
    a_database_counts_for_ever_in_the_currency_it_began_with,
}

async fn a_new_database_pays_by_the_default_plan_for_all_time(db: Fresh) {
    assert!(db.store.is_new());
    for time in [0, 1, i64::MAX] {
        let in_force = db.read(async move |view| view.plan_in_force(at(time)).await).await;
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
            hold: HoldDays::new(HoldDays::MAX).unwrap(),
            max_commission: Some(Money::MAX_AMOUNT),
        },
        Plan { rounding: Rounding::Down, max_commission: Some(paise(1)), ..Plan::default() },
    ];
    let records: Vec<PlanRecord> = (1..)
        .zip(plans)
        .map(|(number, plan)| {
            let (effective_from, created_at) = (at((number - 1) * 20), at((number - 1) * 10));
            PlanRecord { version: PlanVersion::new(number), plan, effective_from, created_at }
        })
        .collect();
    for PlanRecord { version, plan, effective_from, created_at } in records.clone().into_iter().skip(1) {
        let appended =
            db.write(async move |tx| tx.append_plan(&plan, effective_from, created_at).await).await;
        assert_eq!(appended, version);
    }
    assert_eq!(db.read(async move |view| view.plans().await).await, records);
    for record in records {
        assert_eq!(db.read(async move |view| view.plan(record.version).await).await, Some(record));
    }
    assert_eq!(db.read(async move |view| view.plan(PlanVersion::new(404)).await).await, None);
}

async fn the_plan_that_began_last_is_in_force(db: Fresh) {
    let limited = |limit| Plan { max_direct_referrals: limit, ..Plan::default() };
    let second = db.write(async move |tx| tx.append_plan(&limited(2), at(2_000), at(1)).await).await;
    let third = db.write(async move |tx| tx.append_plan(&limited(3), at(1_000), at(2)).await).await;
    for (time, version, limit) in [
        (0, FIRST_PLAN, 8),
        (999, FIRST_PLAN, 8),
        (1_000, third, 3),
        (1_999, third, 3),
        (2_000, second, 2),
        (i64::MAX, second, 2),
    ] {
        let (found, plan) = db.read(async move |view| view.plan_in_force(at(time)).await).await;
        assert_eq!((found, plan.max_direct_referrals), (version, limit), "at {time}");
    }
}

async fn whoever_reads_the_plan_to_write_waits_for_whoever_sets_it(db: Fresh) {
    let (other, locked) = (db.open_again().await, Arc::new(Notify::new()));
    let setting = tokio::spawn({
        let locked = Arc::clone(&locked);
        async move {
            let set = async move |tx: &mut Tx<'_>| {
                tx.lock_plans().await?;
                locked.notify_one();
                // Whoever comes now comes while it is not decided yet.
                thread::sleep(Duration::from_millis(100));
                tx.append_plan(&Plan { max_direct_referrals: 3, ..Plan::default() }, at(5), at(5)).await
            };
            other.write(set).await.unwrap()
        }
    });
    locked.notified().await;
    let (version, plan) = db.write(async |tx| tx.plan_in_force(at(9)).await).await;
    assert_eq!((version, plan.max_direct_referrals), (setting.await.unwrap(), 3));
}

async fn a_database_counts_for_ever_in_the_currency_it_began_with(db: Fresh) {
    let place = db.elsewhere();
    let open = async |code: Option<&str>| {
        let currency = code.map(|code| code.parse().unwrap());
        let store =
            Store::open_or_create(&place.database, &Foundation { currency, ..Foundation::default() }).await?;
        let plans = store.read(async |view| view.plans().await).await?;
        Ok::<_, Error>(plans[0].plan.clone())
    };
    let euros = Plan { currency: "EUR".parse().unwrap(), ..Plan::default() };
    for named in [Some("EUR"), None, Some("EUR")] {
        assert_eq!(open(named).await.unwrap(), euros, "{named:?}");
    }
    for named in ["INR", "USD"] {
        let refused = open(Some(named)).await.unwrap_err().to_string();
        assert!(refused.starts_with(&format!("this database counts in EUR, not in {named}: ")), "{refused}");
    }
}
