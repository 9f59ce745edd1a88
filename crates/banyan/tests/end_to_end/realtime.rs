//! Members watching, through the official Socket.IO client for JavaScript.

use crate::home::Home;
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
            ("BANYAN_DIRECTORY", home.data_dir().to_str().unwrap()),
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
