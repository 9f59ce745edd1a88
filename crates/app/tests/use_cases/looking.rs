//! Looking: statements, lists, downlines and totals show what was recorded.

use app::adjustments::adjust;
use app::{Caller, ReadError, SourceRank, earnings, members, network, plans, programme, purchases};
use domain::{Cause, Money, Plan, PurchaseId, ReferralCode, UserId};

use crate::adjustments::credit;
use crate::world::{ADMIN, World, money, newcomer, sale, seconds};

#[tokio::test]
async fn a_statement_has_the_totals_and_the_newest_50_commissions() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    for _ in 0..60 {
        world.buy(buyer.user.id, "2000").await;
    }
    let statement = earnings::statement(&world.app, &ADMIN, asha.user.id).await.unwrap();
    assert_eq!(statement.account, world.account(asha.user.id).await);
    assert_eq!((statement.account.totals.commissions(), statement.plan), (money("6000"), Plan::default()));
    let seqs: Vec<_> = statement.newest.iter().map(|commission| commission.seq).collect();
    assert_eq!(seqs, (11..=60).rev().collect::<Vec<_>>());
    assert_eq!(statement.newest[0].from_user, buyer.user.name);
}

#[tokio::test]
async fn the_newest_commissions_are_those_of_the_ledger_whenever_they_were_shown_before() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    for purchases in [0, 1, 0, 2, 48, 1, 60] {
        for _ in 0..purchases {
            world.buy(buyer.user.id, "2000").await;
        }
        // A line that is no commission.
        adjust(&world.app, &ADMIN, credit(asha.user.id, "1")).await.unwrap();
        let lines = earnings::entries(&world.app, &ADMIN, asha.user.id, None, 500).await.unwrap();
        let commissions =
            lines.iter().filter(|posted| matches!(posted.line.entry.cause, Cause::Commission(_)));
        let expected: Vec<_> = commissions.map(|posted| posted.line.entry.seq).take(50).collect();
        for _ in 0..2 {
            let statement = earnings::statement(&world.app, &ADMIN, asha.user.id).await.unwrap();
            let shown: Vec<_> = statement.newest.iter().map(|commission| commission.seq).collect();
            assert_eq!(shown, expected);
        }
    }
}

#[tokio::test]
async fn a_ledger_is_paged_from_the_newest_down() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    for _ in 0..5 {
        world.buy(buyer.user.id, "2000").await;
    }
    for (before, seqs) in [(None, &[5, 4][..]), (Some(4), &[3, 2]), (Some(2), &[1]), (Some(1), &[])] {
        let page = earnings::entries(&world.app, &ADMIN, asha.user.id, before, 2).await.unwrap();
        assert_eq!(page.iter().map(|posted| posted.line.entry.seq).collect::<Vec<_>>(), seqs);
    }
}

#[tokio::test]
async fn lists_run_from_the_newest_down() {
    let world = World::new().await;
    let [asha, bina, chitra] = world.chain(["Asha", "Bina", "Chitra"]).await;
    let (page, limit) = members::list(&world.app, &ADMIN, None, 2).await.unwrap();
    assert_eq!(page, [chitra.clone(), world.member(bina.user.id).await]);
    assert_eq!(limit, 8);
    let (page, _) = members::list(&world.app, &ADMIN, Some(bina.user.id), 2).await.unwrap();
    assert_eq!(page, [world.member(asha.user.id).await]);

    let first = world.buy(chitra.user.id, "5").await.purchase;
    let second = world.buy(asha.user.id, "6").await.purchase;
    let page = purchases::list(&world.app, &ADMIN, None, 9).await.unwrap();
    assert_eq!(page, [(second.clone(), asha.user.name), (first.clone(), chitra.user.name.clone())]);
    let page = purchases::list(&world.app, &ADMIN, Some(second.id), 9).await.unwrap();
    assert_eq!(page, [(first, chitra.user.name)]);
}

