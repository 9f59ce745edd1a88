//! The pages in a real browser.

use std::path::PathBuf;

use crate::demo::{demo, token};
use crate::home::Home;
use crate::scripts;
use crate::skip::{is_program, on_path, skip};

/// The Chromium that `CHROMIUM` names, or the first that is installed.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named)).filter(|file| is_program(file));
    }
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path)
}

/// Runs one file of tests in a browser, over a demo of its own.
fn run(file: &str) {
    let Some(chromium) = chromium() else {
        let how = "there is no Chromium; `apt-get install chromium`, or name one by CHROMIUM=path";
        return skip("the pages in a real browser", how);
    };
    let home = Home::new();
    let server = demo(&home, 2);
    let (owner, member) = (token(&server, "owner"), token(&server, "member"));
    scripts::run(
        file,
        &[
            ("BANYAN_URL", &server.url),
            ("BANYAN_OWNER_TOKEN", &owner),
            ("BANYAN_MEMBER_TOKEN", &member),
            ("CHROMIUM", chromium.to_str().unwrap()),
        ],
    );
    server.stop();
}

#[test]
fn the_pages_show_what_the_api_says_and_move_as_money_does() {
    run("dashboard.test.mjs");
}

#[test]
fn the_pages_take_money_back_pay_it_out_and_explain_it() {
    run("money.test.mjs");
}
