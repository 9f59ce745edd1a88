//! The commands themselves: what they print and how they end.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;

use crate::home::{Home, Server, settle, text};
use crate::http::Request;
use crate::skip::{on_path, skip};

#[test]
fn what_cannot_be_understood_ends_with_2_and_touches_nothing() {
    let home = Home::new();
    for arguments in [
        &[][..],
        &["conquer"],
        &["serve", "--listen", "everywhere"],
        &["serve", "--colour", "green"],
        &["serve", "--data-dir", "data", "--database-url", "postgres://banyan@127.0.0.1/banyan"],
        &["key", "create", "--name", "shop"],
        &["key", "create", "--name", "shop", "--scope", "everything"],
        &["key", "create", "--name", "sh\u{200b}op", "--scope", "read"],
        &["key", "revoke", "first"],
        &["token"],
        &["token", "--user", "1", "--admin"],
        &["token", "--user", "-1"],
        &["token", "--admin", "--ttl", "31d"],
        &["plan"],
        &["plan", "set"],
        &["plan", "set", "plan.toml", "--effective-from", "tomorrow"],
        &["plan", "simulate", "plan.toml", "--since", "2026-13-01"],
        &["export", "users", "--run", "1"],
        &["export", "payouts", "--run", "x"],
        &["backup"],
        &["restore"],
        &["demo", "--rate", "0"],
        &["completions", "tcl"],
        &["man"],
    ] {
        let output = home.command().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty() && text(&output.stderr).contains("--help"), "{output:?}");
    }
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn help_and_version_end_with_0() {
    let home = Home::new();
    let print = |argument: &str| text(&home.command().arg(argument).output().unwrap().stdout).to_owned();
    assert_eq!(print("--version"), format!("banyan {}\n", env!("CARGO_PKG_VERSION")));
    for command in [
        "demo",
        "serve",
        "migrate",
        "key",
        "plan",
        "token",
        "import",
        "export",
        "verify",
        "doctor",
        "backup",
        "restore",
        "openapi",
        "completions",
        "man",
    ] {
        assert!(print("--help").contains(&format!("\n  {command} ")), "{command}");
    }
}

#[test]
fn a_command_whose_reader_has_seen_enough_ends_quietly() {
    let home = Home::new();
    home.print(&["migrate"]);
    for arguments in [
        &["export", "audit"][..],
        &["openapi"],
        &["completions", "bash"],
        &["plan", "show"],
        &["token", "--admin"],
        &["verify"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = home.command_on_data(arguments).stdout(writer).output().unwrap();
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(141), "as a shell says of SIGPIPE: {arguments:?}");
    }
}

#[test]
fn every_command_that_does_something_says_so_for_programs() {
    let home = Home::new();
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(&home.print(&[arguments, &["--json"]].concat())).unwrap()
    };
    assert_eq!(json(&["migrate"])["new"], true);
    assert_eq!(json(&["migrate"])["new"], false);
    let key = json(&["key", "create", "--name", "shop", "--scope", "read"]);
    let id = key["id"].to_string();
    assert_eq!(json(&["key", "revoke", &id])["revoked"], true);
    let copy = home.path().join("copy");
    assert_eq!(json(&["backup", copy.to_str().unwrap()])["file"], copy.to_str().unwrap());
    let restored = json(&["restore", copy.to_str().unwrap()]);
    assert_eq!((&restored["restored"], &restored["verify"]["clean"]), (&true.into(), &true.into()));
    let replaced = home.data_dir().join("replaced-1");
    assert_eq!(restored["replaced"], replaced.to_str().unwrap());
}

#[test]
fn migrate_makes_a_database_once() {
    let home = Home::new();
    let directory = home.data_dir().display().to_string();
    assert_eq!(home.print(&["migrate"]), format!("{directory} is new and ready"));
    assert_eq!(home.print(&["migrate"]), format!("{directory} is up to date"));
}

#[test]
fn a_database_of_a_newer_release_is_refused() {
    let home = Home::new();
    home.print(&["migrate"]);
    let database = Connection::open(home.data_dir().join("banyan.db")).unwrap();
    let newer = "insert into refinery_schema_history select 99, 'of_tomorrow', applied_on, checksum
        from refinery_schema_history where version = 1";
    assert_eq!(database.execute(newer, []).unwrap(), 1);
    drop(database);
    for arguments in [&["migrate"][..], &["verify"], &["key", "list"], &["serve", "--listen", "127.0.0.1:0"]]
    {
        let output = home.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        assert!(text(&output.stderr).contains("of_tomorrow"), "{output:?}");
    }
}