#[tokio::test]
async fn referrals_are_two_levels_deep_whatever_the_plan_pays() {
    let world = World::new().await;
    let [root, a, b, _] = world.chain(["Root", "A", "B", "C"]).await;
    let a2 = world.join("A2", &root).await;
    world.buy(b.user.id, "2000").await;
    let referrals = network::referrals(&world.app, &ADMIN, root.user.id).await.unwrap();
    assert_eq!(referrals.counts, [2, 1]);
    let told: Vec<_> =
        referrals.people.iter().map(|p| (p.user.id, p.level.number(), p.earned.to_string())).collect();
    let expected = [(a.user.id, 1, "0.00"), (a2.user.id, 1, "0.00"), (b.user.id, 2, "20.00")];
    assert_eq!(told, expected.map(|(id, level, earned)| (id, level, earned.to_owned())));
}

#[tokio::test]
async fn sources_are_the_people_who_bought_the_best_first() {
    let world = World::new().await;
    let [root, a, b, _] = world.chain(["Root", "A", "B", "C"]).await;
    for (buyer, amount) in [(&b, "9000"), (&a, "2000"), (&a, "1000.01"), (&b, "1000"), (&root, "5000")] {
        world.buy(buyer.user.id, amount).await;
    }
    let sources = network::sources(&world.app, &ADMIN, root.user.id, None, 100).await.unwrap();
    let told: Vec<_> = sources
        .people
        .iter()
        .map(|p| (p.user.id, p.level.number(), p.earned.to_string(), p.purchases))
        .collect();
    let expected = [(a.user.id, 1, "150.00".to_owned(), 2), (b.user.id, 2, "90.00".to_owned(), 1)];
    assert_eq!(told, expected);
    assert_eq!(sources.account.totals.commissions(), money("240"));
}

#[tokio::test]
async fn however_many_bought_those_who_are_listed_and_the_others_are_all_that_was_earned() {
    let world = World::new().await;
    world.set_plan(Plan { max_direct_referrals: 100, ..Plan::default() }).await;
    let root = world.join("Root", None).await;
    let mut earned = Vec::new();
    for number in 0..23 {
        let buyer = world.join(&format!("Buyer {number}"), &root).await;
        // Some bring the same as others.
        let amount = 2_000 + 100 * (number % 7);
        for _ in 0..=number % 3 {
            world.buy(buyer.user.id, &amount.to_string()).await;
        }
        earned.push((-5 * amount * (1 + number % 3), buyer.user.id));
    }
    earned.sort_unstable();
    let ranks: Vec<UserId> = earned.into_iter().map(|(_, user)| user).collect();
    let total = world.account(root.user.id).await.totals.earnings();
    for limit in [1, 5, 22, 23, 24] {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = network::sources(&world.app, &ADMIN, root.user.id, after, limit).await.unwrap();
            let of_page = page.people.iter().map(|person| person.earned.paise()).sum::<i64>();
            assert_eq!(of_page + page.others.earned.paise(), total.paise(), "pages of {limit}");
            let purchases = page.people.iter().map(|person| person.purchases).sum::<i64>();
            assert_eq!(page.others.purchases + purchases, 23 + 8 + 2 * 7);
            assert_eq!(page.others.people, 23 - i64::try_from(page.people.len()).unwrap());
            listed.extend(page.people.iter().map(|person| person.user.id));
            let Some(last) = page.people.last().filter(|_| page.more) else { break };
            after = Some(SourceRank { earned: last.earned, source: last.user.id });
        }
        assert_eq!(listed, ranks, "pages of {limit}");
    }
}

