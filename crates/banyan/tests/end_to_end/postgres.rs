//! The same binary with its data in PostgreSQL, as one node and as two.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::cluster::{Cluster, Isolation, another_cluster, by_its_user, cluster};
use crate::home::{Home, Server, text};
use crate::http::Request;
use crate::realtime::{MANY_CUTS, run_with_clients_of_every_kind};
use crate::scripts;

/// What a shop may do.
pub(crate) const SHOP: [&str; 3] = ["read", "users:write", "purchases:write"];

#[test]
fn every_command_works_on_a_database_across_a_network() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    assert_eq!(home.print(&["migrate"]), format!("{} is new and ready", home.database_url()));
    assert_eq!(home.print(&["migrate"]), format!("{} is up to date", home.database_url()));
    let key = home.key(&SHOP);
    assert!(home.print(&["key", "list"]).contains("test"));
    let server = home.serve();
    let asha = server.register(&key, "Asha Rao", None);
    let bina = server.register(&key, "Bina Shah", Some(&asha.code));
    let bought = json!({"user_id": bina.id, "amount": "2000", "reference": "order-1"});
    Request::post("/api/purchases", bought).by(&key).send(&server.url).expect(201);
    let token = home.print(&["token", "--user", &asha.id.to_string()]);
    let path = format!("/api/earnings/{}", asha.id);
    let earned = Request::get(path).by(&token).send(&server.url).expect(200);
    assert_eq!(earned["total_earnings"], "100.00");
    let members = home.print(&["export", "users"]);
    assert!(members.contains("Asha Rao") && members.lines().count() == 3, "{members}");
    assert!(home.print(&["plan", "show"]).contains("5%"));
    assert!(home.print(&["verify"]).starts_with("clean: 2 members, 1 purchase"));
    server.stop();
}

#[test]
fn two_nodes_that_start_at_once_are_one_programme() {
    let Some(home) = Home::in_postgres(Isolation::Serializable) else { return };
    let [here, there] = std::thread::scope(|scope| {
        [(); 2].map(|()| scope.spawn(|| home.serve())).map(|node| node.join().unwrap())
    });
    let key = home.key(&SHOP);
    let asha = here.register(&key, "Asha Rao", None);
    let bina = there.register(&key, "Bina Shah", Some(&asha.code));
    for (number, (one, other)) in [(&here, &there), (&there, &here)].into_iter().enumerate() {
        let bought = json!({"user_id": bina.id, "amount": "2000", "reference": format!("order-{number}")});
        let bought = Request::post("/api/purchases", bought).by(&key);
        let first = bought.send(&one.url).expect(201);
        let again = bought.send(&other.url);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.expect(200), first);
    }
    for node in [&here, &there] {
        let path = format!("/api/earnings/{}", asha.id);
        let earned = Request::get(path).by(&asha.token).send(&node.url).expect(200);
        assert_eq!(earned["total_earnings"], "200.00", "a token of one node opens the other");
    }
    let greetings = [here.last_words(), there.last_words()];
    assert_eq!(greetings.iter().filter(|words| words.contains("first start")).count(), 1, "{greetings:?}");
    home.verify();
}

#[test]
fn without_a_token_key_nothing_is_begun() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    let output = home.command_on_data(&["serve"]).env_remove("BANYAN_TOKEN_KEY").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = text(&output.stderr);
    assert!(told.contains("BANYAN_TOKEN_KEY") && told.contains("32 characters"), "{told}");
    assert!(home.print(&["migrate"]).ends_with("is new and ready"));
}

#[test]
fn the_password_of_a_database_is_printed_nowhere() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    let with_password = |url: &str| url.replace("banyan@", "banyan:s3cret@");
    let url = with_password(home.database_url());
    for url in [url.clone(), format!("{url}_not_there"), url.replace("banyan-postgres", "nowhere")] {
        for arguments in [&["migrate"][..], &["key", "list"], &["verify"], &["serve", "--listen", "nowhere"]]
        {
            let mut command = home.command_on_data(arguments);
            let output =
                command.env("BANYAN_DATABASE_URL", &url).env("BANYAN_LOG", "trace").output().unwrap();
            let all = [text(&output.stdout), text(&output.stderr)].concat();
            assert!(!all.contains("s3cret"), "{arguments:?}: {all}");
        }
    }
    let mut command = home.command_on_data(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("BANYAN_DATABASE_URL", &url);
    let words = Server::start(command).last_words();
    assert!(words.contains(home.database_url()) && !words.contains("s3cret"), "{words}");
    let help = home.command_on_data(&["serve", "--help"]).env("BANYAN_DATABASE_URL", &url).output().unwrap();
    assert!(!text(&help.stdout).contains("s3cret"));
}

