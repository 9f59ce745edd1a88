//! Members watching, through the official Socket.IO client for JavaScript.

use crate::home::{Home, Server};
use crate::scripts;

/// Two servers over one data directory.
fn run(file: &str) {
    let home = Home::new();
    let (server, second) = (home.serve(), home.serve());
    let key = home.key(&["read", "users:write", "purchases:write"]);
    let admin = home.admin_token();
    scripts::run(
        file,
        &[
            ("BANYAN_URL", &server.url),
            ("BANYAN_SECOND_URL", &second.url),
            ("BANYAN_KEY", &key),
            ("BANYAN_ADMIN_TOKEN", &admin),
        ],
    );
    server.stop();
    second.stop();
    home.verify();
}

#[test]
fn the_official_client_works_unchanged_by_polling_and_by_websocket() {
    run("realtime.test.mjs");
}

#[test]
fn what_a_crash_takes_from_a_socket_comes_with_its_reconnect_and_nothing_else_does() {
    let home = Home::new();
    let server = home.serve();
    let key = home.key(&["users:write", "purchases:write"]);
    scripts::run(
        "restart.test.mjs",
        &[
            ("BANYAN_URL", &server.url),
            ("BANYAN_KEY", &key),
            ("BANYAN_PROGRAM", env!("CARGO_BIN_EXE_banyan")),
            ("BANYAN_DATA_DIR", home.data_dir().to_str().unwrap()),
            ("BANYAN_PROCESS", &server.id().to_string()),
        ],
    );
    home.verify();
}

#[test]
fn broken_connections_and_other_processes_lose_nothing_and_repeat_nothing() {
    run("reconnect.test.mjs");
}

#[test]
fn every_line_of_a_ledger_is_told_live_whatever_it_is() {
    run("after-the-sale.test.mjs");
}

/// Ten thousand cuts, and a million lines over all clients.
pub(crate) const MANY_CUTS: [(&str, &str); 3] =
    [("BANYAN_CUTS", "10000"), ("BANYAN_EVENTS", "1000000"), ("BANYAN_PAUSE_MS", "0")];

/// Servers that the script may stop and start again.
pub(crate) fn run_with_clients_of_every_kind(
    file: &str,
    home: &Home,
    servers: usize,
    settings: &[(&str, &str)],
) {
    let servers: Vec<Server> = (0..servers).map(|_| home.serve()).collect();
    let join = |words: Vec<String>| words.join(" ");
    let admin = home.admin_token();
    let key = home.key(&["read", "users:write", "purchases:write"]);
    let urls = join(servers.iter().map(|server| server.url.clone()).collect());
    let processes = join(servers.iter().map(|server| server.id().to_string()).collect());
    let python = scripts::python().map(|python| python.display().to_string());
    let data = home.environment();
    let mut environment = vec![
        ("BANYAN_URL", servers[0].url.as_str()),
        ("BANYAN_URLS", &urls),
        ("BANYAN_PROCESSES", &processes),
        ("BANYAN_PROGRAM", env!("CARGO_BIN_EXE_banyan")),
        ("BANYAN_KEY", &key),
        ("BANYAN_ADMIN_TOKEN", &admin),
    ];
    environment.extend(data.iter().map(|(name, value)| (*name, value.as_str())));
    environment.extend(python.as_deref().map(|python| ("BANYAN_PYTHON", python)));
    environment.extend(settings);
    scripts::run(file, &environment);
    home.verify();
}

#[test]
fn a_stop_and_a_rolling_restart_leave_every_client_able_to_come_back() {
    run_with_clients_of_every_kind("stops.test.mjs", &Home::new(), 3, &[]);
}

#[test]
fn cut_connections_of_every_kind_of_client_lose_nothing() {
    run_with_clients_of_every_kind("cuts.test.mjs", &Home::new(), 3, &[]);
}

#[test]
fn a_socket_ends_when_it_should_and_never_before() {
    run_with_clients_of_every_kind("sockets.test.mjs", &Home::new(), 2, &[]);
}

#[test]
fn strangers_who_shout_take_no_memory_and_no_lines_from_their_neighbours() {
    run_with_clients_of_every_kind("storms.test.mjs", &Home::new(), 1, &[]);
}

#[test]
fn the_programs_of_the_documentation_run_as_they_stand_there() {
    run_with_clients_of_every_kind("docs.test.mjs", &Home::new(), 1, &[]);
}

#[test]
#[ignore = "takes a quarter of an hour; .ci/long runs it"]
fn ten_thousand_cuts_on_one_node_lose_nothing() {
    run_with_clients_of_every_kind("cuts.test.mjs", &Home::new(), 1, &MANY_CUTS);
}

#[test]
#[ignore = "takes an hour; .ci/long runs it"]
fn an_hour_of_work_leaves_the_memory_as_it_was() {
    run_with_clients_of_every_kind("soak.test.mjs", &Home::new(), 1, &[]);
}
