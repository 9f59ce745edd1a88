//! Purchases: with their decisions as they were made, found by id and by
//! reference, listed in order.

use std::collections::HashMap;

use domain::{Level, Money, Outcome, Purchase, PurchaseId, UserId};
use store::{Constraint, Database, Error, Sale, SaleTime};

use crate::engines::Fresh;
use crate::values::{at, decision, purchase, reference, user};

on_every_engine! {
    everything_about_a_purchase_reads_back_exactly,
    ids_ascend_and_are_given_once,
    ids_have_a_gap_only_where_nodes_share_a_database,
    purchases_are_found_by_the_references_they_have,
    a_reference_is_taken_once_and_may_be_left_out_for_ever,
    a_refused_batch_leaves_nothing,
    nobody_buys_unnoticed_who_is_not_there,
    pages_run_from_the_newest_down,
    scans_run_from_the_oldest_up,
    what_was_decided_is_found_by_its_time,
}

async fn everything_about_a_purchase_reads_back_exactly(db: Fresh) {
    let [root, asha, buyer] = db.members([None, Some(0), Some(1)]).await;
    let outcomes = [
        vec![
            decision(1, Some((asha, "active")), Outcome::Paid, 500, 50_000_000_000_00),
            decision(2, Some((root, "inactive")), Outcome::Inactive, 100, 0),
        ],
        vec![decision(1, Some((asha, "active")), Outcome::Capped, 10_000, i64::MAX)],
        vec![
            decision(1, Some((asha, "active")), Outcome::RoundsToZero, 0, 0),
            decision(2, None, Outcome::NoReferrer, 1, 0),
        ],
        vec![
            decision(1, Some((asha, "inactive")), Outcome::BelowThreshold, 500, 0),
            decision(2, Some((root, "active")), Outcome::BelowThreshold, 100, 0),
            decision(3, None, Outcome::BelowThreshold, 99, 0),
        ],
        vec![],
        (1..=10).map(|n| decision(n, Some((root, "active")), Outcome::Paid, 1_000, i64::from(n))).collect(),
    ];
    let plan = db.write(async |tx| tx.append_plan(&domain::Plan::default(), at(5), at(5)).await).await;
    for (number, decisions) in (1..).zip(outcomes) {
        let bought = Purchase {
            id: PurchaseId::new(number * 1_000_000_007),
            reference: (number % 2 == 0).then(|| reference(&format!("Order {number}/a"))),
            buyer,
            amount: Money::MAX_AMOUNT,
            plan,
            decisions,
            occurred_at: at(i64::MAX - number),
            booked_at: at(i64::MAX - number % 2),
            recorded_at: at(i64::MAX - number % 3),
            matures_at: (number % 2 == 1).then_some(at(number)),
            present_plan: (number % 3 == 1).then_some(crate::values::FIRST_PLAN),
            metadata: match number % 2 {
                0 => domain::Metadata::default(),
                _ => domain::Metadata::default().with("till", Some(&format!("No. {number} 💚"))).unwrap(),
            },
            refunded: Money::ZERO,
        };
        let inserted = bought.clone();
        db.write(async move |tx| tx.insert_purchases(&[&inserted]).await).await;
        let id = bought.id;
        let found = db.read(async move |view| view.purchase(id).await).await;
        assert_eq!(found.as_ref(), Some(&(bought.clone(), user(3).name)));
        let in_short = db.read(async move |view| view.scan_sales(just_before(id), 1).await).await;
        check_in_short(in_short[0], &bought);
    }
    assert_eq!(db.read(async move |view| view.purchase(PurchaseId::new(404)).await).await, None);
}

/// The purchase with this id is the first after what this answers.
fn just_before(id: PurchaseId) -> PurchaseId {
    PurchaseId::new(id.get() - 1)
}