#[test]
fn the_openapi_document_is_the_one_the_server_gives() {
    let home = Home::new();
    let printed = home.command().arg("openapi").output().unwrap();
    let printed: Value = serde_json::from_str(text(&printed.stdout)).unwrap();
    assert!(printed["openapi"].as_str().unwrap().starts_with("3."));
    let paths = printed["paths"].as_object().unwrap();
    for path in
        ["/api/users/register", "/api/purchases", "/api/earnings/{user_id}", "/api/users/{user_id}/referrals"]
    {
        assert!(paths.contains_key(path), "{path}");
    }
    let server = home.serve();
    assert_eq!(Request::get("/api/openapi.json").send(&server.url).expect(200), printed);
}

#[test]
fn completions_are_printed_for_every_shell() {
    let home = Home::new();
    for (shell, word) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef banyan"),
        ("fish", "complete -c banyan"),
        ("elvish", "edit:completion"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let output = home.command().args(["completions", shell]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(text(&output.stdout).contains(word) && text(&output.stdout).contains("verify"), "{shell}");
    }
}

#[test]
fn every_command_has_a_man_page() {
    let home = Home::new();
    let directory = home.path().join("a/man1");
    assert!(home.command().arg("man").arg(&directory).status().unwrap().success());
    for page in [
        "banyan",
        "banyan-serve",
        "banyan-demo",
        "banyan-verify",
        "banyan-token",
        "banyan-key-create",
        "banyan-plan-simulate",
    ] {
        let text = fs::read_to_string(directory.join(format!("{page}.1"))).unwrap_or_default();
        assert!(text.contains(".TH") && text.contains(".SH SYNOPSIS"), "{page}: {text}");
    }
}

#[test]
fn a_port_that_is_taken_is_said_so() {
    let home = Home::new();
    let server = home.serve();
    let address = server.url.strip_prefix("http://").unwrap();
    let output = home.run(&["serve", "--listen", address]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        text(&output.stderr).contains(address) && text(&output.stderr).contains("--listen"),
        "{output:?}"
    );
}

/// Passes a link that signs the owner in.
fn expect_link(link: &str, server: &Server) {
    let (address, token) = link.trim().split_once("/#token=").unwrap();
    assert_eq!(address, server.url);
    assert_eq!(Request::get("/api/me").by(token).send(&server.url).expect(200)["kind"], "admin");
}

#[test]
fn the_first_link_of_the_owner_is_in_a_file_of_her_own_and_in_no_journal() {
    let home = Home::new();
    let mut server = home.serve();
    let file = home.data_dir().join("first-sign-in");
    server.wait_for(file.to_str().unwrap());
    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    expect_link(&fs::read_to_string(&file).unwrap(), &server);
    let everything = server.last_words();
    assert!(!everything.contains("token="), "{everything}");
}

#[test]
fn only_the_first_start_on_a_terminal_shows_a_sign_in_link_and_it_works() {
    let home = Home::new();
    let Some(script) = on_path("script") else {
        return skip("the greeting on a terminal", "there is no script: apt-get install bsdutils");
    };
    let serve = format!("{} serve --listen 127.0.0.1:0 --data-dir data", env!("CARGO_BIN_EXE_banyan"));
    let mut terminal = Command::new(script);
    terminal.args(["-qefc", &serve, "/dev/null"]);
    settle(&mut terminal, home.path());
    let mut server = Server::start(terminal);
    let link = server.wait_for("/#token=");
    expect_link(&link, &server);
    assert!(!home.data_dir().join("first-sign-in").exists());
    server.terminate();
    server.end();

    let server = home.serve();
    let everything = server.last_words();
    assert!(everything.contains(&format!("  data       {}", home.data_dir().display())), "{everything}");
    assert!(!everything.contains("#token="), "{everything}");
    assert!(everything.contains("banyan token --admin"), "{everything}");
}

#[test]
fn every_command_works_beside_a_running_server() {
    let home = Home::new();
    let server = home.serve();
    let key = home.key(&["read", "users:write"]);
    home.print(&["migrate"]);
    home.print(&["key", "list"]);
    home.admin_token();
    home.verify();
    let member = server.register(&key, "Asha Rao", None);

    // A second server over the same data sees what the first one was told.
    let second = home.serve();
    assert_ne!(second.url, server.url);
    let path = format!("/api/users/{}", member.id);
    assert_eq!(Request::get(path).by(&member.token).send(&second.url).expect(200)["name"], "Asha Rao");
    second.stop();
    assert_eq!(Request::get("/readyz").send(&server.url).expect(200)["status"], "ready");
    server.stop();
}

#[test]
fn a_server_is_well_when_it_says_where_it_answers() {
    let home = Home::new();
    let server = home.serve();
    assert_eq!(Request::get("/healthz").send(&server.url).expect(200)["status"], "ok");
    assert_eq!(Request::get("/readyz").send(&server.url).expect(200)["status"], "ready");
    let metrics = Request::get("/metrics").by(&home.key(&["read"])).send(&server.url);
    assert_eq!(metrics.status, 200);
    assert!(metrics.body.contains("http_requests_total"), "{}", metrics.body);
    assert_eq!(Request::get("/metrics").send(&server.url).status, 401);
}
