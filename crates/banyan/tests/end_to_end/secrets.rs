//! What comes in by any road is in no line of the log, not even when everything is
//! logged.

use std::fs::File;

use crate::cluster::Isolation;
use crate::home::{Home, Server, text};
use crate::postgres::SHOP;
use crate::scripts;

const TOKEN_KEY: &str = "the-marked-key-that-signs-all-of-the-tokens";
const DATABASE_PASSWORD: &str = "the-marked-password-of-the-database";

/// Serves with everything logged, and sends secrets on every road.
fn send_secrets(home: &Home, more: &[(&str, &str)]) {
    let command = |arguments: &[&str]| {
        let mut command = home.command_on_data(arguments);
        command.env("BANYAN_TOKEN_KEY", TOKEN_KEY).envs(more.iter().copied());
        command
    };
    let file = home.path().join("log");
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("BANYAN_LOG", "trace").stderr(File::create(&file).unwrap());
    let server = Server::start(serve);
    let print = |arguments: &[&str]| {
        let output = command(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        text(&output.stdout).trim_end().to_owned()
    };
    let scopes = SHOP.iter().flat_map(|scope| ["--scope", scope]);
    let key = print(&["key", "create", "--name", "shop"].into_iter().chain(scopes).collect::<Vec<_>>());
    scripts::run(
        "secrets.test.mjs",
        &[
            ("BANYAN_URL", server.url.as_str()),
            ("BANYAN_KEY", &key),
            ("BANYAN_ADMIN_TOKEN", &print(&["token", "--admin"])),
            ("BANYAN_LOG_FILE", file.to_str().unwrap()),
            ("BANYAN_SECRETS", &format!("{TOKEN_KEY} {DATABASE_PASSWORD}")),
        ],
    );
    server.stop();
}

#[test]
fn no_secret_is_logged_at_any_level() {
    send_secrets(&Home::new(), &[]);
}

#[test]
fn no_secret_is_logged_at_any_level_beside_a_database_across_a_network() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    let url = home.database_url().replace("banyan@", &format!("banyan:{DATABASE_PASSWORD}@"));
    send_secrets(&home, &[("BANYAN_DATABASE_URL", &url)]);
}
