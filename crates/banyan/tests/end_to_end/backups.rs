//! `banyan backup` and `banyan restore`: what was acknowledged before is in the
//! copy, and nothing is replaced by something worse.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::home::{Home, text};
use crate::http::Request;
use crate::writers::{Books, People, Writer};

/// Clients that buy while the copy is made: enough for the journal to be used.
const WRITERS: usize = 16;

fn file(home: &Home, name: &str) -> PathBuf {
    home.path().join(name)
}

/// A data directory in which somebody has registered.
fn with_member(name: &str) -> Home {
    let home = Home::new();
    let key = home.key(&["users:write"]);
    let server = home.serve();
    server.register(&key, name, None);
    server.stop();
    home
}

fn members(home: &Home) -> String {
    home.print(&["export", "users"])
}

#[test]
fn a_copy_made_under_load_has_everything_that_was_acknowledged_before() {
    let home = Home::new();
    let key = home.key(&["read", "users:write", "purchases:write"]);
    let server = home.serve();
    let people = People::default();
    let root = server.register(&key, "Asha Rao", None);
    people.add(&root);
    people.add(&server.register(&key, "Bina Shah", Some(&root.code)));
    let (copied, copy) = (AtomicBool::new(false), file(&home, "copy.db"));
    let url = &server.url;

    // Half of them stop before the copy is made; the others go on beside it.
    let acknowledged: Vec<Writer> = thread::scope(|scope| {
        let noise: Vec<_> = (WRITERS..2 * WRITERS)
            .map(|number| {
                let (key, people, copied) = (&key, &people, &copied);
                scope.spawn(move || {
                    let mut writer = Writer::new(number);
                    writer.write_while(url, key, people, || !copied.load(Ordering::SeqCst));
                })
            })
            .collect();
        let first: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (key, people) = (&key, &people);
                scope.spawn(move || {
                    let (mut writer, end) = (Writer::new(number), Instant::now() + Duration::from_secs(1));
                    writer.write_while(url, key, people, || Instant::now() < end);
                    writer
                })
            })
            .collect();
        let first = first.into_iter().map(|writer| writer.join().unwrap()).collect();
        home.print(&["backup", copy.to_str().unwrap()]);
        copied.store(true, Ordering::SeqCst);
        for writer in noise {
            writer.join().unwrap();
        }
        first
    });
    server.stop();

    let elsewhere = Home::new();
    let restored = elsewhere.print(&["restore", copy.to_str().unwrap()]);
    assert!(restored.starts_with("clean: "), "{restored}");
    elsewhere.verify();
    let server = elsewhere.serve();
    let mut books = Books::default();
    books.read_on(&server.url, &key);
    assert!(acknowledged.iter().map(Writer::acknowledged).sum::<usize>() > WRITERS);
    for writer in &acknowledged {
        writer.compare_all(&books);
    }
    server.register(&key, "Chetan Gupta", None);
    server.stop();
}

#[test]
fn a_restore_brings_back_what_was_and_keeps_what_it_replaces() {
    let home = with_member("Asha Rao");
    let (copy, before) = (file(&home, "copy.db"), members(&home));
    home.print(&["backup", copy.to_str().unwrap()]);
    let token = home.admin_token();

    let key = home.key(&["users:write"]);
    let server = home.serve();
    server.register(&key, "Bina Shah", None);
    server.stop();
    let after = members(&home);

    let told = home.print(&["restore", copy.to_str().unwrap()]);
    let aside = home.data_dir().join("replaced-1");
    assert!(told.ends_with(&format!("what was there before is in {}", aside.display())), "{told}");
    assert_eq!(members(&home), before);
    let server = home.serve();
    Request::get("/api/users").by(&token).send(&server.url).expect(200);
    server.stop();

    // What was replaced is a database like any other, and so is a second one.
    let mut command = home.command();
    let replaced = command.args(["export", "users", "--data-dir"]).arg(&aside).output().unwrap();
    assert_eq!(text(&replaced.stdout).trim_end(), after);
    let told = home.print(&["restore", copy.to_str().unwrap()]);
    assert!(told.ends_with("replaced-2"), "{told}");
    assert!(!home.data_dir().join("restoring").exists());
}

