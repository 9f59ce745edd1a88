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
fn broken_connections_and_other_processes_lose_nothing_and_repeat_nothing() {
    run("reconnect.test.mjs");
}
