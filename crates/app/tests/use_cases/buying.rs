//! Purchases: what each pays, to whom, and why not (contract, section 4).

use app::purchases::{NewPurchase, RecordError};
use domain::{Decision, Plan, Purchase, Rate, UserId};

use crate::world::{START, World, money, sale, seconds};

fn told(decisions: &[Decision]) -> Vec<String> {
    let one = |decision: &Decision| match decision.outcome.pays() {
        true => format!("{} {}", decision.outcome, decision.amount),
        false => decision.outcome.to_string(),
    };
    decisions.iter().map(one).collect()
}

/// Buys below an upline written as a word, nearest first: `A` is an active
/// member, `i` an inactive one. Answers the ids of the upline, too.
async fn bought(world: &World, upline: &str, amount: &str) -> (Purchase, Vec<UserId>) {
    let states: Vec<char> = upline.chars().collect();
    let mut chain = Vec::new();
    for number in (0..=states.len()).rev() {
        let name = format!("{upline} {amount} {number}");
        chain.push(world.join(&name.replace('.', "-"), chain.last()).await);
    }
    chain.reverse();
    let (buyer, upline) = chain.split_first().unwrap();
    for (member, state) in upline.iter().zip(states) {
        world.set_active(member.user.id, state == 'A').await;
    }
    let purchase = world.buy(buyer.user.id, amount).await.purchase;
    (purchase, upline.iter().map(|member| member.user.id).collect())
}

#[tokio::test]
async fn the_hard_cases_of_the_contract() {
    let world = World::new().await;
    let table: &[(&str, &str, [&str; 2])] = &[
        ("AA", "999.99", ["below_threshold", "below_threshold"]),
        ("AA", "1000.00", ["below_threshold", "below_threshold"]),
        ("AA", "1000.01", ["paid 50.00", "paid 10.00"]),
        ("AA", "1000.10", ["paid 50.01", "paid 10.00"]),
        ("AA", "1001.30", ["paid 50.07", "paid 10.01"]),
        ("AA", "1004.50", ["paid 50.23", "paid 10.05"]),
        ("AA", "1000000000.00", ["paid 50000000.00", "paid 10000000.00"]),
        ("iA", "2000", ["inactive", "paid 20.00"]),
        ("Ai", "2000", ["paid 100.00", "inactive"]),
        ("ii", "2000", ["inactive", "inactive"]),
        ("", "2000", ["no_referrer", "no_referrer"]),
        ("A", "2000", ["paid 100.00", "no_referrer"]),
        ("i", "2000", ["inactive", "no_referrer"]),
        ("AAAA", "2000", ["paid 100.00", "paid 20.00"]),
    ];
    for (upline, amount, expected) in table {
        world.advance(seconds(1));
        let (purchase, earners) = bought(&world, upline, amount).await;
        assert_eq!(told(&purchase.decisions), expected, "{upline:?} {amount}");
        assert_eq!((purchase.amount, purchase.occurred_at), (money(amount), world.app.now()));
        for (level, earner) in earners.into_iter().enumerate() {
            let decided = purchase.decisions.get(level).map_or(0, |decision| decision.amount.paise());
            let account = world.account(earner).await;
            assert_eq!(
                account.totals.commissions().paise(),
                decided,
                "{upline:?} {amount}, level {}",
                level + 1
            );
            assert_eq!(account.seq, i64::from(decided > 0));
        }
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn the_purchase_of_an_inactive_buyer_pays_her_upline() {
    let world = World::new().await;
    let [asha, bina] = world.chain(["Asha", "Bina"]).await;
    world.set_active(bina.user.id, false).await;
    let recorded = world.buy(bina.user.id, "2000").await;
    assert_eq!(told(&recorded.purchase.decisions), ["paid 100.00", "no_referrer"]);
    assert_eq!(world.account(asha.user.id).await.totals.balance(), money("100"));
}

#[tokio::test]
async fn a_purchase_keeps_the_plan_it_was_made_under() {
    let world = World::new().await;
    let [root, asha, bina, buyer] = world.chain(["Root", "Asha", "Bina", "Buyer"]).await;
    let first = world.buy(buyer.user.id, "2000").await.purchase;

    world.advance(seconds(1));
    let rates: Vec<Rate> = ["10%", "0%", "2%"].map(|rate| rate.parse().unwrap()).to_vec();
    let commission_above = money("2000");
    world.set_plan(Plan { levels: rates.try_into().unwrap(), commission_above, ..Plan::default() }).await;
    let second = world.buy(buyer.user.id, "2000").await.purchase;
    let third = world.buy(buyer.user.id, "2000.01").await.purchase;

    assert_eq!([&first, &second, &third].map(|purchase| purchase.plan.get()), [1, 2, 2]);
    assert_eq!(told(&first.decisions), ["paid 100.00", "paid 20.00"]);
    assert_eq!(told(&second.decisions), ["below_threshold"; 3]);
    assert_eq!(told(&third.decisions), ["paid 200.00", "rounds_to_zero", "paid 40.00"]);
    let found = app::purchases::find(&world.app, &app::Caller::Admin, first.id).await.unwrap();
    assert_eq!(found, (first, buyer.user.name));
    for (member, earned) in [(bina, "300.00"), (asha, "20.00"), (root, "40.00")] {
        assert_eq!(world.account(member.user.id).await.totals.commissions().to_string(), earned);
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn a_purchase_that_cannot_be_recorded_says_why() {
    let world = World::new().await;
    let buyer = world.join("Buyer", None).await.user.id;
    let stranger = world.record(sale(UserId::new(404), "5")).await.unwrap_err();
    assert!(matches!(stranger, RecordError::UserNotFound(user) if user.get() == 404), "{stranger:?}");

    let in_currency = |code: &str| NewPurchase { currency: Some(code.parse().unwrap()), ..sale(buyer, "5") };
    let refused = world.record(in_currency("EUR")).await.unwrap_err();
    assert!(matches!(refused, RecordError::CurrencyMismatch { .. }), "{refused:?}");
    let recorded = world.record(in_currency("INR")).await.unwrap();
    assert_eq!((recorded.currency.as_str(), recorded.purchase.occurred_at), ("INR", START));
    assert_eq!(recorded.purchase.id.get(), 1, "what was refused took no id");
}
