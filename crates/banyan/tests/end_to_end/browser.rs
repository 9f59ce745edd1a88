//! The pages in a real browser.

use std::path::{Path, PathBuf};

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

/// Runs one file of tests in Chromium.
fn run(file: &str) {
    let Some(chromium) = chromium() else {
        let how = "there is no Chromium; `apt-get install chromium`, or name one by CHROMIUM=path";
        return skip("the pages in a real browser", how);
    };
    over_a_demo(file, &[("CHROMIUM", &chromium)]);
}

/// Runs one file of tests, which is told where these programs are, over a demo of its own.
fn over_a_demo(file: &str, programs: &[(&str, &Path)]) {
    let home = Home::new();
    let server = demo(&home, 2);
    let (owner, member) = (token(&server, "owner"), token(&server, "member"));
    let mut environment =
        vec![("BANYAN_URL", &*server.url), ("BANYAN_OWNER_TOKEN", &owner), ("BANYAN_MEMBER_TOKEN", &member)];
    environment.extend(programs.iter().map(|&(name, file)| (name, file.to_str().unwrap())));
    scripts::run(file, &environment);
    server.stop();
}

#[test]
fn pages_of_other_sites_are_let_in_when_they_are_named() {
    let Some(chromium) = chromium() else {
        return skip("pages of other sites", "there is no Chromium; `apt-get install chromium`");
    };
    let home = Home::new();
    let server = home.serve();
    scripts::run(
        "origins.test.mjs",
        &[
            ("CHROMIUM", chromium.to_str().unwrap()),
            ("BANYAN_URL", &server.url),
            ("BANYAN_KEY", &home.key(&["read", "users:write", "purchases:write"])),
            ("BANYAN_PROGRAM", env!("CARGO_BIN_EXE_banyan")),
            ("BANYAN_DATA_DIR", home.data_dir().to_str().unwrap()),
        ],
    );
}

/// The small browser that comes with `WebKitGTK` and can be driven; it is on no path.
fn mini_browser() -> Option<PathBuf> {
    let libraries = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    let found = libraries.map(|library| library.join("webkit2gtk-4.1/MiniBrowser"));
    found.into_iter().find(|file| is_program(file))
}

#[test]
fn days_are_those_of_the_programme_in_every_browser() {
    run("zones.test.mjs");
}

#[test]
fn the_pages_show_what_the_api_says_and_move_as_money_does() {
    run("dashboard.test.mjs");
}

#[test]
fn the_pages_take_money_back_pay_it_out_and_explain_it() {
    run("money.test.mjs");
}

#[test]
fn the_pages_stay_still_and_come_back_while_everything_moves() {
    run("live.test.mjs");
}

#[test]
fn whoever_comes_in_or_goes_back_finds_what_she_came_for() {
    run("arriving.test.mjs");
}

#[test]
fn one_session_serves_all_tabs_and_ends_in_all_of_them() {
    run("sessions.test.mjs");
}

#[test]
fn the_owner_finds_one_among_all() {
    run("finding.test.mjs");
}

#[test]
fn what_is_refused_is_said_where_it_was_filled_in() {
    run("forms.test.mjs");
}

#[test]
fn long_names_and_large_amounts_stay_whole() {
    run("long-values.test.mjs");
}

#[test]
fn the_pages_are_read_on_paper_and_in_large_letters() {
    if on_path("pdftotext").is_none() {
        return skip("the pages on paper", "there is no pdftotext; `apt-get install poppler-utils`");
    }
    run("reading.test.mjs");
}

#[test]
fn members_and_owners_find_their_way_in_firefox() {
    let what = "the pages in Firefox";
    let Some(firefox) = ["firefox-esr", "firefox"].into_iter().find_map(on_path) else {
        return skip(what, "there is no Firefox; `apt-get install firefox-esr`");
    };
    if on_path("pdftotext").is_none() {
        return skip(what, "nothing reads what it prints; `apt-get install poppler-utils`");
    }
    over_a_demo("people.test.mjs", &[("BROWSER", Path::new("firefox")), ("FIREFOX", &firefox)]);
}

#[test]
fn members_and_owners_find_their_way_in_webkit() {
    let found = (on_path("WebKitWebDriver"), mini_browser(), on_path("Xvfb"));
    let (Some(driver), Some(browser), Some(display)) = found else {
        let how = "there is no WebKit to be driven; `apt-get install webkit2gtk-driver xvfb`";
        return skip("the pages in WebKit", how);
    };
    over_a_demo(
        "people.test.mjs",
        &[
            ("BROWSER", Path::new("webkit")),
            ("WEBKIT_DRIVER", &driver),
            ("WEBKIT", &browser),
            ("XVFB", &display),
        ],
    );
}
