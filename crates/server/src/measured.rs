//! Every figure that `/metrics` has: what it is called, what it says, and how those that
//! are read at the moment come about.
//!
//! What happens is counted where it happens. Each name is in this list, or nobody would
//! know what it means.

use app::{App, Load, Vitals};
use metrics::{Gauge, describe_counter, describe_gauge, describe_histogram, gauge};

use crate::health::Checks;

/// Says of every figure what it means.
pub(crate) fn describe() {
    describe_counter!("http_requests_total", "Requests that were answered, by method, route and status.");
    describe_histogram!("http_request_duration_seconds", "Time from a request to its answer, by route.");
    describe_counter!(
        "http_problems_total",
        "Requests that were refused or failed, by the code of the problem."
    );
    describe_gauge!("banyan_build_info", "1, with the version of this node.");
    describe_gauge!("banyan_ready", "1 when what /readyz looks at is well, 0 when not, by what it looks at.");
    describe_gauge!("banyan_queue_purchases", "Purchases that wait to be recorded.");
    describe_gauge!("banyan_queue_limit", "Purchases that may wait; one more is refused.");
    describe_counter!("banyan_queue_refusals_total", "Purchases that were refused because too many waited.");
    describe_histogram!("banyan_batch_purchases", "Purchases recorded in one transaction.");
    describe_histogram!("banyan_batch_duration_seconds", "Time that one transaction of purchases took.");
    describe_counter!(
        "banyan_batch_failures_total",
        "Transactions of purchases that failed, by reason; after `split` their halves are tried."
    );
    describe_gauge!("banyan_database_connections", "Connections to PostgreSQL, by whether they are used.");
    describe_gauge!("banyan_database_connections_limit", "Connections to PostgreSQL that there may be.");
    describe_gauge!("banyan_database_waiting", "Transactions that wait for a connection to PostgreSQL.");
    describe_counter!("banyan_database_retries_total", "Transactions that were run again, by reason.");
    describe_counter!("banyan_database_lost_total", "Connections to PostgreSQL that were lost.");
    describe_counter!(
        "banyan_database_unreached_total",
        "Attempts to reach a host of PostgreSQL that failed."
    );
    describe_gauge!(
        "banyan_unposted_purchases",
        "Purchases that are on disk in the journal and not in the books yet."
    );
    describe_gauge!("banyan_database_bytes", "What the database takes on the disk of this node.");
    describe_gauge!("banyan_sockets", "Sockets that are open, handshakes under way included.");
    describe_gauge!("banyan_sockets_unknown", "Those of them that have sent no good token.");
    describe_gauge!("banyan_socket_streams", "Ledgers and lists that sockets follow.");
    describe_gauge!("banyan_socket_messages_waiting", "Messages of sockets that wait for their turn.");
    describe_counter!(
        "banyan_socket_refusals_total",
        "Handshakes and messages that were refused, and sockets that were closed, by reason."
    );
}

/// Reads what has a level and is not counted where it happens.
pub(crate) fn look(app: &App, checks: &Checks) {
    gauge!("banyan_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    for (name, words) in checks {
        gauge!("banyan_ready", "check" => *name).set(u8::from(words.is_empty()));
    }
    let Vitals { waiting, most_waiting, load } = Vitals::of(app);
    gauge!("banyan_queue_purchases").set(count(waiting));
    gauge!("banyan_queue_limit").set(count(most_waiting));
    match load {
        Load::Sqlite { unposted_purchases, bytes } => {
            gauge!("banyan_unposted_purchases").set(count(unposted_purchases));
            gauge!("banyan_database_bytes").set(count(bytes));
        }
        Load::Postgres { used, idle, most, waiting } => {
            gauge!("banyan_database_connections", "state" => "used").set(count(used));
            gauge!("banyan_database_connections", "state" => "idle").set(count(idle));
            gauge!("banyan_database_connections_limit").set(count(most));
            gauge!("banyan_database_waiting").set(count(waiting));
        }
    }
}

/// A figure of Prometheus is a float: past 2^53 the last digits are lost.
#[expect(clippy::cast_precision_loss, reason = "nobody counts that far")]
fn count(number: impl TryInto<u64>) -> f64 {
    number.try_into().unwrap_or(u64::MAX) as f64
}

/// Counts one more as long as it is kept.
pub(crate) struct Counted(Gauge);

impl Counted {
    pub(crate) fn among(gauge: Gauge) -> Self {
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}