#[test]
fn a_database_that_is_not_there_is_told() {
    let home = Home::new();
    let mut command = home.command();
    command.args(["verify", "--database-url", "postgres://banyan@127.0.0.1:1/banyan"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("the database does not answer"), "{output:?}");
}

#[test]
fn the_database_is_backed_up_by_its_own_tools_as_the_commands_say() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    let Some(other) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    let key = home.key(&SHOP);
    let server = home.serve();
    let asha = server.register(&key, "Asha Rao", None);
    let bina = server.register(&key, "Bina Shah", Some(&asha.code));
    let bought = json!({"user_id": bina.id, "amount": "2000"});
    Request::post("/api/purchases", bought).by(&key).send(&server.url).expect(201);
    let copy = home.path().join("copy.dump").display().to_string();
    for (home, command) in [(&home, "backup"), (&other, "restore")] {
        let output = home.command_on_data(&[command, &copy]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let (_, told) = text(&output.stderr).trim_end().split_once("its own: ").unwrap();
        let mut shell = Command::new("sh");
        let (binaries, path) = (cluster().unwrap().binaries.display(), std::env::var("PATH").unwrap());
        shell.env("PATH", format!("{binaries}:{path}"));
        assert!(shell.args(["-c", told]).status().unwrap().success(), "{told}");
    }
    server.stop();
    assert!(other.print(&["verify"]).starts_with("clean: 2 members, 1 purchase"));
}

#[test]
fn of_three_nodes_nobody_can_tell_which_one_answered_nor_that_one_died() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    let nodes = [(); 3].map(|()| home.serve());
    let urls: Vec<_> = nodes.iter().map(|node| node.url.as_str()).collect();
    scripts::run(
        "nodes.test.mjs",
        &[
            ("BANYAN_URL", urls[2]),
            ("BANYAN_URLS", &urls.join(" ")),
            ("BANYAN_KEY", &home.key(&SHOP)),
            ("BANYAN_PROCESS", &nodes[0].id().to_string()),
        ],
    );
    home.verify();
}

#[test]
fn a_rolling_restart_of_three_nodes_leaves_every_client_able_to_come_back() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    run_with_clients_of_every_kind("stops.test.mjs", &home, 3, &[]);
}

#[test]
#[ignore = "takes a quarter of an hour; .ci/long runs it"]
fn ten_thousand_cuts_on_three_nodes_lose_nothing() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    run_with_clients_of_every_kind("cuts.test.mjs", &home, 3, &MANY_CUTS);
}

/// Has `pg_ctl` do something to the server of a cluster.
fn control(cluster: &Cluster, arguments: &[&str]) {
    control_in(cluster, &cluster.home, arguments);
}

/// Has it do something to the server whose files are in this directory.
pub(crate) fn control_in(cluster: &Cluster, home: &str, arguments: &[&str]) {
    let mut command = by_its_user(cluster.binaries.join("pg_ctl"));
    command.args(["-s", "-D", &format!("{home}/data"), "-l", &format!("{home}/log")]).args(arguments);
    assert!(command.status().unwrap().success(), "{arguments:?}");
}

/// How many clients buy while the database is stopped and started.
const BUYERS: usize = 16;

/// What a client saw: when she asked, when she was answered, and the status.
pub(crate) type Seen = (Instant, Instant, u16);

/// Buys without pause, each purchase until it is acknowledged.
pub(crate) fn buy_on(
    url: &str,
    key: &str,
    buyer: i64,
    client: usize,
    done: &AtomicBool,
) -> (usize, Vec<Seen>) {
    let (mut seen, mut acknowledged) = (Vec::new(), 0);
    while !done.load(Ordering::SeqCst) {
        let order =
            json!({"user_id": buyer, "amount": "2000", "reference": format!("{client}-{acknowledged}")});
        let order = Request::post("/api/purchases", order).by(key);
        loop {
            let asked = Instant::now();
            let answer = order.send(url);
            seen.push((asked, Instant::now(), answer.status));
            match answer.status {
                200 | 201 => break,
                503 => assert!(answer.header("retry-after").is_some(), "{answer:?}"),
                _ => panic!("{answer:?}"),
            }
            thread::sleep(Duration::from_millis(50));
        }
        acknowledged += 1;
    }
    (acknowledged, seen)
}

