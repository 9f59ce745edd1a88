//! Plans: which one is in force, and that each reads back as it was set.

use domain::{HoldDays, Money, Plan, PlanVersion, PurchaseId, Rate, Rounding, UserId};
use store::{Error, Foundation, NewUser, PlanRecord, Store, Tx};

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::Notify;

use crate::engines::Fresh;
use crate::values::{FIRST_PLAN, at, paise, purchase, user};

on_every_engine! {
    a_new_database_pays_by_the_default_plan_for_all_time,
    every_plan_reads_back_exactly,
    the_plan_that_began_last_is_in_force,
    whoever_reads_the_plan_to_write_waits_for_whoever_sets_it,
    a_withdrawn_plan_is_never_in_force_and_keeps_its_number,
    whoever_used_a_plan_first_is_found,
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
            PlanRecord {
                version: PlanVersion::new(number),
                plan,
                effective_from,
                created_at,
                withdrawn_at: None,
            }
        })
        .collect();
    for PlanRecord { version, plan, effective_from, created_at, .. } in records.clone().into_iter().skip(1) {
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

async fn a_withdrawn_plan_is_never_in_force_and_keeps_its_number(db: Fresh) {
    let set = async || db.write(async |tx| tx.append_plan(&Plan::default(), at(100), at(1)).await).await;
    let withdraw =
        async |version, now| db.write(async move |tx| tx.withdraw_plan(version, at(now)).await).await;
    let in_force = async |time| {
        let read = db.read(async move |view| view.plan_in_force(at(time)).await).await.0;
        let present = db.write(async move |tx| tx.present(at(time)).await).await.version;
        assert_eq!(read, present);
        read
    };
    let second = set().await;
    assert_eq!(in_force(100).await, second);
    assert!(withdraw(second, 7).await);
    assert!(!withdraw(second, 8).await, "it is withdrawn");
    assert!(!withdraw(PlanVersion::new(404), 8).await, "there is none");
    for time in [7, 100, i64::MAX] {
        assert_eq!(in_force(time).await, FIRST_PLAN, "at {time}");
    }
    let record = db.read(async move |view| view.plan(second).await).await.unwrap();
    assert_eq!((record.effective_from, record.withdrawn_at), (at(100), Some(at(7))));
    let third = set().await;
    assert_eq!((third.get(), in_force(100).await), (3, third));
    assert_eq!(db.read(async |view| view.plans().await).await.len(), 3);
}

async fn whoever_used_a_plan_first_is_found(db: Fresh) {
    let [second, third] = {
        let set = async || db.write(async |tx| tx.append_plan(&Plan::default(), at(100), at(1)).await).await;
        [set().await, set().await]
    };
    let buyers = db.members([None, Some(0)]).await;
    let later = NewUser { plan: second, ..user(9) };
    let late = db.write(async move |tx| tx.insert_user(&later).await).await;
    let sales: Vec<_> = [(1, FIRST_PLAN, None), (2, second, None), (3, FIRST_PLAN, Some(third))]
        .into_iter()
        .map(|(id, plan, present_plan)| domain::Purchase {
            plan,
            present_plan,
            ..purchase(PurchaseId::new(id), buyers[1], 500)
        })
        .collect();
    db.write(async move |tx| tx.insert_purchases(&sales.iter().collect::<Vec<_>>()).await).await;
    for (plan, after, found) in [(second, 0, Some(2)), (second, 2, None), (third, 0, Some(3))] {
        let after = PurchaseId::new(after);
        let first = db.read(async move |view| view.first_purchase_under(plan, after).await).await;
        assert_eq!(first, found.map(PurchaseId::new), "{plan}");
    }
    for (plan, after, found) in
        [(second, UserId::new(0), Some(late)), (second, late, None), (third, UserId::new(0), None)]
    {
        let first = db.read(async move |view| view.first_member_under(plan, after).await).await;
        assert_eq!(first, found, "{plan}");
    }
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
