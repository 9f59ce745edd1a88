//! Many callers who want the same thing at the same moment.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::thread;

use serde_json::json;

use crate::home::Home;
use crate::http::{Answer, Connection, Request};

/// All requests at once, each over a connection that is already open.
fn at_once(url: &str, requests: Vec<Request>) -> Vec<Answer> {
    let start = Barrier::new(requests.len());
    thread::scope(|scope| {
        let asked: Vec<_> = requests
            .iter()
            .map(|request| {
                let start = &start;
                scope.spawn(move || {
                    let mut connection = Connection::open(url).unwrap();
                    start.wait();
                    connection.ask(request).unwrap()
                })
            })
            .collect();
        asked.into_iter().map(|answer| answer.join().unwrap()).collect()
    })
}

/// How often each status and code was answered.
fn count(answers: &[Answer]) -> BTreeMap<(u16, String), usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry((answer.status, answer.code())).or_default() += 1;
    }
    counts
}

#[test]
fn of_64_strangers_with_one_code_exactly_8_get_in() {
    let home = Home::new();
    let key = home.key(&["read", "users:write"]);
    let server = home.serve();
    let referrer = server.register(&key, "Asha Rao", None);
    let stranger = |number: usize| {
        let email = format!("stranger{number}@example.com");
        let body = json!({"name": "Stranger", "email": email, "referral_code": referrer.code});
        Request::post("/api/users/register", body)
    };
    let answers = at_once(&server.url, (0..64).map(stranger).collect());
    let expected =
        BTreeMap::from([((201, String::new()), 8), ((409, "referral_limit_reached".to_owned()), 56)]);
    assert_eq!(count(&answers), expected);

    let path = format!("/api/users/{}", referrer.id);
    let after = Request::get(path).by(&key).send(&server.url).expect(200);
    assert_eq!((&after["slots_used"], &after["slots_limit"]), (&json!(8), &json!(8)));
    let members = Request::get("/api/users?limit=100").by(&key).send(&server.url).expect(200);
    assert_eq!(members["data"].as_array().unwrap().len(), 9, "the refused left nothing behind");
    server.stop();
    home.verify();
}

#[test]
fn of_50_purchases_with_one_reference_one_happens_and_all_are_told_of_it() {
    let home = Home::new();
    let key = home.key(&["read", "users:write", "purchases:write"]);
    let server = home.serve();
    let referrer = server.register(&key, "Asha Rao", None);
    let buyer = server.register(&key, "Chetan Gupta", Some(&referrer.code));
    let body = json!({"user_id": buyer.id, "amount": "2000.00", "reference": "order-1"});
    let answers = at_once(&server.url, vec![Request::post("/api/purchases", body).by(&key); 50]);

    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let replayed = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((made, replayed), (1, 49));
    for answer in &answers {
        assert_eq!(answer.body, answers[0].body);
        let told = answer.header("idempotent-replayed");
        assert_eq!(told, Some("true").filter(|_| answer.status == 200));
    }
    let purchases = Request::get("/api/purchases").by(&key).send(&server.url).expect(200);
    assert_eq!(purchases["data"].as_array().unwrap().len(), 1);
    let earned = Request::get(format!("/api/earnings/{}", referrer.id)).by(&referrer.token);
    assert_eq!(earned.send(&server.url).expect(200)["total_earnings"], "100.00");
    server.stop();
    home.verify();
}

#[test]
fn of_20_different_purchases_with_one_reference_one_happens_and_the_rest_are_refused() {
    let home = Home::new();
    let key = home.key(&["read", "users:write", "purchases:write"]);
    let server = home.serve();
    let buyer = server.register(&key, "Chetan Gupta", None);
    let purchase = |number: usize| {
        let body = json!({"user_id": buyer.id, "amount": 2000 + number, "reference": "order-1"});
        Request::post("/api/purchases", body).by(&key)
    };
    let answers = at_once(&server.url, (0..20).map(purchase).collect());
    let expected = BTreeMap::from([((201, String::new()), 1), ((409, "reference_reused".to_owned()), 19)]);
    assert_eq!(count(&answers), expected);
    server.stop();
    home.verify();
}