#[test]
fn nothing_is_restored_while_somebody_has_the_data_open() {
    let home = with_member("Asha Rao");
    let copy = file(&home, "copy.db");
    home.print(&["backup", copy.to_str().unwrap()]);
    let key = home.key(&["users:write"]);
    let server = home.serve();
    server.register(&key, "Bina Shah", None);
    let output = home.run(&["restore", copy.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("is in use; stop the server"), "{output:?}");
    server.register(&key, "Chetan Gupta", None);
    server.kill();
    assert_eq!(members(&home).lines().count(), 4, "three members below the names of the columns");
    home.print(&["restore", copy.to_str().unwrap()]);
    assert_eq!(members(&home).lines().count(), 2);
}

#[test]
fn what_is_no_good_backup_replaces_nothing() {
    let home = with_member("Asha Rao");
    let before = members(&home);
    let (tampered, newer) = (file(&home, "tampered.db"), file(&home, "newer.db"));
    home.print(&["backup", tampered.to_str().unwrap()]);
    fs::copy(&tampered, &newer).unwrap();
    let database = Connection::open(&tampered).unwrap();
    database.execute("update users set direct_count = 5", []).unwrap();
    let tomorrow = "insert into refinery_schema_history select 99, 'of_tomorrow', applied_on, checksum
        from refinery_schema_history where version = 1";
    Connection::open(&newer).unwrap().execute(tomorrow, []).unwrap();
    let (text_file, other) = (file(&home, "notes.txt"), file(&home, "other.db"));
    fs::write(&text_file, "not a database, though longer than the hundred bytes of a header. ".repeat(9))
        .unwrap();
    Connection::open(&other).unwrap().execute("create table users (id integer)", []).unwrap();

    for (copy, code, told) in [
        (&tampered, 3, "slots_used"),
        (&newer, 1, "newer than this program"),
        (&text_file, 1, "is not a database of this program"),
        (&other, 1, "is not a database of this program"),
        (&file(&home, "nothing.db"), 1, "is not a database of this program"),
    ] {
        let output = home.run(&["restore", copy.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let all = [text(&output.stdout), text(&output.stderr)].concat();
        assert!(all.contains(told), "{told:?}: {all}");
        assert_eq!(members(&home), before);
        assert!(!home.data_dir().join("restoring").exists() && !home.data_dir().join("replaced-1").exists());
    }
    let elsewhere = Home::new();
    assert_eq!(elsewhere.run(&["restore", other.to_str().unwrap()]).status.code(), Some(1));
    assert!(!elsewhere.data_dir().exists(), "looking makes nothing");
}

#[test]
fn a_restore_that_was_cut_off_is_not_taken_for_an_empty_programme() {
    let home = with_member("Asha Rao");
    let (copy, before) = (file(&home, "copy.db"), members(&home));
    home.print(&["backup", copy.to_str().unwrap()]);
    // As it stands between the two moves.
    fs::create_dir(home.data_dir().join("restoring")).unwrap();
    fs::rename(home.data_dir().join("banyan.db"), home.data_dir().join("restoring/banyan.db")).unwrap();
    let output = home.run(&["migrate"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("run it again"), "{output:?}");
    home.print(&["restore", copy.to_str().unwrap()]);
    assert_eq!(members(&home), before);
}

#[test]
fn a_backup_never_replaces_a_file() {
    let home = with_member("Asha Rao");
    let books = home.data_dir().join("banyan.db");
    for existing in [&books, &file(&home, "kept.txt")] {
        if !existing.exists() {
            fs::write(existing, "kept").unwrap();
        }
        let before = fs::read(existing).unwrap();
        let output = home.run(&["backup", existing.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(text(&output.stderr).contains("there already"), "{output:?}");
        assert_eq!(fs::read(existing).unwrap(), before);
    }
    home.verify();
}
