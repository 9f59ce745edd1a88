//! Servers as processes of their own.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use store::Database;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child as Process, Command};

use crate::{Failure, machine, town};

/// A server that is up.
pub(crate) struct Child {
    process: Process,
    pub(crate) id: u32,
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

/// Passes when the books are right to the last line.
pub(crate) async fn verify(binary: &Path, database: &Database) -> Result<(), Failure> {
    let verified = banyan(binary, "verify", database).stdout(Stdio::null()).status().await?;
    if verified.success() { Ok(()) } else { Err(format!("the books of {database} are wrong").into()) }
}

/// A command on this database.
fn banyan(binary: &Path, name: &str, database: &Database) -> Command {
    let mut command = Command::new(binary);
    // Whatever the caller's own service is configured with is not for this one.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BANYAN_") {
            command.env_remove(name);
        }
    }
    command.arg(name).env("BANYAN_TOKEN_KEY", town::TOKEN_KEY);
    match database {
        Database::Sqlite(directory) => command.arg("--data-dir").arg(directory),
        Database::Postgres(url) => command.arg("--database-url").arg(url.to_string()),
    };
    command
}

impl Child {
    pub(crate) async fn banyan(binary: &Path, database: &Database) -> Result<Self, Failure> {
        let mut command = banyan(binary, "serve", database);
        command.args(["--listen", "127.0.0.1:0"]);
        Self::start(command).await
    }

    pub(crate) async fn echo(data_dir: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["echo", "127.0.0.1:0"]).arg(data_dir);
        Self::start(command).await
    }

    /// Starts it and waits until it says where it listens.
    pub(crate) async fn start(mut command: Command) -> Result<Self, Failure> {
        command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut process = command.spawn()?;
        let id = process.id().ok_or("the server ended")?;
        let output = process.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(output).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some((_, rest)) = line.split_once("http://") {
                let address = rest.split('/').next().unwrap_or(rest).trim().to_owned();
                // Whatever else it prints is read and dropped.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Self { process, id, address });
            }
        }
        Err("the server ended before it listened".into())
    }

    /// Bytes of memory it holds.
    pub(crate) fn resident_bytes(&self) -> Result<f64, Failure> {
        machine::resident_bytes(self.id)
    }

    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        Ok(self.process.kill().await?)
    }
}
