//! The transaction alone: batches of purchases, without HTTP and without waiting
//! callers, as the ledger grows.

use std::path::Path;
use std::time::Instant;

use app::purchases::{NewPurchase, record_batch};
use domain::{Money, Timestamp, UserId};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use store::{Database, Store};

use crate::machine::cpu_seconds;
use crate::{Failure, town};

/// Rows of the report.
const CHUNKS: usize = 5;

/// Records so many purchases in batches of this size, and prints what each
/// fifth of them cost.
pub(crate) async fn run(
    directory: &Path,
    members: usize,
    purchases: usize,
    batch: usize,
) -> Result<(), Failure> {
    let database = Database::Sqlite(directory.to_owned());
    town::settle(&database, &town::tree(members)?).await?;
    let store = Store::open(&database).await?;
    let mut chance = StdRng::seed_from_u64(11);
    println!("{members} members, batches of {batch}\n");
    println!("| purchases so far | per second | CPU µs a purchase | bytes a purchase |\n|---|---|---|---|");
    for chunk in 1..=CHUNKS {
        let (started, cpu) = (Instant::now(), cpu_seconds(std::process::id())?);
        record(&store, members, purchases / CHUNKS / batch, batch, &mut chance).await?;
        report(
            chunk * (purchases / CHUNKS),
            purchases / CHUNKS,
            started,
            cpu_seconds(std::process::id())? - cpu,
            directory,
        )?;
    }
    Ok(())
}

/// Records so many batches of random purchases.
pub(crate) async fn record(
    store: &Store,
    members: usize,
    batches: usize,
    batch: usize,
    chance: &mut StdRng,
) -> Result<(), Failure> {
    for _ in 0..batches {
        let bought: Vec<_> = (0..batch).map(|_| purchase(members, chance)).collect::<Result<_, _>>()?;
        store
            .write(async move |tx| record_batch(tx, Timestamp::from_millis(1), &bought).await.map(drop))
            .await?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
fn report(so_far: usize, count: usize, started: Instant, cpu: f64, directory: &Path) -> Result<(), Failure> {
    let bytes = std::fs::metadata(directory.join("banyan.db"))?.len() as f64;
    let count = count as f64;
    let (rate, cpu) = (count / started.elapsed().as_secs_f64(), cpu * 1e6 / count);
    println!("| {so_far} | {rate:.0} | {cpu:.1} | {:.0} |", bytes / so_far as f64);
    Ok(())
}

fn purchase(members: usize, chance: &mut StdRng) -> Result<NewPurchase, Failure> {
    let buyer = UserId::new(i64::try_from(chance.random_range(1..=members))?);
    let amount = Money::from_paise(chance.random_range(100_100..1_000_000));
    let reference = Some(format!("{:016x}", chance.next_u64()).parse()?);
    Ok(NewPurchase { reference, ..NewPurchase::new(buyer, amount) })
}
