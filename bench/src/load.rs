//! Many connections, each sending its next request when the last is answered.

use std::fmt::Write;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rand::rngs::StdRng;
use rand::{Rng, RngExt};

use crate::Failure;
use crate::client::Connection;
use crate::process::Child;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scenario {
    /// A purchase that is parsed and answered, and not stored.
    Echo,
    /// A purchase by a random member, with a random reference.
    Purchases,
    /// `GET /api/earnings/{id}` of a random member.
    Reads,
}

/// Who is asked.
pub(crate) struct Target {
    pub(crate) server: Child,
    pub(crate) key: String,
    pub(crate) members: usize,
}

/// What came of it.
pub(crate) struct Run {
    pub(crate) answered: u64,
    pub(crate) took: Duration,
    pub(crate) latency_us: Histogram<u64>,
    pub(crate) server_cpu: f64,
}

impl Run {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    pub(crate) fn per_second(&self) -> f64 {
        self.answered as f64 / self.took.as_secs_f64()
    }

    /// Microseconds of the server's processor time for each answer.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people to read")]
    pub(crate) fn cpu_us(&self) -> f64 {
        self.server_cpu * 1e6 / self.answered as f64
    }
}

/// Loads the target for so long.
pub(crate) async fn run(
    target: &Target,
    scenario: Scenario,
    connections: usize,
    length: Duration,
) -> Result<Run, Failure> {
    let cpu_before = target.server.cpu_seconds()?;
    let started = Instant::now();
    let until = started + length;
    let mut loops = tokio::task::JoinSet::new();
    for _ in 0..connections {
        let connection = Connection::open(&target.server.address).await?;
        let requests = Requests::new(target, scenario);
        loops.spawn(ask(connection, requests, until));
    }
    let mut latency_us = Histogram::new(3)?;
    while let Some(asked) = loops.join_next().await {
        latency_us.add(asked??)?;
    }
    let took = started.elapsed();
    let server_cpu = target.server.cpu_seconds()? - cpu_before;
    Ok(Run { answered: latency_us.len(), took, latency_us, server_cpu })
}

async fn ask(
    mut connection: Connection,
    mut requests: Requests,
    until: Instant,
) -> Result<Histogram<u64>, Failure> {
    let mut latency_us = Histogram::new(3)?;
    while Instant::now() < until {
        let request = requests.next()?;
        let sent = Instant::now();
        let status = connection.exchange(request).await?;
        if !(200..300).contains(&status) {
            return Err(format!("the server answered {status}").into());
        }
        latency_us.record(u64::try_from(sent.elapsed().as_micros())?)?;
    }
    Ok(latency_us)
}

struct Requests {
    scenario: Scenario,
    address: String,
    key: String,
    members: usize,
    chance: StdRng,
    text: String,
}

impl Requests {
    fn new(target: &Target, scenario: Scenario) -> Self {
        Self {
            scenario,
            address: target.server.address.clone(),
            key: target.key.clone(),
            members: target.members,
            chance: rand::make_rng(),
            text: String::with_capacity(512),
        }
    }

    fn next(&mut self) -> Result<&[u8], Failure> {
        let user = self.chance.random_range(1..=self.members);
        self.text.clear();
        if self.scenario == Scenario::Reads {
            write!(self.text, "GET /api/earnings/{user} HTTP/1.1\r\n")?;
            write!(self.text, "host: {}\r\nauthorization: Bearer {}\r\n\r\n", self.address, self.key)?;
        } else {
            let (rupees, paise) = (self.chance.random_range(1_001..10_000), self.chance.random_range(0..100));
            let reference = self.chance.next_u64();
            let body = format!(
                "{{\"user_id\":{user},\"amount\":\"{rupees}.{paise:02}\",\"reference\":\"{reference:016x}\"}}"
            );
            write!(self.text, "POST /api/purchases HTTP/1.1\r\n")?;
            write!(self.text, "host: {}\r\nauthorization: Bearer {}\r\n", self.address, self.key)?;
            write!(
                self.text,
                "content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )?;
        }
        Ok(self.text.as_bytes())
    }
}
