//! Who may look at the files of a data directory, and what is told when no more
//! files can be opened.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::home::{Home, Server, settle};
use crate::http::{Answer, Connection, Request};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A server, started by a shell that says this first.
fn serve_after(home: &Home, first: &str, log: &Path) -> Server {
    let mut command = Command::new("sh");
    settle(&mut command, home.path());
    let script = format!("{first}; exec \"$0\" serve --listen 127.0.0.1:0 --data-dir data");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_banyan")]).env("BANYAN_LOG", "warn");
    command.stderr(File::create(log).unwrap());
    Server::start(command)
}

/// What `/readyz` says of one thing, ready all the same.
fn check(ready: Answer, name: &str) -> String {
    ready.expect(200)["checks"][name].as_str().unwrap().to_owned()
}

#[test]
fn a_new_data_directory_and_all_that_is_in_it_are_their_owners_alone() {
    let home = Home::new();
    let server = serve_after(&home, "umask 022", &home.path().join("log"));
    home.key(&["admin"]);
    let files: Vec<_> = fs::read_dir(home.data_dir()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 7, "{files:?}");
    assert_eq!(mode(&home.data_dir()), 0o700);
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    assert_eq!(check(Request::get("/readyz").send(&server.url), "files"), "ok");
    server.stop();
}

#[test]
fn what_others_can_get_at_is_told_in_the_log_and_by_readyz_with_the_command_that_mends_it() {
    let home = Home::new();
    home.print(&["migrate"]);
    for (path, mode) in [(home.data_dir(), 0o755), (home.data_dir().join("banyan.db"), 0o644)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let log = home.path().join("log");
    let server = serve_after(&home, "umask 022", &log);
    let told = check(Request::get("/readyz").send(&server.url), "files");
    assert!(told.contains("banyan.db") && told.contains("`chmod -R go= data`"), "{told}");
    assert!(!told.contains("token.key"), "that was made for its owner alone: {told}");
    let logged = fs::read_to_string(&log).unwrap();
    assert!(logged.contains("WARN") && logged.contains("`chmod -R go= data`"), "{logged}");
    let mend = Command::new("chmod").args(["-R", "go=", "data"]).current_dir(home.path()).status();
    assert!(mend.unwrap().success());
    assert_eq!(check(Request::get("/readyz").send(&server.url), "files"), "ok");
    server.stop();
}

#[test]
fn a_server_that_can_open_no_more_files_says_so_and_goes_on() {
    let home = Home::new();
    let log = home.path().join("log");
    let server = serve_after(&home, "ulimit -n 64", &log);
    let mut known = Connection::open(&server.url).unwrap();
    let mut ask = || known.ask(&Request::get("/readyz")).unwrap();
    assert_eq!(check(ask(), "connections"), "ok");

    let crowd: Vec<_> = (0..100).map(|_| Connection::open(&server.url).unwrap()).collect();
    let mut told = check(ask(), "connections");
    for _ in 0..1_000 {
        if told != "ok" {
            break;
        }
        thread::sleep(Duration::from_millis(20));
        told = check(ask(), "connections");
    }
    assert!(told.contains("Too many open files"), "{told}");
    let logged = fs::read_to_string(&log).unwrap();
    assert!(logged.contains("ERROR") && logged.contains("Too many open files"), "{logged}");
    drop(crowd);
    Request::get("/healthz").send(&server.url).expect(200);
    server.stop();
}
