//! Servers as processes of their own, and what the system knows about them.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child as Process, Command};

use crate::Failure;

/// Clock ticks a second in `/proc/PID/stat`, the same on every Linux machine.
const TICKS_PER_SECOND: f64 = 100.0;

/// A server that is up.
pub(crate) struct Child {
    process: Process,
    pub(crate) address: String,
}

/// Builds the release binary and answers where it is.
pub(crate) fn build() -> Result<PathBuf, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built =
        std::process::Command::new(cargo).args(["build", "--release", "--package", "banyan"]).status()?;
    if !built.success() {
        return Err("banyan does not build".into());
    }
    let here = std::env::current_exe()?;
    Ok(here.with_file_name("banyan"))
}

impl Child {
    pub(crate) async fn banyan(binary: &Path, data_dir: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data_dir);
        Self::start(command).await
    }

    pub(crate) async fn echo(data_dir: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["echo", "127.0.0.1:0"]).arg(data_dir);
        Self::start(command).await
    }

    /// Starts it and waits until it says where it listens.
    async fn start(mut command: Command) -> Result<Self, Failure> {
        command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut process = command.spawn()?;
        let output = process.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(output).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some((_, rest)) = line.split_once("http://") {
                let address = rest.split('/').next().unwrap_or(rest).trim().to_owned();
                // Whatever else it prints is read and dropped.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Self { process, address });
            }
        }
        Err("the server ended before it listened".into())
    }

    /// Seconds of processor time it has used so far.
    pub(crate) fn cpu_seconds(&self) -> Result<f64, Failure> {
        cpu_seconds(&self.process.id().ok_or("the server ended")?.to_string())
    }

    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        Ok(self.process.kill().await?)
    }
}

/// Seconds of processor time that a process (`self`, or a number) has used so far.
pub(crate) fn cpu_seconds(process: &str) -> Result<f64, Failure> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may hold spaces; user and system time are the
    // 12th and 13th fields after it.
    let (_, fields) = stat.rsplit_once(") ").ok_or("an unreadable /proc/PID/stat")?;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u32>).sum::<Result<u32, _>>()?;
    Ok(f64::from(ticks) / TICKS_PER_SECOND)
}
