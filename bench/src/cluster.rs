//! A PostgreSQL of its own, durable as it comes out of the box, made of
//! whatever binaries the machine has. It waits at the other end of a pipe and
//! ends when that breaks, however this process ends.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use store::Database;

use crate::Failure;

/// Where packages put them, when they are not on the path.
const INSTALLED: &str = "/usr/lib/postgresql";

/// The owner of the cluster.
pub(crate) const USER: &str = "banyan";

/// Runs with the directory of the binaries and an empty one as its arguments.
const SCRIPT: &str = r#"
set -e
trap '' INT TERM HUP
"$1/initdb" -D "$2/data" -U banyan -A trust -E UTF8 --locale=C >"$2/log" 2>&1
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= >>"$2/log" 2>&1 </dev/null &
server=$!
until "$1/pg_isready" -q -h "$2" -U banyan; do kill -0 $server; sleep 0.1; done
echo ready
cat >/dev/null
kill -QUIT $server || true
wait $server || true
"#;

/// A running PostgreSQL.
pub(crate) struct Cluster {
    pub(crate) binaries: PathBuf,
    /// Where its socket is.
    pub(crate) home: PathBuf,
    process: Child,
}

impl Cluster {
    /// Starts it in a new directory below this one.
    pub(crate) fn start(directory: &Path) -> Result<Self, Failure> {
        let binaries = binaries().ok_or_else(|| {
            format!("there is no PostgreSQL on the PATH or in {INSTALLED}; Debian has it as postgresql")
        })?;
        let home = directory.join("postgres");
        fs::create_dir(&home)?;
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(&binaries).arg(&home);
        command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some((user, group)) = somebody_else() {
            fs::set_permissions(directory, fs::Permissions::from_mode(0o711))?;
            chown(&home, Some(user), Some(group))?;
            command.uid(user).gid(group);
        }
        let mut process = command.spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("no standard output")?).read_line(&mut line)?;
        if line.trim() != "ready" {
            return Err(format!("PostgreSQL of {} does not start", binaries.display()).into());
        }
        Ok(Self { binaries, home, process })
    }

    /// The process that started all others of it.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// A new, empty database.
    pub(crate) fn database(&self, name: &str) -> Result<Database, Failure> {
        let mut create = self.command("createdb", "postgres");
        if !create.arg(name).status()?.success() {
            return Err(format!("the database {name} cannot be made").into());
        }
        let home = self.home.display().to_string().replace('/', "%2F");
        Ok(Database::Postgres(format!("postgres://{USER}@{home}/{name}").parse()?))
    }

    /// Tells the planner what the tables of this database hold, as its own
    /// launcher would within a minute.
    pub(crate) fn analyze(&self, name: &str) -> Result<(), Failure> {
        let mut analyze = self.command("psql", name);
        if !analyze.args(["--quiet", "--command", "vacuum (analyze)"]).status()?.success() {
            return Err(format!("the database {name} cannot be analysed").into());
        }
        Ok(())
    }

    /// What one number of this database is.
    pub(crate) fn ask(&self, name: &str, sql: &str) -> Result<f64, Failure> {
        let mut ask = self.command("psql", name);
        let told = ask.args(["--no-align", "--tuples-only", "--command", sql]).output()?;
        Ok(String::from_utf8(told.stdout)?.trim().parse()?)
    }

    /// A program of the same release, told where this database is.
    pub(crate) fn command(&self, program: &str, database: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.env("PGHOST", &self.home).env("PGUSER", USER).env("PGDATABASE", database);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // The directory is removed next; nothing can be done where this fails.
        drop(self.process.wait());
    }
}

/// The directory of the server on the path, or of the newest that is installed.
fn binaries() -> Option<PathBuf> {
    let installed = fs::read_dir(INSTALLED).into_iter().flatten().flatten();
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let mut installed: Vec<PathBuf> = installed.map(|entry| entry.path()).collect();
    installed.sort_by_key(|path| std::cmp::Reverse(version(path)));
    let path = env::var_os("PATH").unwrap_or_default();
    let mut all = env::split_paths(&path).chain(installed.into_iter().map(|path| path.join("bin")));
    let complete = |directory: &PathBuf| {
        ["initdb", "postgres", "pg_isready", "createdb", "psql", "pgbench"]
            .iter()
            .all(|name| directory.join(name).is_file())
    };
    all.find(complete)
}

/// PostgreSQL does not run as root.
fn somebody_else() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse::<u32>().ok()
    };
    let root = id(&["-u"])? == 0;
    root.then(|| Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?))).flatten()
}
