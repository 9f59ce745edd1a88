//! What people make of a CSV file before it comes in, and what it says then.

use std::fs;
use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::home::{Home, text};

/// Asha, and Bilal whom she brought.
const USERS: &str = "name,email,referrer_email,joined_at,is_active\n\
    Asha Rao,asha@example.com,,2025-03-01,true\n\
    Bilal Khan,bilal@example.com,asha@example.com,2025-04-01,false\n";

/// Runs an import that reads this from its standard input.
fn import(home: &Home, what: &str, csv: impl AsRef<[u8]>, flags: &[&str]) -> Output {
    let mut command = home.command_on_data(&["import", what, "-"]);
    command.args(flags);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    child.stdin.take().unwrap().write_all(csv.as_ref()).unwrap();
    child.wait_with_output().unwrap()
}

fn imported(home: &Home, what: &str, csv: impl AsRef<[u8]>) -> String {
    let output = import(home, what, csv, &[]);
    assert!(output.status.success(), "{output:?}");
    text(&output.stdout).trim_end().to_owned()
}

/// What an import says that brings nothing.
fn refused(home: &Home, what: &str, csv: impl AsRef<[u8]>) -> String {
    let output = import(home, what, csv, &[]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""), "{output:?}");
    text(&output.stderr).to_owned()
}

#[test]
fn a_file_comes_in_from_standard_input_and_is_named_so_in_the_audit_trail() {
    let home = Home::new();
    assert_eq!(imported(&home, "users", USERS), "standard input: 2 members imported, 0 already there");
    assert!(home.print(&["export", "audit"]).contains("standard input"));
    let sale = "user_email,amount,reference\nasha@example.com,5,a\n";
    assert_eq!(imported(&home, "purchases", sale), "standard input: 1 purchase imported, 0 already there");
}

#[test]
fn an_export_that_a_spreadsheet_has_saved_comes_in_again() {
    let home = Home::new();
    imported(&home, "users", USERS);
    let exported = home.print(&["export", "users"]);
    let (header, rows) = exported.split_once('\n').unwrap();
    let rows = rows.replace(",true,", ",TRUE,").replace(",false,", ",FALSE,");
    let empty = ",".repeat(header.matches(',').count());
    let saved = format!("{}\r\n{empty}\r\n{rows}\n{empty}\n , ,\t\n", header.to_uppercase());
    let other = Home::new();
    assert_eq!(imported(&other, "users", &saved), "standard input: 2 members imported, 0 already there");
    assert_eq!(other.print(&["export", "users"]), exported);

    let words = "NAME,Email,is_active\nChetan,chetan@example.com,Yes\nEsha,esha@example.com,no\n";
    imported(&other, "users", words);
    let users = other.print(&["export", "users"]);
    assert_eq!((users.matches(",true,").count(), users.matches(",false,").count()), (2, 2), "{users}");
    assert_eq!(
        refused(&other, "users", "name,email,is_active\nA,a@example.com,maybe\n"),
        "line 2, is_active: must be true or false, or yes or no\n\
         banyan: standard input: 1 error; nothing was written\n"
    );
}

#[test]
fn what_is_written_in_another_way_says_how_to_write_it() {
    let home = Home::new();
    let utf_16: Vec<u8> = "\u{feff}name\temail\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (csv, told) in [
        (
            b"name;email\nA;a@example.com\n".to_vec(),
            "its columns are separated by semicolons: save it as CSV",
        ),
        (b"name\temail\nA\ta@example.com\n".to_vec(), "its columns are separated by tabs: save it as CSV"),
        (b"sep=,\nname,email\nA,a@example.com\n".to_vec(), "take that line out"),
        (utf_16, "save it as \"CSV UTF-8\", or convert it with `iconv -f UTF-16 -t UTF-8`"),
    ] {
        let words = refused(&home, "users", csv);
        assert!(words.starts_with("banyan: standard input: ") && words.contains(told), "{words}");
    }
    assert!(!home.data_dir().exists());
}

#[test]
fn what_nobody_sees_is_named_by_its_number() {
    let home = Home::new();
    imported(&home, "users", "name,email\nZed,zed@example.com\n");
    let told = refused(&home, "purchases", "user_email,amount,reference\nzed\u{200b}@example.com,5,a\n");
    let unseen = "line 2, user_email: must have no character that nobody sees; it has U+200B";
    assert!(told.starts_with(unseen), "{told}");
    let told = refused(&home, "users", "name,email\nZ\u{202e}ed,z@example.com\n");
    assert!(told.starts_with("line 2, name: ") && told.contains("U+202E"), "{told}");
}

#[test]
fn what_hardly_ever_is_comes_in_with_a_warning() {
    let home = Home::new();
    let output = import(&home, "users", USERS.replace("2025-04-01", "2025-01-01"), &[]);
    assert!(output.status.success(), "{output:?}");
    let told = text(&output.stderr);
    let warning = "warning: line 3: she joined before her referrer asha@example.com did";
    assert!(told.starts_with(warning), "{told}");
    let sale = "user_email,amount,reference,occurred_at\nasha@example.com,5,a,2025-02-28\n";
    let output = import(&home, "purchases", sale, &["--json"]);
    let told: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    let [written, count, line] = [&told["written"], &told["warning_count"], &told["warnings"][0]["line"]];
    assert_eq!([written, count, line], [&json!(true), &json!(1), &json!(2)]);
}

#[test]
fn an_export_takes_the_place_of_a_file_only_where_it_is_told_to() {
    let home = Home::new();
    imported(&home, "users", USERS);
    let file = home.path().join("users.csv");
    let out = ["export", "users", "--out", file.to_str().unwrap()];
    fs::write(&file, "precious").unwrap();
    let refused = home.run(&out);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(text(&refused.stderr).contains("users.csv is there already"), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    let told = home.print(&[&out[..], &["--replace", "--json"]].concat());
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told, json!({"file": file, "rows": 2}));
    assert!(fs::read_to_string(&file).unwrap().starts_with("user_id,name,email,"));
}
