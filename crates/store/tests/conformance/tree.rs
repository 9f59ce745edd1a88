//! The tree: slots, uplines, downlines.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use domain::{Outcome, UserId};
use store::{Buyer, DownlineMember, Error, Snapshot, SourceCount, SourceRank, SourceTotal};

use crate::engines::Fresh;
use crate::values::{at, decision, level, paise, purchase, user};

on_every_engine! {
    a_slot_is_taken_until_the_limit_and_not_once_more,
    a_lower_limit_gives_no_slot_and_a_higher_one_gives_the_rest,
    nobody_has_no_slots,
    a_referrer_must_be_there_before_the_member,
    an_upline_is_the_chain_of_referrers_nearest_first,
    whoever_did_not_register_after_all_is_no_buyer,
    a_downline_is_nearest_and_then_oldest_first,
    a_downline_stops_at_its_depth_and_at_its_limit,
    a_downline_says_what_each_brought_and_whether_she_is_active,
    sources_run_from_who_brought_most_and_are_counted,
    referrals_are_counted_on_two_levels,
}

async fn slots(db: &Fresh, user: UserId) -> u32 {
    db.read(async move |view| view.member(user).await).await.unwrap().slots_used
}

async fn a_slot_is_taken_until_the_limit_and_not_once_more(db: Fresh) {
    let [asha, bina] = db.members([None, None]).await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(db.write(async move |tx| tx.take_slot(asha, 3).await).await);
    }
    assert_eq!(answers, [true, true, true, false]);
    assert_eq!((slots(&db, asha).await, slots(&db, bina).await), (3, 0));
}

async fn a_lower_limit_gives_no_slot_and_a_higher_one_gives_the_rest(db: Fresh) {
    let [asha] = db.members([None]).await;
    for (limit, given) in [(0, false), (2, true), (2, true), (2, false), (1, false), (3, true), (3, false)] {
        assert_eq!(db.write(async move |tx| tx.take_slot(asha, limit).await).await, given, "limit {limit}");
    }
    assert_eq!(slots(&db, asha).await, 3);
}

async fn nobody_has_no_slots(db: Fresh) {
    assert!(!db.write(async |tx| tx.take_slot(UserId::new(404), 8).await).await);
}

async fn a_referrer_must_be_there_before_the_member(db: Fresh) {
    let [asha] = db.members([None]).await;
    for referrer in [asha.get() + 1, asha.get() + 7, 0, -1] {
        let mut new = user(9);
        new.referrer = Some(UserId::new(referrer));
        let refused = db.refused(async move |tx| tx.insert_user(&new).await).await;
        assert!(matches!(refused, Error::Engine(_)), "{refused:?}");
    }
}

async fn an_upline_is_the_chain_of_referrers_nearest_first(db: Fresh) {
    let [root, asha, bina, chitra] = db.members([None, Some(0), Some(1), Some(2)]).await;
    let buyers =
        async |ids: Vec<UserId>, depth| db.read(async move |view| view.buyers(&ids, depth).await).await;
    let buyer = |number: u32, upline: &[UserId]| Buyer { name: user(number).name, upline: upline.to_vec() };
    let table = [
        (0, HashMap::from([(chitra, buyer(4, &[])), (root, buyer(1, &[]))])),
        (1, HashMap::from([(chitra, buyer(4, &[bina])), (root, buyer(1, &[]))])),
        (2, HashMap::from([(chitra, buyer(4, &[bina, asha])), (root, buyer(1, &[]))])),
        (10, HashMap::from([(chitra, buyer(4, &[bina, asha, root])), (root, buyer(1, &[]))])),
    ];
    // Whoever writes asks again, from the shallowest to the deepest and back.
    let again = async |ids: Vec<UserId>, depth| db.write(async move |tx| tx.buyers(&ids, depth).await).await;
    for (depth, expected) in table.iter().chain(table.iter().rev()) {
        let strangers = vec![UserId::new(0), chitra, root, UserId::new(404)];
        assert_eq!(&buyers(strangers.clone(), *depth).await, expected, "depth {depth}");
        assert_eq!(&again(strangers, *depth).await, expected, "depth {depth}");
    }
    assert_eq!(buyers(vec![], 2).await, HashMap::new());
}

