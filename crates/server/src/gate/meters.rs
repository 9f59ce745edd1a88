//! Counts requests and measures how long they take.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use metrics::{Counter, Histogram};

/// What is counted and measured, by route.
///
/// To find a meter among all others costs more than to use it, so each one is
/// looked up once. There are only as many as there are routes, and what they answer.
#[derive(Default)]
pub(super) struct Meters(RwLock<HashMap<String, OfRoute>>);

/// The meters of one route.
struct OfRoute {
    durations: Histogram,
    /// By method and status.
    answers: HashMap<(&'static str, u16), Counter>,
}

impl Meters {
    /// Takes note of a request that was answered.
    pub(super) fn note(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(meters) = known.get(route)
            && let Some(counter) = meters.answers.get(&(method, status))
        {
            return meters.add(counter, took);
        }
        drop(known);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let meters = known.entry(route.to_owned()).or_insert_with(|| OfRoute::new(route));
        let counter =
            meters.answers.entry((method, status)).or_insert_with(|| counter(method, route, status));
        let counter = counter.clone();
        meters.add(&counter, took);
    }
}

impl OfRoute {
    fn new(route: &str) -> Self {
        let durations = metrics::histogram!("http_request_duration_seconds", "route" => route.to_owned());
        Self { durations, answers: HashMap::new() }
    }

    fn add(&self, counter: &Counter, took: Duration) {
        counter.increment(1);
        self.durations.record(took.as_secs_f64());
    }
}

fn counter(method: &'static str, route: &str, status: u16) -> Counter {
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels)
}
