//! How fast is Banyan, beside a handler that does nothing?
//!
//! Starts the real server and an echo server behind the same gate, and loads
//! them in turn, round after round, so that whatever else the machine does
//! falls on both. A closed loop: each connection sends its next request when
//! the last one is answered. Rates are medians of the rounds.

mod bare;
mod books;
mod client;
mod echo;
mod import;
mod load;
mod process;
mod report;
mod town;
mod what_if;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::load::{Scenario, Target};
use crate::process::Child;
use crate::report::Report;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Measures durable purchases and reads beside an echo of the same shape.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Args)]
struct Options {
    /// Rounds, each of which runs every scenario once
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Connections, each with one request under way
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Members who buy
    #[arg(long, default_value_t = 10_000)]
    members: usize,
    /// Measure this binary instead of building one
    #[arg(long, value_name = "FILE")]
    banyan: Option<PathBuf>,
    /// Where to put the data
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Measure the transaction alone, without HTTP
    Books {
        /// How many purchases
        #[arg(long, default_value_t = 200_000)]
        purchases: usize,
        /// How many of them in one transaction
        #[arg(long, default_value_t = 48)]
        batch: usize,
    },
    /// Measure an import of purchases beside bare inserts of the same rows
    Import {
        /// How many purchases
        #[arg(long, default_value_t = 200_000)]
        purchases: usize,
    },
    /// Measure how fast past purchases are replayed under another plan
    WhatIf {
        /// How many purchases
        #[arg(long, default_value_t = 1_000_000)]
        purchases: usize,
    },
    /// Be the echo server
    #[command(hide = true)]
    Echo { listen: SocketAddr, data_dir: PathBuf },
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let cli = Cli::parse();
    match cli.role {
        Some(Role::Echo { listen, data_dir }) => echo::serve(listen, data_dir).await,
        Some(Role::Books { purchases, batch }) => {
            let directory = directory(&cli.options)?;
            books::run(directory.path(), cli.options.members, purchases, batch).await
        }
        Some(Role::Import { purchases }) => import::run(cli.options, purchases).await,
        Some(Role::WhatIf { purchases }) => {
            let directory = directory(&cli.options)?;
            let Options { members, rounds, .. } = cli.options;
            what_if::run(directory.path(), members, purchases, rounds).await
        }
        None => measure(cli.options).await,
    }
}

async fn measure(options: Options) -> Result<(), Failure> {
    let banyan = match &options.banyan {
        Some(path) => path.clone(),
        None => process::build()?,
    };
    let directory = directory(&options)?;
    eprintln!("registering {} members", options.members);
    let town = town::build(directory.path(), options.members).await?;
    let echo_dir = tempfile::tempdir_in(directory.path())?;
    let echo_key = town::key_only(echo_dir.path()).await?;

    let real = Child::banyan(&banyan, directory.path()).await?;
    let echo = Child::echo(echo_dir.path()).await?;
    let real = Target { server: real, key: town.key, members: options.members };
    let echo = Target { server: echo, key: echo_key, members: options.members };

    let length = Duration::from_secs(options.seconds);
    let mut report = Report::default();
    for (target, scenario) in
        [(&echo, Scenario::Echo), (&real, Scenario::Purchases), (&real, Scenario::Reads)]
    {
        load::run(target, scenario, options.connections, Duration::from_secs(2)).await?;
    }
    for round in 1..=options.rounds {
        for (target, scenario) in
            [(&echo, Scenario::Echo), (&real, Scenario::Purchases), (&real, Scenario::Reads)]
        {
            let run = load::run(target, scenario, options.connections, length).await?;
            eprintln!("round {round} {scenario:?}: {:.0}/s", run.per_second());
            report.add(scenario, run);
        }
    }
    let database = std::fs::metadata(directory.path().join("banyan.db"))?.len();
    println!("{}", report.markdown(&options, database));
    real.server.stop().await?;
    echo.server.stop().await
}

fn directory(options: &Options) -> Result<tempfile::TempDir, Failure> {
    Ok(match &options.directory {
        Some(parent) => tempfile::tempdir_in(parent)?,
        None => tempfile::tempdir()?,
    })
}
