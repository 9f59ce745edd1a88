//! A PostgreSQL for the tests of one process, made of whatever binaries the
//! machine has. It ends with the process, however that ends: it waits at the
//! other end of a pipe, and clears everything away when the pipe breaks.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write, stderr};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Names the directory of those that are to be used.
const CHOSEN: &str = "BANYAN_TESTS_POSTGRES";

/// Where packages put them, when they are not on the path.
const INSTALLED: &str = "/usr/lib/postgresql";

/// Runs with the directory of the binaries as its only argument. `pg_ctl` may
/// stop and start the server meanwhile.
const SCRIPT: &str = r#"
set -e
trap '' INT TERM HUP
home=$(mktemp -d "${TMPDIR:-/tmp}/banyan-postgres-XXXXXX")
"$1/initdb" -D "$home/data" -U banyan -A trust -E UTF8 --locale=C --no-sync >"$home/log" 2>&1
cat >>"$home/data/postgresql.conf" <<END
unix_socket_directories = '$home'
listen_addresses = ''
max_connections = 300
fsync = off
full_page_writes = off
END
"$1/pg_ctl" -D "$home/data" -l "$home/log" start >/dev/null </dev/null
echo "$home"
cat >/dev/null
"$1/pg_ctl" -D "$home/data" -m immediate stop >/dev/null 2>&1 || true
rm -rf "$home"
"#;

/// A running PostgreSQL.
pub(crate) struct Cluster {
    pub(crate) binaries: PathBuf,
    pub(crate) home: String,
    databases: AtomicUsize,
    /// The pipe is in there.
    _process: Child,
}

/// How strict transactions are that do not say so themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Isolation {
    ReadCommitted,
    Serializable,
}

/// A new, empty database, gone when this is dropped.
pub(crate) struct Scratch {
    /// Where it is.
    pub(crate) url: String,
    name: String,
    cluster: &'static Cluster,
}

/// The cluster of this process, started for whoever asks first. Where there is
/// no PostgreSQL, it says so loudly.
pub(crate) fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(another_cluster).as_ref()
}

/// A cluster of one's own, which may be stopped.
pub(crate) fn another_cluster() -> Option<Cluster> {
    Some(Cluster::start(binaries().or_else(skip)?))
}

impl Cluster {
    fn start(binaries: PathBuf) -> Self {
        let mut command = by_its_user("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(&binaries).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("sh is everywhere");
        let mut home = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut home).expect("a line of text");
        assert!(!home.is_empty(), "PostgreSQL of {} does not start", binaries.display());
        let home = home.trim_end().to_owned();
        Self { binaries, home, databases: AtomicUsize::new(1), _process: process }
    }

    /// A new, empty database.
    pub(crate) fn database(&'static self, isolation: Isolation) -> Scratch {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let strict = match isolation {
            Isolation::ReadCommitted => "read committed",
            Isolation::Serializable => "serializable",
        };
        self.run(&[
            &format!("create database {name}"),
            &format!("alter database {name} set default_transaction_isolation = '{strict}'"),
        ]);
        let url = format!("postgres://banyan@{}/{name}", self.home.replace('/', "%2F"));
        Scratch { url, name, cluster: self }
    }

    fn run(&self, statements: &[&str]) {
        let beside = self.binaries.join("psql");
        let mut psql = Command::new(if beside.is_file() { beside } else { "psql".into() });
        psql.args(["-qX", "-v", "ON_ERROR_STOP=1", "-U", "banyan", "-d", "postgres", "-h", &self.home]);
        psql.args(statements.iter().flat_map(|statement| ["-c", statement]));
        assert!(psql.status().expect("psql is beside postgres").success(), "{statements:?}");
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.cluster.run(&[&format!("drop database {} with (force)", self.name)]);
    }
}

/// The directory of the server on the path, or of the newest that is installed.
fn binaries() -> Option<PathBuf> {
    let installed = fs::read_dir(INSTALLED).into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = installed.map(|version| version.path().join("bin")).collect();
    let newest = |path: &PathBuf| path.parent()?.file_name()?.to_str()?.parse::<f32>().ok();
    installed.sort_by(|a, b| newest(b).partial_cmp(&newest(a)).expect("versions are numbers"));
    let path = env::var_os("PATH").unwrap_or_default();
    let has = |directory: &Path, names: &[&str]| names.iter().all(|name| directory.join(name).is_file());
    if let Some(chosen) = env::var_os(CHOSEN).map(PathBuf::from) {
        assert!(has(&chosen, &["initdb", "postgres", "pg_ctl"]), "{CHOSEN} has no PostgreSQL");
        return Some(chosen);
    }
    let mut all = env::split_paths(&path).chain(installed);
    all.find(|directory| has(directory, &["initdb", "postgres", "pg_ctl", "psql"]))
}

/// A command as the user who may run PostgreSQL.
pub(crate) fn by_its_user(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = somebody_else() {
        command.uid(user).gid(group).current_dir("/");
    }
    command
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

/// A skip that nobody sees is a lie, so this goes past the capture of test
/// output. Where `BANYAN_TESTS_FORBID_SKIPS` is 1 it is a failure.
fn skip<T>() -> Option<T> {
    let line = format!(
        "SKIPPED every test on PostgreSQL: there is none on the PATH or in {INSTALLED}; \
         Debian and Ubuntu have it as `apt-get install postgresql`"
    );
    assert_ne!(env::var("BANYAN_TESTS_FORBID_SKIPS").as_deref(), Ok("1"), "{line}");
    stderr().write_all(format!("\n{line}\n").as_bytes()).expect("standard error takes a line");
    None
}
