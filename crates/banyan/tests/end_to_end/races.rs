//! Many callers who want the same thing at the same moment.

use std::collections::BTreeMap;
use std::slice;
use std::sync::Barrier;
use std::thread;

use serde_json::json;

use crate::cluster::Isolation;
use crate::home::{Home, Server};
use crate::http::{Answer, Connection, Request};

/// Callers with a connection each, that is already open.
struct Crowd(Vec<Connection>);

impl Crowd {
    /// This many, spread over the servers.
    fn new(size: usize, servers: &[Server]) -> Self {
        let servers = servers.iter().cycle().take(size);
        Self(servers.map(|server| Connection::open(&server.url).unwrap()).collect())
    }

    /// Each sends one of the requests, all at once.
    fn ask(&mut self, requests: &[Request]) -> Vec<Answer> {
        let start = Barrier::new(requests.len());
        thread::scope(|scope| {
            let pairs = self.0.iter_mut().zip(requests);
            let asked: Vec<_> = pairs
                .map(|(connection, request)| {
                    let start = &start;
                    scope.spawn(move || {
                        start.wait();
                        connection.ask(request).unwrap()
                    })
                })
                .collect();
            asked.into_iter().map(|answer| answer.join().unwrap()).collect()
        })
    }
}

/// One request of each caller to one server, all at once.
fn at_once(server: &Server, requests: &[Request]) -> Vec<Answer> {
    Crowd::new(requests.len(), slice::from_ref(server)).ask(requests)
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
    let answers = at_once(&server, &(0..64).map(stranger).collect::<Vec<_>>());
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
    let answers = at_once(&server, &vec![Request::post("/api/purchases", body).by(&key); 50]);

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
    let answers = at_once(&server, &(0..20).map(purchase).collect::<Vec<_>>());
    let expected = BTreeMap::from([((201, String::new()), 1), ((409, "reference_reused".to_owned()), 19)]);
    assert_eq!(count(&answers), expected);
    server.stop();
    home.verify();
}

/// Callers who race, in each of many rounds.
const RACING: usize = 12;

/// In each round the last place of a code is raced for, and then one reference.
fn race(home: &Home, nodes: usize, places: usize, references: usize) {
    let key = home.key(&["read", "users:write", "purchases:write"]);
    let servers: Vec<Server> = (0..nodes).map(|_| home.serve()).collect();
    let mut crowd = Crowd::new(RACING, &servers);
    let join = |name: String, code: Option<&str>| {
        let body = json!({"name": "Racer", "email": format!("{name}@example.com"), "referral_code": code});
        Request::post("/api/users/register", body).by(&key)
    };
    for round in 0..places {
        let code = crowd.ask(&[join(format!("r{round}"), None)])[0].expect(201)["referral_code"].clone();
        let racer = |number| join(format!("r{round}-{number}"), code.as_str());
        let first: Vec<_> = (0..7).map(racer).collect();
        assert_eq!(count(&crowd.ask(&first)), BTreeMap::from([((201, String::new()), 7)]));
        let answers = crowd.ask(&(7..7 + RACING).map(racer).collect::<Vec<_>>());
        let refused = ((409, "referral_limit_reached".to_owned()), RACING - 1);
        assert_eq!(count(&answers), BTreeMap::from([((201, String::new()), 1), refused]), "round {round}");
    }
    let referrer = servers[0].register(&key, "Asha Rao", None);
    let buyer = servers[0].register(&key, "Chetan Gupta", Some(&referrer.code));
    for round in 0..references {
        let body = json!({"user_id": buyer.id, "amount": "2000.00", "reference": format!("order-{round}")});
        let answers = crowd.ask(&vec![Request::post("/api/purchases", body).by(&key); RACING]);
        let made = ((201, String::new()), 1);
        assert_eq!(
            count(&answers),
            BTreeMap::from([made, ((200, String::new()), RACING - 1)]),
            "round {round}"
        );
        assert!(answers.iter().all(|answer| answer.body == answers[0].body), "{answers:?}");
    }
    let earned = Request::get(format!("/api/earnings/{}", referrer.id)).by(&referrer.token);
    assert_eq!(earned.send(&servers[0].url).expect(200)["total_earnings"], format!("{references}00.00"));
    servers.into_iter().for_each(Server::stop);
    home.verify();
    println!(
        "result: {places} rounds for the last place and {references} for one reference, {RACING} callers, \
         {nodes} nodes: one each"
    );
}

#[test]
#[ignore = "takes minutes; .ci/long runs it"]
fn of_many_rounds_for_the_last_place_and_for_one_reference_each_has_one_winner() {
    race(&Home::new(), 1, 2_000, 5_000);
}

#[test]
#[ignore = "takes minutes; .ci/long runs it"]
fn of_many_rounds_on_three_nodes_each_has_one_winner() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    race(&home, 3, 2_000, 5_000);
}
