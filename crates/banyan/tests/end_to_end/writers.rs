//! Clients that write without pause, keep a journal of what was acknowledged,
//! and send again what was not.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::home::Member;
use crate::http::{Answer, Connection, Request};

/// How many of the newest acknowledged writes a client sends again when the
/// server is back.
const REPLAYED: usize = 3;

/// Everybody who was registered so far.
#[derive(Debug, Default)]
pub(crate) struct People(Mutex<Vec<(i64, String)>>);

impl People {
    pub(crate) fn add(&self, member: &Member) {
        self.push(member.id, member.code.clone());
    }

    fn push(&self, id: i64, code: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((id, code));
    }

    fn draw(&self, chance: &mut StdRng) -> (i64, String) {
        let people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        people.choose(chance).expect("somebody is there").clone()
    }
}

/// Something that is to happen once.
#[derive(Clone, Debug)]
enum Write {
    Buy { reference: String, buyer: i64, amount: String },
    Join { reference: String, code: Option<String> },
}

impl Write {
    fn request(&self, key: &str) -> Request {
        match self {
            Self::Buy { reference, buyer, amount } => {
                let body = json!({"user_id": buyer, "amount": amount, "reference": reference});
                Request::post("/api/purchases", body).by(key)
            }
            Self::Join { reference, code } => {
                let email = format!("{reference}@example.com");
                let body = json!({"name": "Asha Rao", "email": email, "referral_code": code});
                Request::post("/api/users/register", body).by(key).idempotency_key(reference)
            }
        }
    }
}

/// What was acknowledged: the write and the answer's body.
type Acknowledged = (Write, String);

/// One client.
#[derive(Debug)]
pub(crate) struct Writer {
    number: usize,
    sent: u64,
    chance: StdRng,
    pending: Option<Write>,
    journal: Vec<Acknowledged>,
    /// How much of the journal was compared with the server's books.
    compared: usize,
    /// Requests that ended without an answer.
    pub(crate) unanswered: usize,
}

impl Writer {
    pub(crate) fn new(number: usize) -> Self {
        let chance = StdRng::seed_from_u64(number as u64);
        Self { number, sent: 0, chance, pending: None, journal: Vec::new(), compared: 0, unanswered: 0 }
    }

    /// How many writes were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.journal.len()
    }

    /// Writes for as long as it may, to a server that stays.
    pub(crate) fn write_while(&mut self, url: &str, key: &str, people: &People, may: impl Fn() -> bool) {
        let mut connection = Connection::open(url).unwrap();
        while may() {
            let write = self.next(people);
            let answer = connection.ask(&write.request(key)).unwrap();
            self.settle(write, answer, people);
        }
    }

    /// Writes until the server is gone; answers how that showed.
    pub(crate) fn write_on(&mut self, url: &str, key: &str, people: &People) -> io::Error {
        let Err(error) = self.write_until_error(url, key, people);
        error
    }

    fn write_until_error(
        &mut self,
        url: &str,
        key: &str,
        people: &People,
    ) -> Result<std::convert::Infallible, io::Error> {
        let mut connection = Connection::open(url)?;
        for (write, body) in self.journal.iter().rev().take(REPLAYED) {
            let again = connection.ask(&write.request(key))?;
            assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")), "{write:?}");
            assert_same(write, body, &again);
        }
        loop {
            let write = match self.pending.take() {
                Some(write) => write,
                None => self.next(people),
            };
            match connection.ask(&write.request(key)) {
                Ok(answer) => self.settle(write, answer, people),
                Err(error) => {
                    self.pending = Some(write);
                    self.unanswered += 1;
                    return Err(error);
                }
            }
        }
    }

    fn next(&mut self, people: &People) -> Write {
        self.sent += 1;
        let reference = format!("w{}-{}", self.number, self.sent);
        let (buyer, code) = people.draw(&mut self.chance);
        if self.chance.random_bool(0.05) {
            return Write::Join { reference, code: Some(code).filter(|_| self.chance.random_bool(0.7)) };
        }
        let paise = self.chance.random_range(900_00..5_000_00);
        Write::Buy { reference, buyer, amount: format!("{}.{:02}", paise / 100, paise % 100) }
    }

    fn settle(&mut self, write: Write, answer: Answer, people: &People) {
        match (&write, answer.status) {
            (Write::Buy { .. }, 200 | 201) => {}
            (Write::Join { .. }, 200 | 201) => {
                let body = answer.json();
                people
                    .push(body["user_id"].as_i64().unwrap(), body["referral_code"].as_str().unwrap().into());
            }
            // The draw of codes does not ask for a free place.
            (Write::Join { code: Some(_), .. }, 409) if answer.code() == "referral_limit_reached" => return,
            _ => panic!("{write:?}: {answer:?}"),
        }
        self.journal.push((write, answer.body));
    }

    /// Passes when every acknowledged purchase that was not yet compared stands
    /// in the books as it was acknowledged.
    pub(crate) fn compare_new(&mut self, books: &Books) {
        self.compare(&self.journal[self.compared..], books);
        self.compared = self.journal.len();
    }

    /// The same for the whole journal.
    pub(crate) fn compare_all(&self, books: &Books) {
        self.compare(&self.journal, books);
    }

    fn compare(&self, journal: &[Acknowledged], books: &Books) {
        for (write, body) in journal {
            let Write::Buy { reference, .. } = write else { continue };
            let told: Value = serde_json::from_str(body).unwrap();
            let kept = books.purchases.get(reference);
            let kept = kept.unwrap_or_else(|| panic!("lost, by writer {}: {body}", self.number));
            for field in ["purchase_id", "user_id", "amount", "plan_version", "created_at", "decisions"] {
                assert_eq!(told[field], kept[field], "{field} of {reference}");
            }
        }
    }
}

/// Passes when the answer says what was said before. The token of a
/// registration is new each time.
fn assert_same(write: &Write, before: &str, again: &Answer) {
    if let Write::Buy { .. } = write {
        assert_eq!(again.body, before);
        return;
    }
    let before: Value = serde_json::from_str(before).unwrap();
    for field in ["user_id", "name", "referral_code", "referrer_id"] {
        assert_eq!(again.json()[field], before[field], "{write:?}");
    }
}

/// The purchases that the server lists, by reference.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) purchases: HashMap<String, Value>,
    newest: i64,
}

impl Books {
    /// Reads what was added since the last time. A purchase that is listed
    /// twice is a failure.
    pub(crate) fn read_on(&mut self, url: &str, key: &str) {
        let mut connection = Connection::open(url).unwrap();
        let known_to = self.newest;
        let mut cursor = String::new();
        loop {
            let path = format!("/api/purchases?limit=100{cursor}");
            let page = connection.ask(&Request::get(path).by(key)).unwrap().expect(200);
            let rows = page["data"].as_array().unwrap();
            let is_new = |row: &&Value| row["purchase_id"].as_i64().unwrap() > known_to;
            for row in rows.iter().filter(is_new) {
                self.newest = self.newest.max(row["purchase_id"].as_i64().unwrap());
                let reference = row["reference"].as_str().unwrap().to_owned();
                let twin = self.purchases.insert(reference, row.clone());
                assert_eq!(twin, None, "one reference, two purchases");
            }
            let Some(next) = page["next_cursor"].as_str() else { return };
            if !rows.iter().all(|row| is_new(&row)) {
                return;
            }
            cursor = format!("&cursor={next}");
        }
    }
}
