//! Purchases by the statements that one would write for them, each in a
//! transaction of its own, sent by PostgreSQL's own load generator.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::Failure;
use crate::cluster::Cluster;
use crate::load::{Run, Watch};

/// As many as write at the same time in a server.
const CLIENTS: usize = 8;

const SCRIPT: &str = include_str!("purchase.pgbench.sql");

/// How long it goes on.
#[derive(Clone, Copy)]
pub(crate) enum Length {
    Time(Duration),
    Purchases(usize),
}

/// Loads this database; what is noted goes to `directory`.
pub(crate) async fn run(
    cluster: &Cluster,
    database: &str,
    members: usize,
    length: Length,
    directory: &Path,
) -> Result<Run, Failure> {
    let notes = tempfile::tempdir_in(directory)?;
    let script = notes.path().join("purchase.sql");
    fs::write(&script, SCRIPT)?;
    let mut command = cluster.command("pgbench", database);
    command.args(["--no-vacuum", "--protocol=prepared", "--log", "--jobs", "1"]);
    command.args(["--client", &CLIENTS.to_string(), "--define", &format!("members={members}")]);
    match length {
        Length::Time(time) => command.args(["--time", &time.as_secs().max(1).to_string()]),
        Length::Purchases(count) => command.args(["--transactions", &count.div_ceil(CLIENTS).to_string()]),
    };
    command.arg("--log-prefix").arg(notes.path().join("log")).arg("--file").arg(&script);

    let watch = Watch::start(None, Some(cluster.id()))?;
    let told = tokio::process::Command::from(command).stdin(Stdio::null()).output().await?;
    if !told.status.success() {
        return Err(format!("pgbench failed: {}", String::from_utf8_lossy(&told.stderr)).into());
    }
    let latency_us = latency(notes.path())?;
    let done = usize::try_from(latency_us.len())?;
    let run = watch.stop(done, latency_us)?;
    // Its own time is that of the transactions, without starting and connecting.
    let told = String::from_utf8(told.stdout)?;
    let rate = told.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
    let rate: f64 = rate.ok_or("pgbench told no rate")?.parse()?;
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 purchases")]
    let took = Duration::from_secs_f64(done as f64 / rate);
    Ok(Run { took, ..run })
}

/// The third word of each line is how long a transaction took, in microseconds.
fn latency(notes: &Path) -> Result<Histogram<u64>, Failure> {
    let mut latency_us = Histogram::new(3)?;
    for file in fs::read_dir(notes)? {
        let path = file?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("log")) {
            for line in fs::read_to_string(path)?.lines() {
                latency_us.record(line.split(' ').nth(2).ok_or("a short line")?.parse()?)?;
            }
        }
    }
    Ok(latency_us)
}
