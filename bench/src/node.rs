//! What somebody would write instead: the service in `bench/baseline`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::Failure;
use crate::cluster::{self, Cluster};
use crate::process::Child;
use crate::town::Newcomer;

/// What its callers show.
pub(crate) const KEY: &str = "a key that is no secret to anybody";

/// The service, installed.
pub(crate) struct Node {
    home: PathBuf,
}

impl Node {
    /// Installs what it needs, unless that is there.
    pub(crate) async fn install() -> Result<Self, Failure> {
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline");
        if !home.join("node_modules").exists() {
            eprintln!("installing the baseline");
            let installed = Command::new("npm").args(["ci", "--silent"]).current_dir(&home).status().await?;
            if !installed.success() {
                return Err("npm ci failed".into());
            }
        }
        Ok(Self { home })
    }

    /// Whether its SQLite could be built here; says so where not.
    pub(crate) fn has_sqlite(&self) -> bool {
        let built = self.home.join("node_modules/better-sqlite3/build/Release/better_sqlite3.node").exists();
        if !built {
            eprintln!("better-sqlite3 could not be built: Node on SQLite is left out");
        }
        built
    }

    pub(crate) async fn on_sqlite(&self, file: &Path, members: &Path) -> Result<Child, Failure> {
        let mut command = self.command("sqlite");
        command.arg(file).arg(members);
        Child::start(command).await
    }

    pub(crate) async fn on_postgres(
        &self,
        cluster: &Cluster,
        database: &str,
        members: &Path,
    ) -> Result<Child, Failure> {
        let mut command = self.command("postgres");
        command.env("PGHOST", &cluster.home).env("PGUSER", cluster::USER).env("PGDATABASE", database);
        command.arg(members);
        Child::start(command).await
    }

    fn command(&self, engine: &str) -> Command {
        let mut command = Command::new("node");
        command.args(["server.js", engine]).current_dir(&self.home);
        command.env("BASELINE_KEY", KEY).env("NODE_ENV", "production");
        command
    }
}

/// Writes the members down as the service reads them.
pub(crate) fn write_members(path: &Path, newcomers: &[Newcomer]) -> Result<(), Failure> {
    let mut text = String::from("name,email,code,referrer\n");
    for (member, code) in newcomers {
        let referrer = member.code.map_or_else(String::new, |code| code.to_string());
        writeln!(text, "{},{},{code},{referrer}", member.name, member.email)?;
    }
    Ok(std::fs::write(path, text)?)
}