fn check_in_short(sale: Sale, purchase: &Purchase) {
    assert_eq!(
        (sale.id, sale.buyer, sale.amount, sale.refunded, sale.plan, sale.occurred_at),
        (
            purchase.id,
            purchase.buyer,
            purchase.amount,
            purchase.refunded,
            purchase.plan,
            purchase.occurred_at
        )
    );
    assert_eq!(sale.decided.is_empty(), purchase.decisions.is_empty());
    for level in Level::all() {
        let decision = purchase.decisions.get(level.index());
        let active = decision.map(|decision| decision.earner.is_some_and(|earner| earner.active));
        assert_eq!(sale.decided.active(level), active, "level {level} of {purchase:?}");
    }
}

async fn ids_ascend_and_are_given_once(db: Fresh) {
    let [buyer] = db.members([None]).await;
    let first = db
        .write(async move |tx| {
            assert_eq!(tx.next_purchase_ids(0).await?, []);
            let ids = tx.next_purchase_ids(3).await?;
            let bought = ids.iter().map(|id| purchase(*id, buyer, 1)).collect::<Vec<_>>();
            tx.insert_purchases(&bought.iter().collect::<Vec<_>>()).await?;
            Ok(ids)
        })
        .await;
    let next = db.write(async move |tx| tx.next_purchase_ids(1_024).await).await;
    assert_eq!((first.len(), next.len()), (3, 1_024));
    let all: Vec<_> = first.into_iter().chain(next).collect();
    assert!(all[0].get() > 0 && all.is_sorted_by(|a, b| a < b), "{all:?}");
}

async fn ids_have_a_gap_only_where_nodes_share_a_database(db: Fresh) {
    let [buyer] = db.members([None]).await;
    db.refused(async move |tx| {
        let lost = purchase(tx.next_purchase_ids(1).await?[0], buyer, 1);
        tx.insert_purchases(&[&lost]).await?;
        Err::<(), _>(Error::Busy)
    })
    .await;
    let id = db.write(async move |tx| Ok(tx.next_purchase_ids(2).await?[0])).await;
    match db.place.database {
        Database::Sqlite(_) => assert_eq!(id.get(), 1),
        Database::Postgres(_) => assert_eq!(id.get(), 2, "what was drawn is not drawn again"),
    }
}

/// Five purchases of one buyer, the second and the fourth with a reference.
async fn five(db: &Fresh) -> Vec<Purchase> {
    let [buyer] = db.members([None]).await;
    db.write(async move |tx| {
        let ids = tx.next_purchase_ids(5).await?;
        let mut all: Vec<_> = ids.into_iter().map(|id| purchase(id, buyer, id.get())).collect();
        all[1].reference = Some(reference("second"));
        all[3].reference = Some(reference("fourth"));
        tx.insert_purchases(&all.iter().collect::<Vec<_>>()).await?;
        Ok(all)
    })
    .await
}

async fn purchases_are_found_by_the_references_they_have(db: Fresh) {
    let all = five(&db).await;
    let find = async |references: &'static [&str]| {
        db.read(async move |view| {
            let references: Vec<_> = references.iter().map(|text| reference(text)).collect();
            view.purchases_by_reference(&references.iter().collect::<Vec<_>>()).await
        })
        .await
    };
    assert_eq!(find(&[]).await, HashMap::new());
    assert_eq!(find(&["SECOND"]).await, HashMap::new());
    let [second, fourth] = ["second", "fourth"].map(reference);
    assert_eq!(
        find(&["fourth", "SECOND", "second", "second"]).await,
        HashMap::from([(second, all[1].clone()), (fourth, all[3].clone())])
    );
}

async fn a_reference_is_taken_once_and_may_be_left_out_for_ever(db: Fresh) {
    let all = five(&db).await;
    let again = Purchase { id: PurchaseId::new(99), reference: Some(reference("second")), ..all[0].clone() };
    let refused = db.refused(async move |tx| tx.insert_purchases(&[&again]).await).await;
    assert!(matches!(refused, Error::Conflict(Constraint::PurchaseReference)), "{refused:?}");
}

