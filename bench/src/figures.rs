//! What people want to know of a run, and medians over several.

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::load::Run;

/// The figures of one run, or the medians of some.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
    pub(crate) max_ms: f64,
    /// Processor time of the server for each purchase or read.
    pub(crate) server_cpu_us: f64,
    /// And of its database, where that is a process of its own.
    pub(crate) database_cpu_us: f64,
    /// Bytes of the answer to each.
    pub(crate) answer_bytes: f64,
    /// The share of the machine that others took meanwhile.
    pub(crate) others: f64,
}

impl Figures {
    #[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
    pub(crate) fn of(run: &Run) -> Self {
        let done = run.done.max(1) as f64;
        let at = |quantile| ms(&run.latency_us, quantile);
        Self {
            per_second: run.done as f64 / run.took.as_secs_f64(),
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: at(1.0),
            server_cpu_us: run.server_cpu * 1e6 / done,
            database_cpu_us: run.database_cpu * 1e6 / done,
            answer_bytes: run.answer_bytes as f64 / done,
            others: run.others,
        }
    }

    /// The median of each figure.
    pub(crate) fn medians(rounds: &[Self]) -> Self {
        let over = |figure: fn(&Self) -> f64| median(rounds.iter().map(figure).collect());
        Self {
            per_second: over(|f| f.per_second),
            p50_ms: over(|f| f.p50_ms),
            p99_ms: over(|f| f.p99_ms),
            p999_ms: over(|f| f.p999_ms),
            max_ms: over(|f| f.max_ms),
            server_cpu_us: over(|f| f.server_cpu_us),
            database_cpu_us: over(|f| f.database_cpu_us),
            answer_bytes: over(|f| f.answer_bytes),
            others: over(|f| f.others),
        }
    }

    pub(crate) fn cpu_us(&self) -> f64 {
        self.server_cpu_us + self.database_cpu_us
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
fn ms(latency_us: &Histogram<u64>, quantile: f64) -> f64 {
    latency_us.value_at_quantile(quantile) as f64 / 1e3
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
