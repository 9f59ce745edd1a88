//! `banyan doctor`: what is wrong, and the command that mends it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;

use crate::cluster::Isolation;
use crate::home::{Home, text};

/// What the doctor finds, and how it ends.
fn findings(home: &Home) -> (Vec<[String; 3]>, Option<i32>) {
    let output = home.run(&["doctor", "--json"]);
    let told: Value = serde_json::from_str(text(&output.stdout)).unwrap_or_else(|_| panic!("{output:?}"));
    let words = |found: &Value| ["about", "what", "mend"].map(|field| found[field].as_str().unwrap().into());
    let found: Vec<_> = told["findings"].as_array().unwrap().iter().map(words).collect();
    assert_eq!(told["healthy"], found.is_empty());
    (found, output.status.code())
}

/// Passes when this alone is wrong.
fn finds(home: &Home, about: &str, what: &str, mend: &str, code: i32) {
    let (found, ended) = findings(home);
    let [[of, words, command]] = &found[..] else { panic!("{found:#?}") };
    assert_eq!((of.as_str(), ended), (about, Some(code)), "{found:#?}");
    assert!(words.contains(what) && command.contains(mend), "{found:#?}");
}

#[test]
fn where_all_is_well_it_says_so() {
    let home = Home::new();
    home.print(&["migrate"]);
    home.key(&["admin"]);
    let directory = home.data_dir().display().to_string();
    assert_eq!(home.print(&["doctor"]), format!("nothing is wrong with {directory}"));
    assert_eq!(findings(&home), (vec![], Some(0)));
}

#[test]
fn a_directory_without_data_is_told_and_not_made() {
    let home = Home::new();
    let mend = format!("banyan serve --data-dir {}", home.data_dir().display());
    finds(&home, "database", "there is no data", &mend, 1);
    assert!(!home.data_dir().exists());
}

#[test]
fn files_that_others_can_get_at_are_mended_by_what_it_says() {
    let home = Home::new();
    home.print(&["migrate"]);
    for (path, mode) in [(home.data_dir(), 0o755), (home.data_dir().join("banyan.db"), 0o644)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    finds(&home, "directory", "banyan.db", "chmod -R go= ", 1);
    let (found, _) = findings(&home);
    assert!(Command::new("sh").args(["-c", &found[0][2]]).status().unwrap().success());
    assert_eq!(findings(&home), (vec![], Some(0)));
}

#[test]
fn settings_are_read_as_a_server_reads_them() {
    let home = Home::new();
    home.print(&["migrate"]);
    let file = home.path().join("banyan.toml");
    for (settings, what) in [
        ("public_url = 'shop.example'", "public_url in the configuration"),
        ("listen = 'everywhere'", "must be an address or a host with a port"),
        ("colour = 'green'", "unknown field `colour`"),
        ("trusted_proxies = ['10.0.0.0/33']", "trusted_proxies"),
    ] {
        fs::write(&file, settings).unwrap();
        finds(&home, "settings", what, "correct it in banyan.toml", 1);
    }
    fs::remove_file(&file).unwrap();
    for (name, value, what) in [
        ("BANYAN_LOG", "verbose", "has \"verbose\", which is no level"),
        ("BANYAN_PUBLIC_URL", "shop.example", "must be how browsers reach the site"),
        ("BANYAN_TOKEN_KEY", "short", "must have at least"),
    ] {
        let output = home.command_on_data(&["doctor"]).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let told = text(&output.stdout);
        assert!(told.starts_with("settings: ") && told.contains(what), "{told}");
    }
    fs::write(home.data_dir().join("token.key"), "short").unwrap();
    finds(&home, "settings", "token.key is not a token key; remove it", "", 1);
}

#[test]
fn a_database_of_another_release_or_of_another_program_is_named_and_left_as_it_is() {
    let home = Home::new();
    home.print(&["migrate"]);
    let path = home.data_dir().join("banyan.db");
    let sql = |statement: &str| Connection::open(&path).unwrap().execute_batch(statement).unwrap();
    sql("insert into refinery_schema_history (version, name, applied_on, checksum)
         values (999, 'from_the_future', '2026-01-01T00:00:00Z', '1')");
    finds(&home, "database", "a later release has migrated what is in", "install that release", 1);
    sql("delete from refinery_schema_history where version > 3");
    for _ in 0..2 {
        finds(&home, "database", "an earlier release has made what is in", "banyan migrate --data-dir", 1);
    }
    for part in ["banyan.db-wal", "banyan.db-shm"] {
        drop(fs::remove_file(home.data_dir().join(part)));
    }
    fs::write(&path, "something else, and not empty").unwrap();
    let mend = "banyan restore BACKUP --data-dir";
    finds(&home, "database", "is not a database of this program", mend, 1);
}

#[test]
fn books_that_are_wrong_end_with_3() {
    let home = Home::new();
    let users = home.path().join("users.csv");
    let two = "name,email,referrer_email\nA,a@example.com,\nB,b@example.com,a@example.com\n";
    fs::write(&users, two).unwrap();
    home.print(&["import", "users", users.to_str().unwrap()]);
    let conn = Connection::open(home.data_dir().join("banyan.db")).unwrap();
    conn.execute_batch("update users set direct_count = 2 where id = 1").unwrap();
    drop(conn);
    finds(&home, "books", "", "banyan verify --data-dir", 3);
}

#[test]
fn a_postgresql_that_is_empty_or_away_is_told() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    finds(&home, "database", "there is no data in postgres://", "banyan serve --database-url", 1);
    home.print(&["migrate"]);
    assert_eq!(findings(&home), (vec![], Some(0)));

    let away = [("BANYAN_DATABASE_URL", "postgres://banyan:s3cret@127.0.0.1:1/banyan")];
    let output = home.command_on_data(&["doctor"]).envs(away).output().unwrap();
    let told = text(&output.stdout);
    assert!(told.starts_with("database: the database does not answer"), "{told}");
    assert!(told.contains("mend: start the database") && !told.contains("s3cret"), "{told}");
}