#[tokio::test]
async fn more_people_than_are_listed_are_counted_and_none_of_their_purchases_is_lost() {
    const PEOPLE: usize = network::REFERRALS_MAX + 10;
    let world = World::fleeting().await;
    world.set_plan(Plan { max_direct_referrals: 6_000, ..Plan::default() }).await;
    let root = world.join("Root", None).await;
    let code = root.user.code;
    let now = world.app.now();
    let mut recorded = 0;
    while recorded < PEOPLE {
        // A transaction may take ten seconds on PostgreSQL: not all of them in one.
        let some = recorded + 1..=PEOPLE.min(recorded + 500);
        let written = world.app.store().write(async move |tx| {
            let mut sales = Vec::new();
            for number in some.clone() {
                let new = newcomer(&format!("Buyer {number}"), Some(code));
                let drawn = ReferralCode::from_bits(1_000_000 + u64::try_from(number).unwrap());
                let (member, _) = members::register_in(tx, now, &new, drawn, None).await.unwrap();
                sales.push(sale(member.user.id, "2000"));
            }
            purchases::record_batch(tx, now, &sales).await
        });
        recorded += written.await.unwrap().purchases.len();
    }
    assert_eq!(recorded, PEOPLE);

    let root = root.user.id;
    let referrals = network::referrals(&world.app, &ADMIN, root).await.unwrap();
    assert_eq!(referrals.people.len(), network::REFERRALS_MAX);
    assert_eq!(referrals.counts, [i64::try_from(PEOPLE).unwrap(), 0]);
    let sources = network::sources(&world.app, &ADMIN, root, None, 100).await.unwrap();
    assert_eq!(sources.others.people, i64::try_from(PEOPLE).unwrap() - 100);
    let listed: i64 = sources.people.iter().map(|person| person.earned.paise()).sum();
    assert_eq!(listed + sources.others.earned.paise(), sources.account.totals.earnings().paise());
    assert_eq!(sources.account.totals.earnings(), money("501000"));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::new().await;
    world.join("Asha", None).await;
    let (app, user) = (&world.app, UserId::new(404));
    let not_found = |error: ReadError| matches!(error, ReadError::UserNotFound(id) if id == user);
    assert!(not_found(members::find(app, &ADMIN, user).await.unwrap_err()));
    assert!(not_found(earnings::statement(app, &ADMIN, user).await.unwrap_err()));
    assert!(not_found(earnings::entries(app, &ADMIN, user, None, 9).await.unwrap_err()));
    assert!(not_found(network::referrals(app, &ADMIN, user).await.unwrap_err()));
    assert!(not_found(network::sources(app, &ADMIN, user, None, 100).await.unwrap_err()));
    assert!(not_found(app::feed::follow(app, &ADMIN, user, None).await.unwrap_err()));
    let purchase = purchases::find(app, &ADMIN, PurchaseId::new(404)).await.unwrap_err();
    assert!(matches!(purchase, ReadError::PurchaseNotFound(_)), "{purchase:?}");
}

#[tokio::test]
async fn a_member_sees_herself_and_the_limit_in_force() {
    let world = World::new().await;
    let asha = world.join("Asha", None).await;
    world.advance(seconds(1));
    world.set_plan(Plan { max_direct_referrals: 3, ..Plan::default() }).await;
    let own = Caller::Member(asha.user.id);
    assert_eq!(members::find(&world.app, &own, asha.user.id).await.unwrap(), (asha, 3));
    assert_eq!(plans::in_force(&world.app).await.unwrap().plan.max_direct_referrals, 3);
}

#[tokio::test]
async fn totals_are_at_most_two_seconds_old() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    let sales = async || {
        let (at, totals) = programme::totals(&world.app, &ADMIN).await.unwrap();
        assert!(world.app.now().millis() - at.millis() < 2_000);
        (totals.purchases, totals.sales, totals.commissions())
    };
    assert_eq!(sales().await, (0, Money::ZERO, Money::ZERO));
    world.buy(buyer.user.id, "2000").await;
    world.advance(seconds(1));
    assert_eq!(sales().await.0, 0, "summed a second ago");
    world.advance(seconds(1));
    assert_eq!(sales().await, (1, money("2000"), money("100")));
}