async fn whoever_did_not_register_after_all_is_no_buyer(db: Fresh) {
    let registered = Arc::new(OnceLock::new());
    let told = Arc::clone(&registered);
    db.refused(async move |tx| {
        let id = tx.insert_user(&user(1)).await?;
        assert_eq!(tx.buyers(&[id], 2).await?.len(), 1);
        told.set(id).unwrap();
        Err::<(), _>(Error::Busy)
    })
    .await;
    let id = *registered.get().unwrap();
    assert_eq!(db.write(async move |tx| tx.buyers(&[id], 2).await).await, HashMap::new());
}

/// A root with three below her, the last of whom came last of all; three below
/// those and one more below.
async fn small_tree(db: &Fresh) -> [UserId; 8] {
    db.members([None, Some(0), Some(0), Some(2), Some(1), Some(2), Some(3), Some(0)]).await
}

async fn below(db: &Fresh, user: UserId, deepest: u8, limit: usize) -> Vec<DownlineMember> {
    db.read(async move |view| view.downline(user, level(deepest), limit).await).await
}

fn places(people: &[DownlineMember]) -> Vec<(UserId, u8)> {
    people.iter().map(|person| (person.user.id, person.level.number())).collect()
}

async fn a_downline_is_nearest_and_then_oldest_first(db: Fresh) {
    let [root, a, b, b1, a1, b2, b11, c] = small_tree(&db).await;
    let all = [(a, 1), (b, 1), (c, 1), (b1, 2), (a1, 2), (b2, 2), (b11, 3)];
    assert_eq!(places(&below(&db, root, 10, 100).await), all);
    assert_eq!(places(&below(&db, b, 10, 100).await), [(b1, 1), (b2, 1), (b11, 2)]);
    assert_eq!(places(&below(&db, b11, 10, 100).await), []);
    assert_eq!(places(&below(&db, UserId::new(404), 10, 100).await), []);
}

async fn a_downline_stops_at_its_depth_and_at_its_limit(db: Fresh) {
    let tree = small_tree(&db).await;
    let root = tree[0];
    let all = places(&below(&db, root, 10, 100).await);
    for (deepest, count) in [(1, 3), (2, 6), (3, 7), (4, 7)] {
        assert_eq!(places(&below(&db, root, deepest, 100).await), all[..count], "depth {deepest}");
    }
    for limit in [0, 1, 2, 3, 6, 7] {
        assert_eq!(places(&below(&db, root, 10, limit).await), all[..limit], "limit {limit}");
    }
    let [_, a, b, b1, a1, _, _, c] = tree;
    let of_older_referrers =
        [&[(a, 1), (b, 1), (c, 1), (a1, 2)][..], &[(a, 1), (b, 1), (c, 1), (b1, 2), (a1, 2)]];
    for (limit, expected) in (4..).zip(of_older_referrers) {
        assert_eq!(places(&below(&db, root, 10, limit).await), expected, "limit {limit}");
    }
}

