//! How fast is Banyan, beside a handler that does nothing, and beside what one
//! would otherwise write?
//!
//! Servers run as processes of their own and are loaded in turn, round after
//! round, so that whatever else the machine does falls on all of them. Rates are
//! medians of the rounds. The report says what share of the machine others took.

mod bare;
mod baseline;
mod books;
mod client;
mod cluster;
mod echo;
mod fan_out;
mod figures;
mod growth;
mod import;
mod load;
mod machine;
mod node;
mod pace;
mod pgbench;
mod process;
mod report;
mod scenario;
mod socket;
mod suite;
mod town;
mod what_if;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use crate::scenario::Scenario;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Measures purchases and reads beside an echo of the same shape, unless
/// another measurement is named.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Clone, Debug, Args, Serialize)]
struct Options {
    /// Rounds, each of which runs every scenario once
    #[arg(long, default_value_t = 5, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
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
    /// Send so many requests a second, whatever becomes of them, and count
    /// latency from when each was due
    #[arg(long, value_name = "PER_SECOND", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Measure nothing but this, beside its echo; may be given several times
    #[arg(long, value_name = "WHAT")]
    only: Vec<Scenario>,
    /// Measure this binary instead of building one
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    banyan: Option<PathBuf>,
    /// Where to put the data
    #[arg(long, value_name = "DIR")]
    #[serde(skip)]
    directory: Option<PathBuf>,
    /// Write the report here as JSON, too
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    json: Option<PathBuf>,
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
    /// Measure purchases and reads beside a service in Node on both databases,
    /// and beside the bare statements on PostgreSQL
    Baseline,
    /// Measure how long an earning takes to the sockets that watch, beside a
    /// service in Node, and what a socket weighs
    FanOut {
        /// How many sockets, each watching another member
        #[arg(long, default_value_t = 2_000)]
        sockets: usize,
        /// How many events a second, two for each purchase
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(2..))]
        events: u32,
    },
    /// Measure what a purchase costs as the ledger grows
    Growth {
        /// On which engine
        #[arg(long, value_enum, default_value = "sqlite")]
        on: growth::Engine,
        /// How many purchases in the end
        #[arg(long, default_value_t = 5_000_000)]
        purchases: usize,
        /// How often on the way
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// Be the echo server
    #[command(hide = true)]
    Echo { listen: SocketAddr, data_dir: PathBuf },
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Whatever is dropped on the way out takes its servers and its files along.
    tokio::select! {
        done = run(Cli::parse()) => done,
        _ = terminate.recv() => Err("terminated".into()),
        _ = interrupt.recv() => Err("interrupted".into()),
    }
}

async fn run(Cli { options, role }: Cli) -> Result<(), Failure> {
    match role {
        Some(Role::Echo { listen, data_dir }) => echo::serve(listen, data_dir).await,
        Some(Role::Books { purchases, batch }) => {
            books::run(options.directory()?.path(), options.members, purchases, batch).await
        }
        Some(Role::Import { purchases }) => import::run(options, purchases).await,
        Some(Role::WhatIf { purchases }) => {
            what_if::run(options.directory()?.path(), options.members, purchases, options.rounds).await
        }
        Some(Role::Baseline) => baseline::run(&options).await,
        Some(Role::FanOut { sockets, events }) => fan_out::run(&options, sockets, events).await,
        Some(Role::Growth { on, purchases, steps }) => {
            growth::run(&options, on, purchases, steps as usize).await
        }
        None => suite::run(&options).await,
    }
}

impl Options {
    /// The server to measure.
    fn binary(&self) -> Result<PathBuf, Failure> {
        self.banyan.clone().map_or_else(process::build, Ok)
    }

    /// A place for the data, gone when it is dropped.
    fn directory(&self) -> Result<tempfile::TempDir, Failure> {
        Ok(match &self.directory {
            Some(parent) => tempfile::tempdir_in(parent)?,
            None => tempfile::tempdir()?,
        })
    }

    fn length(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}
