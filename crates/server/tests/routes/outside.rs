//! What lies between a caller and the site: proxies that say where she calls from, and
//! browsers that ask whether a page of another site may call at all.

use std::net::Ipv4Addr;

use axum::http::Method;
use axum::http::header::ORIGIN;
use serde_json::json;
use server::Site;

use crate::actor::Actor;
use crate::world::World;

const PROXY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// Whether a visitor has an allowance of her own. She uses it up, but for what comes
/// back while she does.
async fn has_her_own(actor: &Actor) -> bool {
    for sent in 0..1_000 {
        let nameless = json!({"name": "", "email": "x"});
        if actor.post("/api/users/register", nameless).await.status == 429 {
            return sent >= 300;
        }
    }
    panic!("there is no limit");
}

#[tokio::test]
async fn visitors_behind_a_trusted_proxy_have_a_limit_each() {
    let world = World::new().await;
    let trusted_proxies = ["10.0.0.0/8".parse().unwrap()].into_iter().collect();
    let behind = Actor::anonymous(&server::router(Site { trusted_proxies, ..world.site() }, None)).at(PROXY);
    let [one, other] = ["203.0.113.1", "203.0.113.2"].map(|address| behind.with("x-forwarded-for", address));
    assert!(has_her_own(&one).await);
    assert!(has_her_own(&other).await);
    // What she puts there herself stands before what the proxy adds.
    let forged = behind.with("x-forwarded-for", "198.51.100.7, 203.0.113.1");
    assert!(!has_her_own(&forged).await);
}

#[tokio::test]
async fn a_proxy_that_is_not_trusted_is_one_visitor() {
    let world = World::new().await;
    let behind = world.anonymous.at(PROXY);
    let [one, other] = ["203.0.113.1", "203.0.113.2"].map(|address| behind.with("x-forwarded-for", address));
    assert!(has_her_own(&one).await);
    assert!(!has_her_own(&other).await);
}

#[tokio::test]
async fn the_network_of_an_ipv6_address_is_one_visitor() {
    let world = World::new().await;
    let at = |address: &str| world.anonymous.at(address.parse::<std::net::Ipv6Addr>().unwrap());
    assert!(has_her_own(&at("2001:db8:1:2::1")).await);
    assert!(!has_her_own(&at("2001:db8:1:2:ffff::7")).await);
    assert!(has_her_own(&at("2001:db8:1:3::1")).await);
}

#[tokio::test]
async fn pages_of_named_sites_may_call_and_never_with_credentials_of_the_browser() {
    let world = World::new().await;
    let cors_origins = ["https://shop.example".parse().unwrap()].into_iter().collect();
    let anybody = Actor::anonymous(&server::router(Site { cors_origins, ..world.site() }, None));
    for (origin, allowed) in [("https://shop.example", true), ("https://evil.example", false)] {
        let page = anybody.with(ORIGIN, origin);
        let asked = page
            .with("access-control-request-method", "POST")
            .with("access-control-request-headers", "authorization,idempotency-key");
        for answer in [asked.send(Method::OPTIONS, "/api/purchases", "").await, page.get("/api/me").await] {
            let named = answer.header("access-control-allow-origin");
            assert_eq!(named, allowed.then_some(origin), "{answer}");
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
    }
    let nowhere = world.anonymous.with(ORIGIN, "https://shop.example").get("/api/me").await;
    assert_eq!(nowhere.header("access-control-allow-origin"), None, "none are named unless somebody does");
}