async fn a_downline_says_what_each_brought_and_whether_she_is_active(db: Fresh) {
    let [root, a, _, b1, ..] = small_tree(&db).await;
    db.write(async move |tx| {
        tx.set_active(b1, false, at(50)).await?;
        let mut bought = purchase(tx.next_purchase_ids(1).await?[0], a, 2_000_00);
        bought.decisions = vec![decision(1, Some((root, "active")), Outcome::Paid, 500, 100_00)];
        tx.insert_purchases(&[&bought]).await?;
        let total = |source, number, amount, purchases| SourceTotal {
            source,
            level: level(number),
            earner: root,
            amount: paise(amount),
            purchases,
        };
        // What `b1` brought at level 1 went to her own referrer, not to the root.
        let elsewhere = SourceTotal { earner: a, ..total(b1, 1, 9_99, 9) };
        tx.add_to_sources(&[total(a, 1, 100_00, 1), elsewhere, total(b1, 2, 20_00, 3)]).await
    })
    .await;
    let people = below(&db, root, 2, 100).await;
    let told: Vec<_> = people.iter().map(|p| (p.active, p.earned.paise(), p.purchases)).collect();
    let nothing = (true, 0, 0);
    assert_eq!(told, [(true, 100_00, 1), nothing, nothing, (false, 20_00, 3), nothing, nothing]);
    let member = db.read(async move |view| view.member(b1).await).await.unwrap();
    assert_eq!(people[3].user, member.user);
}

async fn sources_run_from_who_brought_most_and_are_counted(db: Fresh) {
    let [root, a, b, b1, a1, _, b11, _] = small_tree(&db).await;
    let total = |source, number, earner, amount| SourceTotal {
        source,
        level: level(number),
        earner,
        amount: paise(amount),
        purchases: amount + 1,
    };
    let brought = [
        total(a, 1, root, 5),
        total(b, 1, root, 7),
        total(b1, 1, b, 99),
        total(b1, 2, root, 5),
        total(a1, 2, root, 0),
        total(b11, 3, root, 50),
    ];
    db.write(async move |tx| tx.add_to_sources(&brought).await).await;
    let ranks = async |deepest: u8, after: SourceRank, limit: usize| {
        let found = async move |view: &mut Snapshot<'_>| {
            view.sources_by_rank(root, level(deepest), after, limit).await
        };
        db.read(found).await
    };
    let rank = |earned, source| SourceRank { earned: paise(earned), source };
    let two = [(b, 1, 7), (a, 1, 5), (b1, 2, 5), (a1, 2, 0)];
    for (after, limit, expected) in [
        (SourceRank::TOP, 9, &two[..]),
        (SourceRank::TOP, 2, &two[..2]),
        (rank(7, b), 9, &two[1..]),
        (rank(5, a), 1, &two[2..3]),
        (rank(5, b1), 9, &two[3..]),
        (rank(0, a1), 9, &[]),
        // Whoever the place was taken from has brought more since.
        (rank(6, b), 9, &two[1..]),
    ] {
        let found = ranks(2, after, limit).await;
        let found: Vec<_> = found.iter().map(|p| (p.user.id, p.level.number(), p.earned.paise())).collect();
        assert_eq!(found, expected, "{limit} after {after:?}");
    }
    assert_eq!(ranks(3, SourceRank::TOP, 1).await[0].user.id, b11);
    let downline = below(&db, root, 2, 100).await;
    assert!(ranks(2, SourceRank::TOP, 9).await.iter().all(|source| downline.contains(source)));

    for (user, deepest, people, purchases) in
        [(root, 1, 2, 14), (root, 2, 4, 21), (b, 9, 1, 100), (b11, 9, 0, 0)]
    {
        let count = db.read(async move |view| view.count_sources(user, level(deepest)).await).await;
        assert_eq!(count, SourceCount { people, purchases }, "{deepest} levels below {user}");
    }
}

async fn referrals_are_counted_on_two_levels(db: Fresh) {
    let [root, a, b, b1, ..] = small_tree(&db).await;
    for (user, slots) in [(root, 3), (a, 1), (b, 2), (b1, 1)] {
        for _ in 0..slots {
            db.write(async move |tx| tx.take_slot(user, 8).await).await;
        }
    }
    for (user, counts) in [(root, [3, 3]), (b, [2, 1]), (b1, [1, 0]), (UserId::new(404), [0, 0])] {
        assert_eq!(db.read(async move |view| view.count_referrals(user).await).await, counts);
    }
}