#[test]
fn a_database_that_is_stopped_and_started_under_load_costs_503_and_nothing_else() {
    let Some(cluster) = another_cluster() else { return };
    let cluster: &'static Cluster = Box::leak(Box::new(cluster));
    let home = Home::on(cluster, Isolation::ReadCommitted);
    let key = home.key(&SHOP);
    let server = home.serve();
    let asha = server.register(&key, "Asha Rao", None);
    let bina = server.register(&key, "Bina Shah", Some(&asha.code));
    let (url, done) = (&server.url, AtomicBool::new(false));
    let (mut away, mut back) = (Vec::new(), Vec::new());
    let (acknowledged, seen): (Vec<usize>, Vec<Vec<Seen>>) = thread::scope(|scope| {
        let buy = |client| {
            let (key, done) = (&key, &done);
            scope.spawn(move || buy_on(url, key, bina.id, client, done))
        };
        let buyers: Vec<_> = (0..BUYERS).map(buy).collect();
        for mode in ["fast", "immediate"] {
            thread::sleep(Duration::from_secs(1));
            away.push(Instant::now());
            control(cluster, &["stop", "-m", mode]);
            thread::sleep(Duration::from_secs(3));
            control(cluster, &["start"]);
            back.push(Instant::now());
            thread::sleep(Duration::from_secs(5));
        }
        done.store(true, Ordering::SeqCst);
        buyers.into_iter().map(|buyer| buyer.join().unwrap()).unzip()
    });
    let seen: Vec<Seen> = seen.into_iter().flatten().collect();
    let late = seen.iter().map(|(asked, answered, _)| *answered - *asked).max();
    assert!(late < Some(Duration::from_millis(2_500)), "an answer came after {late:?}");
    for (away, back) in away.into_iter().zip(back) {
        let meanwhile = |(asked, ..): &&Seen| away < *asked && *asked < back;
        assert!(seen.iter().filter(meanwhile).any(|(.., status)| *status == 503));
        let found = seen.iter().find(|(asked, _, status)| *asked > back && *status == 201);
        let (_, found, _) = found.expect("it is found again");
        assert!(*found - back < Duration::from_secs(5), "found again after {:?}", *found - back);
    }

    let path = format!("/api/earnings/{}", asha.id);
    let earned = Request::get(path).by(&asha.token).send(url).expect(200);
    let bought: usize = acknowledged.iter().sum();
    assert_eq!(earned["total_earnings"], format!("{}.00", bought * 100), "every purchase happened once");
    home.verify();
    server.stop();
}

#[test]
fn rights_that_the_role_lacks_are_named_by_readyz_and_doctor() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    home.print(&["migrate"]);
    let name = home.database_url().rsplit_once('/').unwrap().1;
    let role = format!("clerk_of_{name}");
    let cluster = cluster().unwrap();
    let run = |statements: &str| {
        let mut psql = Command::new(cluster.binaries.join("psql"));
        psql.args(["-qX", "-v", "ON_ERROR_STOP=1", "-U", "banyan", "-d", name, "-h", &cluster.home]);
        assert!(psql.args(["-c", statements]).status().unwrap().success(), "{statements}");
    };
    // As docs/postgresql.md has it, but for one table.
    run(&format!(
        "create role {role} login;
         grant select, insert, update on all tables in schema public to {role};
         grant usage, select on all sequences in schema public to {role};
         grant delete on sessions to {role};
         revoke insert on payout_warnings from {role}"
    ));
    let by_role = |arguments: &[&str]| {
        let mut command = home.command_on_data(arguments);
        command.env("BANYAN_DATABASE_URL", home.database_url().replace("banyan@", &format!("{role}@")));
        command
    };
    let doctor = by_role(&["doctor"]).output().unwrap();
    assert_eq!(doctor.status.code(), Some(1), "{doctor:?}");
    assert!(text(&doctor.stdout).contains("mend: grant insert on payout_warnings"), "{doctor:?}");
    let server = Server::start(by_role(&["serve", "--listen", "127.0.0.1:0"]));
    let told = Request::get("/readyz").send(&server.url).expect(503)["checks"]["grants"].to_string();
    assert!(told.contains("grant insert on payout_warnings"), "{told}");
    run(&format!("grant insert on payout_warnings to {role}"));
    assert_eq!(Request::get("/readyz").send(&server.url).expect(200)["checks"]["grants"], "ok");
    server.stop();
    run(&format!("drop owned by {role}; drop role {role}"));
}

#[test]
fn the_database_s_own_words_and_code_are_in_the_log() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    let log = home.path().join("log");
    let mut command = home.command_on_data(&["serve", "--listen", "127.0.0.1:0"]);
    command.stderr(std::fs::File::create(&log).unwrap());
    let (server, key) = (Server::start(command), home.key(&SHOP));
    let cluster = cluster().unwrap();
    let mut psql = Command::new(cluster.binaries.join("psql"));
    let name = home.database_url().rsplit_once('/').unwrap().1;
    psql.args(["-qX", "-U", "banyan", "-d", name, "-h", &cluster.home]);
    assert!(psql.args(["-c", "alter table users rename to people"]).status().unwrap().success());
    let member = json!({"name": "Asha Rao", "email": "asha@example.com"});
    assert_eq!(Request::post("/api/users/register", member).by(&key).send(&server.url).status, 500);
    server.stop();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("ERROR 42P01: relation \"users\" does not exist"), "{log}");
    assert!(!log.contains("db error") && !log.contains("asha@example.com"), "{log}");
}
