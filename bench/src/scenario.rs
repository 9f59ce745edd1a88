//! What one connection sends.

use std::fmt::Write;

use clap::ValueEnum;
use rand::rngs::StdRng;
use rand::{Rng, RngExt};
use serde::Serialize;

use crate::Failure;
use crate::process::Child;

/// Purchases in a request of [`Scenario::Bulk`].
pub(crate) const BULK_LINES: usize = 1_000;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
pub(crate) enum Scenario {
    /// A purchase by a random member, with a random reference.
    Purchases,
    /// `GET /api/earnings/{id}` of a random member.
    Reads,
    /// Nine reads to one purchase.
    Mixed,
    /// Many purchases in one request.
    Bulk,
}

impl Scenario {
    /// What a request counts for.
    pub(crate) const fn weight(self) -> usize {
        match self {
            Self::Bulk => BULK_LINES,
            Self::Purchases | Self::Reads | Self::Mixed => 1,
        }
    }

    /// How many send at the same time, where others are that many.
    pub(crate) fn connections(self, others: usize) -> usize {
        match self {
            Self::Bulk => others.min(4),
            Self::Purchases | Self::Reads | Self::Mixed => others,
        }
    }
}

/// Who is asked.
pub(crate) struct Target {
    pub(crate) server: Child,
    pub(crate) key: String,
    pub(crate) members: usize,
    /// The first process of the server's database, where it has one.
    pub(crate) database: Option<u32>,
}

/// The requests of one connection.
pub(crate) struct Requests {
    scenario: Scenario,
    /// What every request says after its first line.
    headers: String,
    members: usize,
    chance: StdRng,
    text: String,
    body: String,
}

impl Requests {
    pub(crate) fn new(target: &Target, scenario: Scenario) -> Self {
        Self {
            scenario,
            headers: format!("host: {}\r\nauthorization: Bearer {}\r\n", target.server.address, target.key),
            members: target.members,
            chance: rand::make_rng(),
            text: String::with_capacity(512),
            body: String::with_capacity(512),
        }
    }

    pub(crate) fn next(&mut self) -> Result<&[u8], Failure> {
        match self.scenario {
            Scenario::Purchases => self.purchase(),
            Scenario::Mixed if self.chance.random_range(0..10) == 0 => self.purchase(),
            Scenario::Reads | Scenario::Mixed => self.read(),
            Scenario::Bulk => self.bulk(),
        }
    }

    /// A purchase of this member.
    pub(crate) fn purchase_of(&mut self, user: usize) -> Result<&[u8], Failure> {
        self.body.clear();
        self.add_line(user)?;
        self.post("/api/purchases", "application/json")
    }

    fn purchase(&mut self) -> Result<&[u8], Failure> {
        let user = self.user();
        self.purchase_of(user)
    }

    fn bulk(&mut self) -> Result<&[u8], Failure> {
        self.body.clear();
        for _ in 0..BULK_LINES {
            let user = self.user();
            self.add_line(user)?;
            self.body.push('\n');
        }
        self.post("/api/purchases/bulk", "application/x-ndjson")
    }

    fn read(&mut self) -> Result<&[u8], Failure> {
        let user = self.user();
        self.text.clear();
        write!(self.text, "GET /api/earnings/{user} HTTP/1.1\r\n{}\r\n", self.headers)?;
        Ok(self.text.as_bytes())
    }

    fn user(&mut self) -> usize {
        self.chance.random_range(1..=self.members)
    }

    fn add_line(&mut self, user: usize) -> Result<(), Failure> {
        let (rupees, paise) = (self.chance.random_range(1_001..10_000), self.chance.random_range(0..100));
        let reference = self.chance.next_u64();
        Ok(write!(
            self.body,
            "{{\"user_id\":{user},\"amount\":\"{rupees}.{paise:02}\",\"reference\":\"{reference:016x}\"}}"
        )?)
    }

    fn post(&mut self, path: &str, content_type: &str) -> Result<&[u8], Failure> {
        self.text.clear();
        write!(self.text, "POST {path} HTTP/1.1\r\n{}content-type: {content_type}\r\n", self.headers)?;
        write!(self.text, "content-length: {}\r\n\r\n{}", self.body.len(), self.body)?;
        Ok(self.text.as_bytes())
    }
}
