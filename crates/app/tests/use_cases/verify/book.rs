//! A believable database: some hundred members in a tree, a thousand purchases,
//! three plans, people who come and go, and money that goes back and out.

use std::path::{Path, PathBuf};

use app::adjustments::NewAdjustment;
use app::members::{RegisterError, register_in};
use app::payouts::{self, Settlement};
use app::purchases::record_batch;
use app::refunds::{NewRefund, RefundError, refund_in};
use domain::{
    HoldDays, Money, PayoutId, Plan, Purchase, PurchaseId, Rate, ReferralCode, Rounding, Timestamp, UserId,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;
use store::{Database, Member, Tx};
use tempfile::TempDir;

use crate::world::{ADMIN, World, fleeting_directory, money, newcomer, sale, seconds};

const ROUNDS: usize = 10;
const JOIN_IN_A_ROUND: usize = 35;
const PURCHASES_IN_A_ROUND: usize = 100;
const SETTLED_ELSEWHERE_IN_A_ROUND: i64 = 3;
const REFUNDS_IN_A_ROUND: usize = 25;

/// The database as one file that nobody has open.
pub(super) struct Book(TempDir);

impl Book {
    pub(super) fn file(&self) -> PathBuf {
        self.0.path().join("book.db")
    }

    /// The same book every time.
    pub(super) async fn written() -> Self {
        let world = World::tangible().await;
        let rates = |rates: &[&str]| {
            let rates: Vec<Rate> = rates.iter().map(|rate| rate.parse().unwrap()).collect();
            rates.try_into().unwrap()
        };
        let generous =
            Plan { max_direct_referrals: 12, levels: rates(&["10%", "3%", "1%"]), ..Plan::default() };
        let careful = Plan {
            max_direct_referrals: 3,
            levels: rates(&["4%"; 2]),
            commission_above: Money::from_paise(500_00),
            rounding: Rounding::HalfEven,
            max_commission: Some(Money::from_paise(150_00)),
            hold: HoldDays::new(2).unwrap(),
            ..Plan::default()
        };
        for round in 0..ROUNDS {
            world.advance(seconds(3_600));
            match round {
                3 => world.set_plan(generous.clone()).await,
                6 => world.set_plan(careful.clone()).await,
                9 => world.advance(seconds(2 * 24 * 3_600)),
                _ => {}
            }
            let now = world.app.now();
            world.app.store().write(async move |tx| live(tx, round, now).await).await.unwrap();
            let now = now.plus_millis(4_000);
            world.app.store().write(async move |tx| take_back(tx, round, now).await).await.unwrap();
            settle_up(&world, round).await;
        }
        world.join("Loner", None).await;
        world.books_are_right().await;
        Self::copied(&world.database)
    }

    fn copied(database: &Database) -> Self {
        let Database::Sqlite(directory) = database else { panic!("{database} is no file") };
        let book = Self(fleeting_directory());
        let conn = Connection::open(Path::new(directory).join("banyan.db")).unwrap();
        conn.execute("vacuum into ?1", [book.file().to_str().unwrap()]).unwrap();
        book
    }
}

/// One hour of the programme, in one transaction.
async fn live(tx: &mut Tx<'_>, round: usize, now: Timestamp) -> Result<(), RegisterError> {
    let mut chance = StdRng::seed_from_u64(round as u64);
    let mut members = tx.scan_members(UserId::new(0), usize::MAX).await?;
    members = join(tx, &mut chance, members, round, now).await?;
    for member in &members {
        if chance.random_ratio(1, 20) {
            tx.set_active(member.user.id, !member.active, now.plus_millis(1_000)).await?;
        }
    }
    let mut sales = Vec::with_capacity(PURCHASES_IN_A_ROUND);
    for _ in 0..PURCHASES_IN_A_ROUND {
        let rupees = chance.random_range(100..6_000);
        let paise = chance.random_range(0..100);
        // The oldest buy most, as they do.
        let buyer = chance.random_range(0..members.len()).min(chance.random_range(0..members.len()));
        sales.push(sale(members[buyer].user.id, &format!("{rupees}.{paise:02}")));
    }
    let batch = record_batch(tx, now.plus_millis(2_000), &sales).await?;
    assert!(batch.answers.iter().all(Result::is_ok));
    settle_elsewhere(tx, &batch.purchases[0].0, now.plus_millis(3_000)).await?;
    Ok(())
}

/// Sales like this one whose commissions somebody else paid.
async fn settle_elsewhere(tx: &mut Tx<'_>, like: &Purchase, now: Timestamp) -> store::Result<()> {
    for number in 0..SETTLED_ELSEWHERE_IN_A_ROUND {
        let id = tx.next_purchase_ids(1).await?[0];
        let at = now.plus_millis(number);
        let purchase = Purchase { id, decisions: Vec::new(), occurred_at: at, booked_at: at, ..like.clone() };
        tx.insert_purchases(&[&purchase]).await?;
    }
    Ok(())
}

/// Refunds of whatever was bought so far: parts, rests, and again of the same.
async fn take_back(tx: &mut Tx<'_>, round: usize, now: Timestamp) -> Result<(), RefundError> {
    let mut chance = StdRng::seed_from_u64(100 + round as u64);
    let purchases = tx.scan_purchases(PurchaseId::new(0), usize::MAX).await?;
    for number in 0..REFUNDS_IN_A_ROUND {
        // Some are new, some are the same every round, some were settled elsewhere.
        let purchase = match number {
            0..3 => purchases[number].id,
            3 => purchases[purchases.len() - 1].id,
            _ => purchases[chance.random_range(0..purchases.len())].id,
        };
        let left = tx.lock_purchase(purchase).await?.map_or(0, |purchase| purchase.net().paise());
        let part = match number % 5 {
            0 => left,
            _ => left * chance.random_range(5..60) / 100,
        };
        if part > 0 {
            let new =
                NewRefund { purchase: purchase.into(), amount: Money::from_paise(part), reference: None };
            refund_in(tx, &ADMIN, now, &new).await?;
        }
    }
    Ok(())
}

/// Adjusts some balances, and now and then pays everybody.
async fn settle_up(world: &World, round: usize) {
    world.advance(seconds(5));
    for (user, amount) in [(1, 5_00), (2, -7_50), (3, 20_00)] {
        let (user, amount) = (UserId::new(user), Money::from_paise(amount));
        let new = NewAdjustment { user, amount, reason: "Goodwill".parse().unwrap(), reference: None };
        app::adjustments::adjust(&world.app, &ADMIN, new).await.unwrap();
    }
    if round.is_multiple_of(2) {
        return;
    }
    let (run, _) = payouts::make_run(&world.app, &ADMIN, money("100"), None).await.unwrap();
    let made = payouts::of_run(&world.app, &ADMIN, run.id, PayoutId::new(0), usize::MAX).await.unwrap();
    world.advance(seconds(60));
    for (number, (payout, _)) in made.into_iter().enumerate() {
        let settlement = match number % 4 {
            0 | 1 => Settlement::Paid,
            2 => Settlement::Failed("no such account".parse().unwrap()),
            _ => continue,
        };
        payouts::settle(&world.app, &ADMIN, payout.id, settlement).await.unwrap();
    }
}

/// Lets people in under whoever has a slot for them, the first of all first.
async fn join(
    tx: &mut Tx<'_>,
    chance: &mut StdRng,
    mut members: Vec<Member>,
    round: usize,
    now: Timestamp,
) -> Result<Vec<Member>, RegisterError> {
    let mut number = 0;
    let mut tries = 0;
    while number < JOIN_IN_A_ROUND && tries < 400 {
        tries += 1;
        let first = number <= 8 && round == 0;
        let referrer = match members.len() {
            0 => None,
            _ if first => members.first(),
            count => members.get(chance.random_range(0..count)),
        };
        let new = newcomer(&format!("Member {round}-{number}"), referrer.map(|member| member.user.code));
        let code = ReferralCode::from_bits(chance.random());
        match register_in(tx, now, &new, code, None).await {
            Ok((member, _)) => {
                members.push(member);
                number += 1;
            }
            Err(RegisterError::ReferralLimitReached(_) | RegisterError::ReferrerInactive) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(members)
}
