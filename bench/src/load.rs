//! Many connections at once, and what came of it.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::client::Connection;
use crate::machine::{self, Processors};
use crate::pace::Pace;
use crate::scenario::{Requests, Scenario, Target};
use crate::{Failure, Options};

/// Between one run and the next.
const PAUSE: Duration = Duration::from_millis(500);

/// What was measured once.
pub(crate) struct Run {
    /// Purchases or reads that were answered.
    pub(crate) done: usize,
    pub(crate) took: Duration,
    pub(crate) latency_us: Histogram<u64>,
    /// Bytes of all answers, heads not counted.
    pub(crate) answer_bytes: usize,
    pub(crate) server_cpu: f64,
    pub(crate) database_cpu: f64,
    pub(crate) others: f64,
}

/// What the system's counters say when a run begins.
pub(crate) struct Watch {
    started: Instant,
    processors: Processors,
    server: Option<u32>,
    database: Option<u32>,
    server_cpu: f64,
    database_cpu: f64,
}

/// Loads the target in the way that was asked for.
pub(crate) async fn run(
    target: &Target,
    scenario: Scenario,
    options: &Options,
    length: Duration,
) -> Result<Run, Failure> {
    // Nobody pays for what the one before her left to be done.
    tokio::time::sleep(PAUSE).await;
    let connections = scenario.connections(options.connections);
    let pace = match options.rate {
        Some(rate) => Pace::open(f64::from(rate), length, connections),
        None => Pace::closed(length),
    };
    load(target, scenario, connections, pace).await
}

/// Loads the target at this pace.
pub(crate) async fn load(
    target: &Target,
    scenario: Scenario,
    connections: usize,
    pace: Pace,
) -> Result<Run, Failure> {
    let watch = Watch::start(Some(target.server.id), target.database)?;
    let mut loops = JoinSet::new();
    for _ in 0..connections {
        let connection = Connection::open(&target.server.address).await?;
        loops.spawn(ask(connection, Requests::new(target, scenario), pace.clone()));
    }
    let (mut latency_us, mut answer_bytes) = (Histogram::new(3)?, 0);
    while let Some(asked) = loops.join_next().await {
        let (latency, bytes) = asked??;
        latency_us.add(latency)?;
        answer_bytes += bytes;
    }
    let done = usize::try_from(latency_us.len())? * scenario.weight();
    Ok(Run { answer_bytes, ..watch.stop(done, latency_us)? })
}

async fn ask(
    mut connection: Connection,
    mut requests: Requests,
    pace: Pace,
) -> Result<(Histogram<u64>, usize), Failure> {
    let (mut latency_us, mut bytes) = (Histogram::new(3)?, 0);
    while let Some(due) = pace.next().await {
        bytes += connection.ask(requests.next()?).await?.len();
        latency_us.record(u64::try_from(due.elapsed().as_micros())?)?;
    }
    Ok((latency_us, bytes))
}

impl Watch {
    /// Begins now, with the processes of the server and of its database.
    pub(crate) fn start(server: Option<u32>, database: Option<u32>) -> Result<Self, Failure> {
        Ok(Self {
            started: Instant::now(),
            processors: Processors::now()?,
            server,
            database,
            server_cpu: cpu_seconds(server)?,
            database_cpu: cpu_seconds(database)?,
        })
    }

    /// What happened since.
    pub(crate) fn stop(self, done: usize, latency_us: Histogram<u64>) -> Result<Run, Failure> {
        Ok(Run {
            done,
            took: self.started.elapsed(),
            latency_us,
            answer_bytes: 0,
            server_cpu: cpu_seconds(self.server)? - self.server_cpu,
            database_cpu: cpu_seconds(self.database)? - self.database_cpu,
            others: Processors::others_since(self.processors)?,
        })
    }
}

fn cpu_seconds(process: Option<u32>) -> Result<f64, Failure> {
    process.map_or(Ok(0.0), machine::cpu_seconds)
}
