//! Statements of months: every line stands in exactly one of them.

mod closing;
mod late_sales;

use app::earnings::{month, month_lines};
use app::{Calendar, ReadError};
use domain::{Month, Timestamp, UserId};

use crate::world::{ADMIN, World};

const HOUR: i64 = 60 * 60 * 1_000;

/// The number of each line of a month, as the statement and as the file has them.
async fn seqs(world: &World, user: UserId, name: &str) -> Vec<i64> {
    let named: Month = name.parse().unwrap();
    let statement = month(&world.app, &ADMIN, user, Some(named)).await.unwrap();
    let seqs: Vec<_> = statement.lines.iter().map(|line| line.posted.line.entry.seq).collect();
    let mut lines = month_lines(&world.app, &ADMIN, user, Some(named)).await.unwrap();
    let mut in_file = Vec::new();
    while let Some(page) = lines.next().await.unwrap() {
        in_file.extend(page.iter().map(|line| line.posted.line.entry.seq));
    }
    assert_eq!(in_file, seqs, "{name}");
    assert_eq!(statement.line_count, i64::try_from(seqs.len()).unwrap());
    seqs
}

/// What a statement opens with, its lines with the statement's balance after each,
/// and what it closes with.
async fn figures(
    world: &World,
    user: UserId,
    name: &str,
) -> (&'static str, Vec<(i64, &'static str)>, &'static str) {
    let statement = month(&world.app, &ADMIN, user, Some(name.parse().unwrap())).await.unwrap();
    let text = |money: domain::Money| &*money.to_string().leak();
    let lines = statement.lines.iter().map(|line| (line.posted.line.entry.seq, text(line.balance)));
    (text(statement.opening.balance()), lines.collect(), text(statement.closing.balance()))
}

async fn buy_at(world: &World, at: Timestamp, buyer: UserId) {
    world.set_clock(at);
    world.buy(buyer, "2000").await;
}

#[tokio::test]
async fn a_month_begins_and_ends_with_its_moments() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let february: Month = "2026-02".parse().unwrap();
    let std::ops::Range { start, end } = Calendar::default().times(february);
    for at in [start.plus_millis(-1), start, end.plus_millis(-1), end] {
        buy_at(&world, at, buyer.user.id).await;
    }
    for (name, expected) in [("2025-12", &[][..]), ("2026-01", &[1]), ("2026-02", &[2, 3]), ("2026-03", &[4])]
    {
        assert_eq!(seqs(&world, asha.user.id, name).await, expected, "{name}");
    }
    let this = month(&world.app, &ADMIN, asha.user.id, None).await.unwrap();
    assert_eq!(this.month.month.to_string(), "2026-03", "unless another is named");
}

#[tokio::test]
async fn a_clock_that_goes_back_loses_no_line_and_repeats_none() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let february = Calendar::default().times("2026-02".parse().unwrap()).start;
    // Into February, back into January, on into February, back again, and on.
    for hours in [-2, 1, -1, 2, -3, 3, 24 * 40] {
        buy_at(&world, february.plus_millis(hours * HOUR), buyer.user.id).await;
    }
    let mut all = Vec::new();
    let mut closing = "0.00".to_owned();
    for name in ["2025-12", "2026-01", "2026-02", "2026-03", "2026-04"] {
        let statement = month(&world.app, &ADMIN, asha.user.id, Some(name.parse().unwrap())).await.unwrap();
        assert_eq!(statement.opening.balance().to_string(), closing, "{name}");
        closing = statement.closing.balance().to_string();
        all.extend(seqs(&world, asha.user.id, name).await);
    }
    assert_eq!(all, [5, 1, 3, 2, 4, 6, 7], "each in the month of its time, and there in the order of time");
    assert_eq!(closing, "700.00");
}

#[tokio::test]
async fn a_file_that_is_being_read_ends_where_it_ended_when_it_was_asked_for() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    let mut lines = month_lines(&world.app, &ADMIN, asha.user.id, None).await.unwrap();
    world.buy(buyer.user.id, "2000").await;
    let page = lines.next().await.unwrap().unwrap();
    assert_eq!(page.iter().map(|line| line.posted.line.entry.seq).collect::<Vec<_>>(), [1]);
    assert!(lines.next().await.unwrap().is_none());
}

#[tokio::test]
async fn nobody_has_no_statement() {
    let world = World::new().await;
    let named = Month::new(2026, 1);
    let statement = month(&world.app, &ADMIN, UserId::new(404), named).await.unwrap_err();
    assert!(matches!(statement, ReadError::UserNotFound(user) if user.get() == 404), "{statement:?}");
    let lines = month_lines(&world.app, &ADMIN, UserId::new(404), named).await.unwrap_err();
    assert!(matches!(lines, ReadError::UserNotFound(_)), "{lines:?}");
}
