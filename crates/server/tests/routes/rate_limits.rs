//! How often strangers may knock. The limits count real seconds, so a loop is
//! let in more often than the burst by what comes back while it runs.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::actor::Actor;
use crate::answer::Answer;
use crate::world::World;

/// Sends until it is too much, which must be after `at_once` and what comes back
/// `per_minute`.
async fn until_refused(
    actor: &Actor,
    path: &str,
    (at_once, per_minute): (usize, usize),
    body: impl Fn(usize) -> Value,
) -> Answer {
    let started = tokio::time::Instant::now();
    for sent in 0..1_000 {
        let answer = actor.post(path, body(sent)).await;
        if answer.status == 429 {
            let seconds = usize::try_from(started.elapsed().as_secs()).unwrap() + 1;
            let most = at_once + seconds * per_minute / 60 + 1;
            assert!((at_once..=most).contains(&sent), "{sent} in {seconds} s");
            return answer;
        }
    }
    panic!("{path} has no limit");
}

#[track_caller]
fn says_when_to_come_back(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (429, "rate_limited"));
    let seconds: u64 = answer.header("retry-after").expect("Retry-After").parse().expect("seconds");
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(answer.field("/detail").contains(&format!("{seconds} s")));
}

#[tokio::test]
async fn registrations_are_limited_by_address_and_services_are_not() {
    let world = World::new().await;
    let nameless = |_| json!({"name": "", "email": "x"});
    let here = world.anonymous.at(Ipv4Addr::new(203, 0, 113, 1));
    let refused = until_refused(&here, "/api/users/register", (300, 60), nameless).await;
    says_when_to_come_back(&refused);

    let member = world.member.at(Ipv4Addr::new(203, 0, 113, 1));
    assert_eq!(member.post("/api/users/register", nameless(0)).await.status, 429, "a token is no way around");
    let elsewhere = world.anonymous.at(Ipv4Addr::new(203, 0, 113, 2));
    assert_eq!(elsewhere.post("/api/users/register", nameless(0)).await.status, 422);
    let service = world.service("users:write").await.at(Ipv4Addr::new(203, 0, 113, 1));
    assert_eq!(service.post("/api/users/register", nameless(0)).await.status, 422);
}

#[tokio::test]
async fn whoever_fails_at_an_account_is_slowed_down_there_and_its_owner_is_not() {
    let world = World::new().await;
    let nisha = json!({"name": "Nisha", "email": "nisha@example.com", "password": "correct horse"});
    assert_eq!(world.anonymous.post("/api/users/register", nisha).await.status, 201);
    let guess = |sent: usize| json!({"email": " NISHA@example.com", "password": format!("guess {sent}")});
    let thief = world.anonymous.at(Ipv4Addr::new(203, 0, 113, 1));
    says_when_to_come_back(&until_refused(&thief, "/api/sessions", (10, 10), guess).await);

    let right = json!({"email": "nisha@example.com", "password": "correct horse"});
    assert_eq!(
        thief.post("/api/sessions", right.clone()).await.status,
        429,
        "by luck no more than by guessing"
    );
    let other = json!({"email": "bina.shah@example.com", "password": "guess"});
    assert_eq!(thief.post("/api/sessions", other).await.status, 401);
    let owner = world.anonymous.at(Ipv4Addr::new(203, 0, 113, 2));
    assert_eq!(owner.post("/api/sessions", right).await.status, 201);
}

#[tokio::test]
async fn whoever_signs_in_well_may_do_it_as_often_as_she_likes() {
    let world = World::new().await;
    let nisha = json!({"name": "Nisha", "email": "nisha@example.com", "password": "correct horse"});
    assert_eq!(world.anonymous.post("/api/users/register", nisha).await.status, 201);
    let right = json!({"email": "nisha@example.com", "password": "correct horse"});
    for sign_in in 0..40 {
        let answer = world.anonymous.post("/api/sessions", right.clone()).await;
        assert_eq!(answer.status, 201, "the {sign_in}th: {answer}");
    }
}

#[tokio::test]
async fn sign_ins_that_fail_are_limited_by_address_whatever_the_account() {
    let world = World::new().await;
    let here = world.anonymous.at(Ipv4Addr::new(203, 0, 113, 1));
    let stranger = |sent: usize| json!({"email": format!("user{sent}@example.com"), "password": "guess"});
    let refused = until_refused(&here, "/api/sessions", (30, 30), stranger).await;
    says_when_to_come_back(&refused);
    let elsewhere = world.anonymous.at(Ipv4Addr::new(203, 0, 113, 2));
    assert_eq!(elsewhere.post("/api/sessions", stranger(1_000)).await.status, 401);
}
