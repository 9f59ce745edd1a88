//! Past purchases under another plan, from the database to the result.

use std::path::Path;
use std::time::Instant;

use app::Caller;
use app::simulate::{WhatIf, simulate};
use domain::{Plan, Rate};
use rand::SeedableRng;
use rand::rngs::StdRng;
use store::{Database, Store};

use crate::machine::cpu_seconds;
use crate::{Failure, books, town};

/// Purchases in one transaction, while the history is made.
const BATCH: usize = 1_000;

/// Records so many purchases, and replays them under plans of several depths,
/// round after round.
pub(crate) async fn run(
    directory: &Path,
    members: usize,
    purchases: usize,
    rounds: usize,
) -> Result<(), Failure> {
    eprintln!("registering {members} members and recording {purchases} purchases");
    let database = Database::Sqlite(directory.to_owned());
    town::settle(&database, &town::tree(members)?).await?;
    let store = Store::open(&database).await?;
    books::record(&store, members, purchases / BATCH, BATCH, &mut StdRng::seed_from_u64(11)).await?;
    let app = town::app(store)?;

    println!("{members} members, {purchases} purchases, {rounds} rounds\n");
    println!("| plan | purchases per second | CPU µs a purchase |\n|---|---|---|");
    for depth in [2, 3, 10] {
        let mut rates = Vec::new();
        let mut cpu = Vec::new();
        for _ in 0..rounds {
            let (started, before) = (Instant::now(), cpu_seconds(std::process::id())?);
            let what_if = WhatIf { plan: plan(depth)?, since: None };
            let simulation = simulate(&app, &Caller::Admin, what_if, |_| ()).await?;
            let count = f64::from(u32::try_from(simulation.purchases)?);
            rates.push(count / started.elapsed().as_secs_f64());
            cpu.push((cpu_seconds(std::process::id())? - before) * 1e6 / count);
        }
        rates.sort_by(f64::total_cmp);
        cpu.sort_by(f64::total_cmp);
        let (least, most) = (rates[0], rates[rounds - 1]);
        let (rate, cpu) = (rates[rounds / 2], cpu[rounds / 2]);
        println!("| {depth} levels | {rate:.0} [{least:.0}..{most:.0}] | {cpu:.2} |");
    }
    app.stop().await;
    Ok(())
}

/// 5 %, 1 %, and 0.5 % at every level beyond.
fn plan(depth: usize) -> Result<Plan, Failure> {
    let mut rates: Vec<Rate> = Plan::default().levels.iter().map(|(_, rate)| rate).collect();
    rates.resize(depth, Rate::from_basis_points(50)?);
    Ok(Plan { levels: rates.try_into()?, ..Plan::default() })
}
