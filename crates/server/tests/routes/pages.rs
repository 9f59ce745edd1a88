//! The dashboard: one page for every address, another where there is none, and the files
//! they need.

use axum::http::Method;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, IF_NONE_MATCH};
use dashboard::Asset;

use crate::answer::Answer;
use crate::world::World;

const PAGES: [&str; 8] = [
    "/",
    "/r/7HXK2MQ0DZ",
    "/members/12",
    "/members/12/statement",
    "/payouts",
    "/payouts/3",
    "/plan",
    "/audit",
];

/// The script that the page loads first.
fn script() -> &'static Asset {
    let html = std::str::from_utf8(dashboard::index().identity).expect("the page is UTF-8");
    let (_, rest) = html.split_once("src=\"/").expect("the page has a script");
    let (path, _) = rest.split_once('"').expect("a quoted path");
    dashboard::asset(path).expect("the script is there")
}

fn check_headers(answer: &Answer, asset: &Asset) {
    assert_eq!(answer.header("content-type"), Some(asset.content_type));
    assert_eq!(answer.header("etag"), Some(asset.etag));
    assert_eq!(answer.header("vary"), Some("accept-encoding"));
}

fn check_guards(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    let policy = answer.header("content-security-policy").expect("a policy");
    for rule in ["default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
        assert!(policy.split("; ").any(|part| part == rule), "{rule} is not in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[tokio::test]
async fn every_page_is_the_same_page_under_a_strict_policy_and_asked_for_again() {
    let world = World::new().await;
    for path in PAGES {
        let answer = world.anonymous.get(path).await;
        assert_eq!((answer.status, &answer.body[..]), (200, dashboard::index().identity), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
        check_headers(&answer, dashboard::index());
        check_guards(&answer);
    }
}

#[tokio::test]
async fn a_person_is_shown_a_page_where_there_is_nothing_and_a_program_a_problem() {
    let world = World::new().await;
    let browser = world.anonymous.with(ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");
    for path in ["/nothing", "/members", "/api/user", "/assets/nothing.js", "/socket.io/nothing"] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, Some("text/html; charset=utf-8")));
        assert!(answer.text().contains("There is nothing at this address"), "{path}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
        check_guards(&answer);
        for accepted in ["*/*", "application/json", "text/plain"] {
            let program = world.anonymous.with(ACCEPT, accepted).get(path).await;
            assert_eq!((program.status, program.code().as_str()), (404, "not_found"), "{path} {accepted}");
        }
    }
    let sent = browser.send(Method::POST, "/nothing", "").await;
    assert_eq!(sent.code(), "not_found", "what sends is a program");
    assert_eq!(browser.get("/api/users/1").await.code(), "unauthorized", "what is there answers itself");
}

#[tokio::test]
async fn the_documentation_is_guarded_as_the_pages_are() {
    let world = World::new().await;
    for path in ["/api/docs", "/api/docs/", "/api/docs/swagger-ui-bundle.js", "/api/openapi.json"] {
        check_guards(&world.anonymous.get(path).await);
    }
}

#[tokio::test]
async fn files_with_a_hash_in_their_name_are_kept_for_ever_and_others_are_not() {
    let world = World::new().await;
    let answer = world.anonymous.get(&format!("/{}", script().path)).await;
    assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
    check_headers(&answer, script());
    for path in ["favicon.svg", "third-party.txt"] {
        let answer = world.anonymous.get(&format!("/{path}")).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-cache")), "{path}");
    }
}

#[tokio::test]
async fn the_smallest_form_that_the_browser_takes_is_sent() {
    let world = World::new().await;
    let script = script();
    let brotli = (Some("br"), script.brotli.expect("a script gets smaller"));
    let gzip = (Some("gzip"), script.gzip.expect("a script gets smaller"));
    let plain = (None, script.identity);
    for (accepted, (encoding, bytes)) in [
        ("gzip, deflate, br, zstd", brotli),
        ("br;q=1.0, gzip;q=0.8", brotli),
        ("br", brotli),
        ("gzip", gzip),
        ("br;q=0, gzip", gzip),
        ("br; q=0, gzip;q=0", plain),
        ("deflate, zstd", plain),
        ("identity", plain),
        ("brotli", plain),
        ("", plain),
    ] {
        let answer = world.anonymous.with(ACCEPT_ENCODING, accepted).get(&format!("/{}", script.path)).await;
        assert_eq!(answer.header("content-encoding"), encoding, "{accepted}");
        assert!(answer.body == bytes, "{accepted}");
        check_headers(&answer, script);
    }
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let world = World::new().await;
    for (path, asset) in [("/".to_owned(), dashboard::index()), (format!("/{}", script().path), script())] {
        for tags in [asset.etag.to_owned(), format!("\"other\", {}", asset.etag)] {
            let answer = world.anonymous.with(IF_NONE_MATCH, tags).get(&path).await;
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{path}");
            check_headers(&answer, asset);
        }
        let stale = world.anonymous.with(IF_NONE_MATCH, "W/\"other\"").get(&path).await;
        assert_eq!(stale.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_page_can_be_asked_for_without_its_body() {
    let world = World::new().await;
    for path in PAGES {
        let answer = world.anonymous.send(Method::HEAD, path, "").await;
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{path}");
        check_headers(&answer, dashboard::index());
    }
}
