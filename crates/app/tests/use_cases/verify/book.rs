//! A believable database: some hundred members in a tree, a thousand purchases,
//! three plans, and people who come and go.

use std::path::{Path, PathBuf};

use app::members::{RegisterError, register_in};
use app::purchases::record_batch;
use domain::{Money, Plan, Rate, ReferralCode, Rounding, Timestamp, UserId};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;
use store::{Database, Member, Tx};
use tempfile::TempDir;

use crate::world::{World, newcomer, sale, seconds};

const ROUNDS: usize = 10;
const JOIN_IN_A_ROUND: usize = 35;
const PURCHASES_IN_A_ROUND: usize = 100;

/// The database as one file that nobody has open.
pub(super) struct Book(TempDir);

impl Book {
    pub(super) fn file(&self) -> PathBuf {
        self.0.path().join("book.db")
    }

    /// The same book every time.
    pub(super) async fn written() -> Self {
        let world = World::new();
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
            ..Plan::default()
        };
        for round in 0..ROUNDS {
            world.advance(seconds(3_600));
            match round {
                3 => world.set_plan(generous.clone()).await,
                6 => world.set_plan(careful.clone()).await,
                _ => {}
            }
            let now = world.app.now();
            world.app.store().write(async move |tx| live(tx, round, now).await).await.unwrap();
        }
        world.join("Loner", None).await;
        world.books_are_right().await;
        Self::copied(&world.database)
    }

    fn copied(database: &Database) -> Self {
        let Database::Sqlite(directory) = database;
        let book = Self(tempfile::tempdir().unwrap());
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
    Ok(())
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
