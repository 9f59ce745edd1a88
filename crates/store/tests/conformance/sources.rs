//! Source totals, and the sums over the whole programme.

use domain::{LevelTotals, PurchaseId, UserId};
use store::{ProgrammeTotals, SourceTotal};

use crate::engines::Fresh;
use crate::values::{at, level, paise, purchase, refund};

on_every_engine! {
    what_is_added_to_a_source_adds_up,
    scans_run_by_source_and_then_by_level,
    an_empty_programme_sums_to_nothing,
    a_programme_sums_to_what_is_in_it,
    a_sum_that_is_out_of_range_says_so_and_the_view_goes_on,
}

fn total(source: UserId, number: u8, earner: UserId, amount: i64, purchases: i64) -> SourceTotal {
    SourceTotal { source, level: level(number), earner, amount: paise(amount), purchases }
}

async fn sources(db: &Fresh, after: (UserId, u8), limit: usize) -> Vec<SourceTotal> {
    db.read(async move |view| view.scan_sources(after, limit).await).await
}

async fn what_is_added_to_a_source_adds_up(db: Fresh) {
    let [root, asha, buyer] = db.members([None, Some(0), Some(1)]).await;
    for (amount, purchases) in [(100_00, 1), (i64::MAX - 200_00, 2), (-50_00, 0)] {
        let totals = [total(buyer, 1, asha, amount, purchases), total(buyer, 2, root, 1, 1)];
        db.write(async move |tx| tx.add_to_sources(&totals).await).await;
    }
    let found = sources(&db, (UserId::new(0), 0), 100).await;
    assert_eq!(found, [total(buyer, 1, asha, i64::MAX - 150_00, 3), total(buyer, 2, root, 3, 3)]);
}

async fn scans_run_by_source_and_then_by_level(db: Fresh) {
    let [root, asha, buyer] = db.members([None, Some(0), Some(1)]).await;
    let all = [total(asha, 1, root, 1, 1), total(buyer, 1, asha, 2, 1), total(buyer, 2, root, 3, 1)];
    db.write(async move |tx| tx.add_to_sources(&[all[2], all[0], all[1]]).await).await;
    for (after, limit, expected) in [
        ((UserId::new(0), 0), 100, &all[..]),
        ((UserId::new(0), 0), 2, &all[..2]),
        ((asha, 1), 1, &all[1..2]),
        ((buyer, 1), 9, &all[2..]),
        ((buyer, 2), 9, &[]),
    ] {
        assert_eq!(sources(&db, after, limit).await, expected, "{limit} after {after:?}");
    }
}

async fn an_empty_programme_sums_to_nothing(db: Fresh) {
    let totals = db.read(async move |view| view.programme_totals().await).await;
    assert_eq!(totals, ProgrammeTotals::default());
}

async fn a_programme_sums_to_what_is_in_it(db: Fresh) {
    let [root, asha, buyer] = db.members([None, Some(0), Some(1)]).await;
    db.write(async move |tx| {
        tx.set_active(buyer, false, at(9)).await?;
        for amount in [1, 2_000_00] {
            let bought = purchase(tx.next_purchase_ids(1).await?[0], buyer, amount);
            tx.insert_purchases(&[&bought]).await?;
        }
        tx.add_to_sources(&[
            total(asha, 1, root, 7, 1),
            total(buyer, 1, asha, 100_00, 1),
            total(buyer, 10, root, 20_00, 1),
        ])
        .await?;
        for reversed in [3, 4] {
            tx.insert_refund(&refund(PurchaseId::new(1), 1, reversed)).await?;
        }
        Ok(())
    })
    .await;
    let mut by_level = LevelTotals::default();
    *by_level.get_mut(level(1)) = paise(100_07);
    *by_level.get_mut(level(10)) = paise(20_00);
    let expected = ProgrammeTotals {
        members: 3,
        active_members: 2,
        purchases: 2,
        sales: paise(2_000_01),
        reversed: paise(7),
        by_level,
    };
    assert_eq!(expected.commissions(), paise(120_14));
    assert_eq!(db.read(async move |view| view.programme_totals().await).await, expected);
}

async fn a_sum_that_is_out_of_range_says_so_and_the_view_goes_on(db: Fresh) {
    let [root, asha, buyer] = db.members([None, Some(0), Some(1)]).await;
    let half = i64::MAX / 2 + 1;
    let totals = async || {
        db.read(async move |view| {
            let totals = view.programme_totals().await;
            // The same view still answers.
            assert!(view.account(buyer).await?.is_some());
            Ok(totals.map(|totals| totals.sales).map_err(|error| error.to_string()))
        })
        .await
    };
    let refused = |of: &str| {
        Err(format!("the sum of {of} is out of range: it would be more than 92233720368547758.07"))
    };

    for (amount, expected) in [(half - 1, Ok(paise(half - 1))), (half, Ok(paise(i64::MAX)))] {
        db.write(async move |tx| {
            let bought = purchase(tx.next_purchase_ids(1).await?[0], buyer, amount);
            tx.insert_purchases(&[&bought]).await
        })
        .await;
        assert_eq!(totals().await, expected);
    }
    db.write(async move |tx| {
        tx.add_to_sources(&[total(buyer, 1, asha, half, 1), total(buyer, 2, root, half, 1)]).await
    })
    .await;
    assert_eq!(totals().await, refused("all commissions"));
    db.write(async move |tx| tx.add_to_sources(&[total(asha, 1, root, half, 1)]).await).await;
    assert_eq!(totals().await, refused("the commissions of a level"));
    for _ in 0..3 {
        db.write(async move |tx| tx.insert_refund(&refund(PurchaseId::new(1), 1, half)).await).await;
    }
    assert_eq!(db.read(async move |view| view.total_reversed().await).await, i128::from(half) * 3);
    db.write(async move |tx| {
        let bought = purchase(tx.next_purchase_ids(1).await?[0], buyer, 1);
        tx.insert_purchases(&[&bought]).await
    })
    .await;
    assert_eq!(totals().await, refused("all purchases"));
}