async fn a_refused_batch_leaves_nothing(db: Fresh) {
    let all = five(&db).await;
    let good = Purchase { id: PurchaseId::new(99), ..all[0].clone() };
    let same_id = all[4].clone();
    let refused = db.refused(async move |tx| tx.insert_purchases(&[&good, &same_id]).await).await;
    assert!(matches!(refused, Error::Engine(_)), "{refused:?}");
    assert_eq!(db.read(async move |view| view.purchase(PurchaseId::new(99)).await).await, None);
}

/// An engine refuses it, or finds it when it is asked.
async fn nobody_buys_unnoticed_who_is_not_there(db: Fresh) {
    let written = db
        .store
        .write(async |tx| {
            let bought = purchase(tx.next_purchase_ids(1).await?[0], UserId::new(404), 1);
            tx.insert_purchases(&[&bought]).await
        })
        .await;
    let found = db.read(async |view| view.integrity().await).await;
    match written {
        Ok(()) => assert_eq!(found, ["purchases row 1 refers to a missing row of users"]),
        Err(refused) => {
            assert!(matches!(refused, Error::Engine(_)), "{refused:?}");
            assert_eq!(found, Vec::<String>::new());
        }
    }
}

async fn pages_run_from_the_newest_down(db: Fresh) {
    let newest: Vec<_> = five(&db).await.into_iter().rev().map(|p| (p, user(1).name)).collect();
    let id = |index: usize| Some(newest[index].0.id);
    for (before, limit, expected) in [
        (None, 100, &newest[..]),
        (None, 2, &newest[..2]),
        (id(1), 2, &newest[2..4]),
        (id(3), 2, &newest[4..]),
        (id(4), 2, &[]),
        (None, 0, &[]),
    ] {
        let page = db.read(async move |view| view.purchases_page(before, limit).await).await;
        assert_eq!(page, expected, "{limit} before {before:?}");
    }
}

async fn scans_run_from_the_oldest_up(db: Fresh) {
    let all = five(&db).await;
    for (after, limit, expected) in [
        (PurchaseId::new(0), 100, &all[..]),
        (PurchaseId::new(0), 2, &all[..2]),
        (all[1].id, 2, &all[2..4]),
        (all[4].id, 2, &[]),
    ] {
        let page = db.read(async move |view| view.scan_purchases(after, limit).await).await;
        assert_eq!(page, expected, "{limit} after {after}");
        let in_short = db.read(async move |view| view.scan_sales(after, limit).await).await;
        assert_eq!(in_short.len(), expected.len(), "{limit} after {after}");
        in_short.into_iter().zip(expected).for_each(|(sale, purchase)| check_in_short(sale, purchase));
    }
}

async fn what_was_decided_is_found_by_its_time(db: Fresh) {
    let [buyer] = db.members([None]).await;
    let ids: Vec<PurchaseId> = db.write(async move |tx| tx.next_purchase_ids(4).await).await;
    // Of the times 30, 10, 20 and 40, the last settled elsewhere.
    let times = [30, 10, 20, 40];
    let written = ids.clone();
    db.write(async move |tx| {
        for (id, time) in written.iter().copied().zip(times) {
            let mut sale = purchase(id, buyer, 1_00);
            sale.occurred_at = at(time);
            sale.decisions =
                if time == 40 { Vec::new() } else { vec![decision(1, None, Outcome::NoReferrer, 1, 0)] };
            tx.insert_purchases(&[&sale]).await?;
        }
        Ok(())
    })
    .await;
    let sale = |index: usize| Some(SaleTime { purchase: ids[index], occurred_at: at(times[index]) });
    let none = PurchaseId::new(0);
    for (since, after, expected) in
        [(0, none, sale(1)), (11, none, sale(2)), (0, ids[1], sale(2)), (30, none, sale(0)), (31, none, None)]
    {
        let found = db.read(async move |view| view.first_decided_since(at(since), after).await).await;
        assert_eq!(found, expected, "since {since} after {after}");
    }
    for (after, expected) in [(none, sale(0)), (ids[0], sale(2)), (ids[2], None)] {
        assert_eq!(
            db.read(async move |view| view.last_decided(after).await).await,
            expected,
            "after {after}"
        );
    }
}
