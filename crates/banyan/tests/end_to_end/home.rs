//! A data directory or a database, the commands that are run on it, and the processes
//! that serve it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::cluster::{Cluster, Isolation, Scratch, cluster};
use crate::http::Request;

/// Equal on all nodes of a database.
const TOKEN_KEY: &str = "a token key of more than thirty-two bytes";

/// Serves on a free port.
const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// How long a process may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// A temporary directory with a data directory in it, or a database and a directory to
/// be in while working on it.
pub(crate) struct Home {
    directory: TempDir,
    database: Option<Scratch>,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), database: None }
    }

    /// One with its data in PostgreSQL, where there is any.
    pub(crate) fn in_postgres(isolation: Isolation) -> Option<Self> {
        Some(Self::on(cluster()?, isolation))
    }

    pub(crate) fn on(cluster: &'static Cluster, isolation: Isolation) -> Self {
        Self { database: Some(cluster.database(isolation)), ..Self::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Where its database is.
    pub(crate) fn database_url(&self) -> &str {
        &self.database.as_ref().expect("it has one").url
    }

    /// What a process needs in its environment to find its data.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        match &self.database {
            None => vec![("BANYAN_DATA_DIR", self.data_dir().display().to_string())],
            Some(database) => {
                vec![("BANYAN_DATABASE_URL", database.url.clone()), ("BANYAN_TOKEN_KEY", TOKEN_KEY.into())]
            }
        }
    }

    /// The binary, away from the settings of whoever runs the tests.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_banyan"));
        settle(&mut command, self.path());
        command
    }

    /// A command that is about to run on its data.
    pub(crate) fn command_on_data(&self, arguments: &[&str]) -> Command {
        let mut command = self.command();
        command.args(arguments).envs(self.environment());
        command
    }

    /// Runs a command on its data to the end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command_on_data(arguments).output().unwrap()
    }

    /// What a command prints when it succeeds.
    pub(crate) fn print(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        text(&output.stdout).trim_end().to_owned()
    }

    pub(crate) fn key(&self, scopes: &[&str]) -> String {
        let mut arguments = vec!["key", "create", "--name", "test"];
        arguments.extend(scopes.iter().flat_map(|scope| ["--scope", scope]));
        self.print(&arguments)
    }

    pub(crate) fn admin_token(&self) -> String {
        self.print(&["token", "--admin"])
    }

    pub(crate) fn serve(&self) -> Server {
        Server::start(self.command_on_data(&SERVE))
    }

    /// Starts a server without waiting until it answers.
    pub(crate) fn spawn(&self) -> Child {
        self.command_on_data(&SERVE).stdout(Stdio::null()).spawn().unwrap()
    }

    /// Passes when `banyan verify` finds the books clean.
    pub(crate) fn verify(&self) {
        let output = self.run(&["verify"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
}

/// Takes the environment away in which the tests run, except for what a process needs.
pub(crate) fn settle(command: &mut Command, directory: &Path) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BANYAN_") {
            command.env_remove(name);
        }
    }
    command.env("BANYAN_LOG", "error").current_dir(directory);
}

/// What a process printed.
pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A process that serves; killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    /// Where it answers, without a slash at the end.
    pub(crate) url: String,
    /// What it has printed so far.
    pub(crate) banner: Vec<String>,
}

impl Server {
    /// Starts it and waits until it prints where it answers.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (line, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        // Reads on for as long as it prints, so that it never waits for us.
        thread::spawn(move || stdout.lines().map_while(Result::ok).for_each(|text| drop(line.send(text))));
        let mut server = Self { child, lines, url: String::new(), banner: Vec::new() };
        let docs = server.wait_for("API docs");
        let url = docs.split_whitespace().last().unwrap();
        url.strip_suffix("/api/docs").unwrap().clone_into(&mut server.url);
        server
    }

    /// The next line it prints that contains this.
    pub(crate) fn wait_for(&mut self, needle: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|error| panic!("no {needle:?}: {error}, only {:#?}", self.banner));
            self.banner.push(line.clone());
            if line.contains(needle) {
                return line;
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `kill -TERM`.
    pub(crate) fn terminate(&self) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits until the process has ended by itself.
    pub(crate) fn end(mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "process {} does not end", self.id());
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn stop(self) {
        self.terminate();
        assert_eq!(self.end().code(), Some(0));
    }

    /// Stops it and answers everything it printed.
    pub(crate) fn last_words(mut self) -> String {
        self.terminate();
        let lines = std::mem::take(&mut self.banner);
        // The channel closes when the process has closed its output.
        let lines: Vec<String> = lines.into_iter().chain(self.lines.iter()).collect();
        assert_eq!(self.end().code(), Some(0));
        lines.join("\n")
    }

    /// A new member, registered by a service.
    pub(crate) fn register(&self, key: &str, name: &str, code: Option<&str>) -> Member {
        let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
        let body = json!({"name": name, "email": email, "referral_code": code});
        let body = Request::post("/api/users/register", body).by(key).send(&self.url).expect(201);
        let word = |field: &str| body[field].as_str().unwrap().to_owned();
        Member { id: body["user_id"].as_i64().unwrap(), code: word("referral_code"), token: word("token") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Somebody who was registered.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) id: i64,
    pub(crate) code: String,
    pub(crate) token: String,
}
