//! Months: the time zones they lie in, and which of them are closed.

use domain::Month;
use store::{ClosedMonth, ZoneRecord};

use crate::engines::Fresh;
use crate::values::{FIRST_PLAN, adjustment, at, purchase};

on_every_engine! {
    a_new_database_counts_by_utc_for_all_time,
    a_time_zone_counts_from_its_month_on,
    what_is_open_begins_where_the_last_closed_month_ends,
    the_oldest_booking_is_that_of_a_sale_or_an_adjustment,
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn zone(from: &str, name: &str, set_at: i64) -> ZoneRecord {
    ZoneRecord { from: month(from), name: name.to_owned(), set_at: at(set_at) }
}

async fn a_new_database_counts_by_utc_for_all_time(db: Fresh) {
    assert_eq!(db.read(async |view| view.time_zones().await).await, [zone("0000-01", "UTC", 0)]);
}

async fn a_time_zone_counts_from_its_month_on(db: Fresh) {
    let [tokyo, berlin, kolkata] =
        [("2026-12", "Asia/Tokyo", 5), ("2026-11", "Europe/Berlin", 6), ("2026-12", "Asia/Kolkata", 7)]
            .map(|(from, name, set_at)| zone(from, name, set_at));
    let all = [zone("0000-01", "UTC", 0), berlin.clone(), tokyo.clone(), kolkata.clone()];
    for zone in [tokyo, berlin, kolkata] {
        db.write(async move |tx| tx.set_time_zone(&zone).await).await;
    }
    assert_eq!(db.read(async |view| view.time_zones().await).await, all);
}

async fn what_is_open_begins_where_the_last_closed_month_ends(db: Fresh) {
    let open_from = async || {
        let looked = db.read(async |view| view.open_from().await).await;
        let present = db.write(async |tx| tx.present(at(9)).await).await;
        assert_eq!((present.version, present.open_from), (FIRST_PLAN, looked));
        assert_eq!(db.write(async |tx| tx.open_from().await).await, looked);
        looked
    };
    assert_eq!(open_from().await, domain::Timestamp::MIN);
    let (october, november) = (month("2026-10"), month("2026-11"));
    db.write(async move |tx| tx.close_month(october, at(100), at(150)).await).await;
    db.write(async move |tx| tx.close_month(november, at(200), at(250)).await).await;
    assert_eq!(open_from().await, at(200));
    assert!(db.write(async move |tx| tx.reopen_month(november, at(300)).await).await);
    assert!(!db.write(async move |tx| tx.reopen_month(november, at(301)).await).await, "it is open");
    assert!(!db.write(async move |tx| tx.reopen_month(month("2026-09"), at(301)).await).await);
    assert_eq!(open_from().await, at(100));
    let closed = |month, ends_at, closed_at: Option<i64>, reopened_at: Option<i64>| ClosedMonth {
        month,
        ends_at: at(ends_at),
        closed_at: closed_at.map(at),
        reopened_at: reopened_at.map(at),
    };
    let first = closed(october, 100, Some(150), None);
    let all = db.read(async |view| view.closed_months().await).await;
    assert_eq!(all, [first, closed(november, 200, None, Some(300))]);
    db.write(async move |tx| tx.close_month(november, at(200), at(400)).await).await;
    let all = db.read(async |view| view.closed_months().await).await;
    assert_eq!(all, [first, closed(november, 200, Some(400), Some(300))]);
    assert_eq!(open_from().await, at(200));
}

async fn the_oldest_booking_is_that_of_a_sale_or_an_adjustment(db: Fresh) {
    let oldest = async || db.read(async |view| view.oldest_booking().await).await;
    assert_eq!(oldest().await, None);
    let [asha] = db.members([None]).await;
    db.write(async move |tx| {
        let ids = tx.next_purchase_ids(2).await?;
        let mut bought = [purchase(ids[0], asha, 1), purchase(ids[1], asha, 1)];
        (bought[0].occurred_at, bought[0].booked_at, bought[1].booked_at) = (at(3), at(40), at(50));
        tx.insert_purchases(&bought.each_ref()).await
    })
    .await;
    assert_eq!(oldest().await, Some(at(40)));
    db.write(async move |tx| tx.insert_adjustment(&adjustment(asha, 30)).await).await;
    assert_eq!(oldest().await, Some(at(30)));
}
