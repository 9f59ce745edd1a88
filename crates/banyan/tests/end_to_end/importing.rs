//! `banyan import` and `banyan export`: what comes in goes out, once, and comes
//! in again elsewhere.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::home::{Home, text};
use crate::http::{Connection, Request};

/// A byte order mark, CRLF, a blank line, quotes, and a name like a formula.
const USERS: &str = "\u{feff}name,email,referral_code,referrer_email,joined_at\r\n\
    Asha Rao,asha@example.com,7hxk2mq0dz,,2025-03-01\r\n\
    \r\n\
    \"Gupta, Chetan \"\"CG\"\"\",Chetan@Example.com,,asha@example.com,2025-04-01T09:30:00+05:30\r\n\
    =Esha,+esha@example.com,,chetan@example.com,\r\n";

const PURCHASES: &str = "user_email,amount,reference,occurred_at\n\
    +esha@example.com,1001.30,order-1,2025-05-01\n\
    chetan@example.com,2500,-order-2,2025-05-02T10:00:00Z\n\
    +esha@example.com,1000.00,order-3,\n";

fn write(home: &Home, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = home.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn import(home: &Home, what: &str, file: &str, flags: &[&str]) -> Output {
    home.run(&[&["import", what, file], flags].concat())
}

/// Imports both files, and answers what was printed.
fn import_both(home: &Home) -> [String; 2] {
    let (users, purchases) = (write(home, "users.csv", USERS), write(home, "purchases.csv", PURCHASES));
    [("users", users), ("purchases", purchases)].map(|(what, file)| {
        let printed = home.print(&["import", what, &file]);
        printed.strip_prefix(&format!("{file}: ")).unwrap().to_owned()
    })
}

#[test]
fn two_files_come_in_and_nothing_changes_when_they_come_again() {
    let home = Home::new();
    assert_eq!(
        import_both(&home),
        ["3 members imported, 0 already there", "3 purchases imported, 0 already there"]
    );
    let entries = home.print(&["export", "entries"]);
    let users = home.print(&["export", "users"]);
    assert_eq!(
        import_both(&home),
        ["0 members imported, 3 already there", "0 purchases imported, 3 already there"]
    );
    assert_eq!(home.print(&["export", "entries"]), entries);
    assert_eq!(home.print(&["export", "users"]), users);
    home.verify();

    let balances: Vec<&str> = entries.lines().skip(1).filter_map(|line| line.split(',').nth(5)).collect();
    assert_eq!(balances, ["10.01", "135.01", "50.07"], "{entries}");
    let audit = home.print(&["export", "audit"]);
    assert_eq!(audit.lines().skip(1).filter(|line| line.contains(",owner,import,")).count(), 2, "{audit}");
}

#[test]
fn a_dry_run_writes_nothing_and_makes_no_directory() {
    let home = Home::new();
    let file = write(&home, "users.csv", USERS);
    let printed = home.print(&["import", "users", &file, "--dry-run"]);
    assert!(printed.ends_with("3 members to import, 0 already there; nothing was written"), "{printed}");
    assert!(!home.data_dir().exists());

    let short = USERS.split("=Esha").next().unwrap();
    home.print(&["import", "users", &write(&home, "short.csv", short)]);
    let told: Value =
        serde_json::from_str(&home.print(&["import", "users", &file, "--dry-run", "--json"])).unwrap();
    let expected = json!({
        "file": file, "new": 1, "already_there": 2, "written": false,
        "error_count": 0, "errors": [], "warning_count": 0, "warnings": [],
    });
    assert_eq!(told, expected);
    assert_eq!(home.print(&["export", "users"]).lines().count(), 3);
}

#[test]
fn every_error_is_told_by_its_line_and_nothing_is_written() {
    let home = Home::new();
    import_both(&home);
    let file = write(
        &home,
        "bad.csv",
        b"\xef\xbb\xbfuser_email,amount,reference,occurred_at\n\
          asha@example.com,1.234,a,\n\
          \n\
          \"asha@\nexample.com\",5,b,\n\
          nobody@example.com,5,c,2025-01-01\n\
          asha@example.com,5,d,2099-01-01\n\
          asha@example.com,5,,tomorrow\n\
          asha@example.com,5,\xff,\n\
          asha@example.com,5\n\
          asha@example.com,5,order-1,\n\
          asha@example.com,5,e,\n\
          \"asha@example.com,5,f,\n",
    );
    let output = import(&home, "purchases", &file, &[]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
    let starts = [
        "line 2, amount: must have at most two decimal places",
        "line 4, user_email: must have no character that nobody sees; it has U+000A",
        "line 6: nobody has the e-mail nobody@example.com",
        "line 7: a purchase cannot be made in the future",
        "line 8, occurred_at: must be a day such as \"2026-12-01\"",
        "line 8, reference: must not be empty",
        "line 9, reference: is not UTF-8",
        "line 10: has 2 columns, the header has 4",
        "line 11: reference \"order-1\" belongs to another purchase",
        "line 13: has 1 column, the header has 4; is a quote left open?",
    ];
    let told: Vec<&str> = text(&output.stderr).lines().collect();
    assert_eq!(told.len(), starts.len() + 1, "{told:#?}");
    for (told, start) in told.iter().zip(starts) {
        assert!(told.starts_with(start), "{told}, not {start}");
    }
    assert!(told[10].ends_with("10 errors; nothing was written"), "{told:#?}");

    let output = import(&home, "purchases", &file, &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    assert_eq!((&told["written"], &told["error_count"]), (&json!(false), &json!(10)));
    assert_eq!((&told["errors"][0]["line"], &told["errors"][0]["column"]), (&json!(2), &json!("amount")));
    assert_eq!(home.print(&["export", "purchases"]).lines().count(), 4);
}

#[test]
fn of_very_many_errors_a_hundred_are_told_and_all_are_counted() {
    let home = Home::new();
    let file = write(&home, "bad.csv", format!("name,email\n{}", "A,nowhere\n".repeat(5_000)));
    let output = import(&home, "users", &file, &[]);
    let told: Vec<&str> = text(&output.stderr).lines().collect();
    assert_eq!((output.status.code(), told.len()), (Some(1), 102));
    assert_eq!(told[100], "… and 4900 more");
    assert!(told[101].ends_with("5000 errors; nothing was written"), "{}", told[101]);
    assert!(!home.data_dir().exists());
}

#[test]
fn a_file_with_other_columns_is_refused() {
    let home = Home::new();
    for (header, why) in [
        ("name,email,note", "there is no column \"note\"; the columns are name, email,"),
        ("name,referral_code", "the column \"email\" is missing"),
        ("name,email,name", "the column \"name\" is there twice"),
        ("", "the column \"name\" is missing"),
    ] {
        let file = write(&home, "users.csv", format!("{header}\nA,a@example.com,\n").trim_start());
        let output = import(&home, "users", if header.is_empty() { "/dev/null" } else { &file }, &[]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(text(&output.stderr).contains(why), "{output:?}");
    }
    let output = import(&home, "users", "nowhere.csv", &[]);
    assert!(text(&output.stderr).contains("cannot read nowhere.csv"), "{output:?}");
}

#[test]
fn sales_that_were_paid_elsewhere_pay_nobody() {
    let home = Home::new();
    home.print(&["import", "users", &write(&home, "users.csv", USERS)]);
    let file = write(&home, "purchases.csv", PURCHASES);
    home.print(&["import", "purchases", &file, "--no-commission"]);
    assert_eq!(home.print(&["export", "entries"]).lines().count(), 1);
    home.verify();
    let output = import(&home, "purchases", &file, &[]);
    assert_eq!(output.status.code(), Some(1), "they are not those that pay: {output:?}");
}

#[test]
fn what_is_exported_comes_in_again_in_a_new_directory_with_the_same_balances() {
    let home = Home::new();
    import_both(&home);
    let key = home.key(&["users:write", "purchases:write"]);
    let server = home.serve();
    let new = json!({"name": "Nisha", "email": "nisha@example.com", "external_id": "=7", "metadata": {"tier": "a,\"b\""}});
    Request::post("/api/users/register", new).by(&key).send(&server.url).expect(201);
    let sale = json!({"user_id": 3, "amount": "3000.00"});
    Request::post("/api/purchases", sale).by(&key).send(&server.url).expect(201);
    let sale =
        json!({"external_user_id": "=7", "amount": "5", "reference": "o-9", "metadata": {"till": "4"}});
    Request::post("/api/purchases", sale).by(&key).send(&server.url).expect(201);
    let settled = "user_email,amount,reference\nchetan@example.com,9000,old-1\n";
    home.print(&["import", "purchases", &write(&home, "old.csv", settled), "--no-commission"]);
    server.stop();

    let other = Home::new();
    for what in ["users", "purchases"] {
        let file = other.path().join(format!("{what}.csv"));
        home.print(&["export", what, "--out", file.to_str().unwrap()]);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let printed = other.print(&["import", what, file.to_str().unwrap()]);
        assert!(printed.ends_with("imported, 0 already there"), "{printed}");
        let back = import(&home, what, file.to_str().unwrap(), &[]);
        assert!(text(&back.stdout).contains(": 0 "), "in the old directory all is there: {back:?}");
    }
    assert_eq!(other.print(&["export", "entries"]), home.print(&["export", "entries"]));
    let users = home.print(&["export", "users"]);
    assert!(users.contains(",0,'=7,\"{\"\"tier\"\":\"\"a,\\\"\"b\\\"\"\"\"}\""), "{users}");
    assert_eq!(other.print(&["export", "users"]), users);
    for exported in [&other, &home].map(|home| home.print(&["export", "purchases"])) {
        assert!(exported.contains(",'=7,\"{\"\"till\"\":\"\"4\"\"}\""), "{exported}");
    }
    other.verify();
    home.verify();
}

#[test]
fn what_a_spreadsheet_would_run_is_guarded() {
    let home = Home::new();
    import_both(&home);
    let users = home.print(&["export", "users"]);
    assert!(users.contains(",'=Esha,'+esha@example.com,"), "{users}");
    assert!(users.contains(",\"Gupta, Chetan \"\"CG\"\"\",chetan@example.com,"), "{users}");
    let purchases = home.print(&["export", "purchases"]);
    assert!(purchases.contains(",2500.00,0.00,'-order-2,1,2025-05-02T10:00:00.000Z,"), "{purchases}");
}

#[test]
fn every_kind_is_exported_with_its_header() {
    let home = Home::new();
    import_both(&home);
    for (what, header, rows) in [
        ("users", "user_id,name,email,referral_code,referrer_email,joined_at,is_active,slots_used", 3),
        ("entries", "user_id,user_email,seq,kind,amount,balance,total_earnings,purchase_id,", 3),
        ("refunds", "refund_id,purchase_id,reference,amount,net,created_at", 0),
        (
            "payouts",
            "payout_id,run_id,user_id,user_name,user_email,amount,status,reason,created_at,settled_at",
            0,
        ),
        ("audit", "id,created_at,actor,action,subject,detail", 2),
    ] {
        let printed = home.print(&["export", what]);
        assert!(printed.starts_with(header), "{printed}");
        assert_eq!(printed.lines().count(), rows + 1, "{printed}");
    }
    let elsewhere = Home::new();
    let output = elsewhere.run(&["export", "users"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(!elsewhere.data_dir().exists(), "a mistyped directory is told, not made");
}

#[test]
fn the_payouts_of_one_run_are_exported_with_names() {
    let home = Home::new();
    import_both(&home);
    let server = home.serve();
    let key = home.key(&["payouts:write", "purchases:write"]);
    let ask = |request: Request| request.by(&key).send(&server.url);
    ask(Request::post("/api/payouts/runs", json!({}))).expect(201);
    ask(Request::post("/api/purchases", json!({"user_id": 3, "amount": "2000.00"}))).expect(201);
    ask(Request::post("/api/payouts/runs", json!({}))).expect(201);
    let all = home.print(&["export", "payouts"]);
    let mut runs = Vec::new();
    for run in ["1", "2"] {
        let printed = home.print(&["export", "payouts", "--run", run]);
        let rows: Vec<String> = printed.lines().skip(1).map(str::to_owned).collect();
        assert!(!rows.is_empty() && rows.iter().all(|row| row.split(',').nth(1) == Some(run)), "{printed}");
        runs.extend(rows);
    }
    assert_eq!(all.lines().skip(1).collect::<Vec<_>>(), runs, "the runs add up to all");
    assert!(all.contains(",Asha Rao,asha@example.com,"), "{all}");
    let nothing = home.run(&["export", "payouts", "--run", "3"]);
    assert_eq!(nothing.status.code(), Some(1), "{nothing:?}");
    server.stop();
}

#[test]
fn an_import_that_was_killed_is_ended_by_running_it_again() {
    let home = Home::new();
    home.print(&["import", "users", &write(&home, "users.csv", USERS)]);
    let mut file = "user_email,amount,reference\n".to_owned();
    for number in 0..20_000 {
        writeln!(file, "+esha@example.com,2000.00,import-{number}").unwrap();
    }
    let file = write(&home, "many.csv", file);
    let recorded = || home.print(&["export", "purchases"]).lines().count() - 1;
    let mut lifetime = Duration::ZERO;
    while recorded() < 20_000 {
        let before = recorded();
        let mut command = home.command();
        command.args(["import", "purchases", &file, "--data-dir"]).arg(home.data_dir());
        let mut import = command.stdout(Stdio::null()).spawn().unwrap();
        // A little longer each time, so that it gets to the end on any machine.
        lifetime += Duration::from_millis(400);
        thread::sleep(lifetime);
        import.kill().unwrap();
        import.wait().unwrap();
        assert!(recorded() >= before);
        home.verify();
    }
    let printed = home.print(&["import", "purchases", &file]);
    assert!(printed.ends_with("0 purchases imported, 20000 already there"), "{printed}");
    let entries = home.print(&["export", "entries"]);
    assert_eq!(entries.lines().count(), 1 + 2 * 20_000);
}

#[test]
fn an_import_beside_a_running_server_lets_it_have_its_turn_and_is_seen_there() {
    let home = Home::new();
    let server = home.serve();
    let key = home.key(&["read", "users:write", "purchases:write"]);
    home.print(&["import", "users", &write(&home, "users.csv", USERS)]);
    let mut file = "user_email,amount,reference\n".to_owned();
    for number in 0..20_000 {
        writeln!(file, "+esha@example.com,2000.00,import-{number}").unwrap();
    }
    let file = write(&home, "many.csv", file);

    let imported = AtomicBool::new(false);
    let sold = thread::scope(|threads| {
        let selling = threads.spawn(|| {
            let mut connection = Connection::open(&server.url).unwrap();
            let mut sold = 0;
            while !imported.load(Ordering::SeqCst) {
                let sale = json!({"user_id": 2, "amount": "2000.00"});
                connection.ask(&Request::post("/api/purchases", sale).by(&key)).unwrap().expect(201);
                sold += 1;
            }
            sold
        });
        home.print(&["import", "purchases", &file]);
        imported.store(true, Ordering::SeqCst);
        selling.join().unwrap()
    });
    assert!(sold > 1, "the server sold {sold}");
    // Asha gets 5 % of what Chetan buys and 1 % of what Esha buys.
    let told = Request::get("/api/earnings/1").by(&key).send(&server.url).expect(200);
    assert_eq!(told["total_earnings"], format!("{}.00", sold * 100 + 20_000 * 20));
    server.stop();
    home.verify();
}
