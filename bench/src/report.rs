//! Medians and ratios, as Markdown.

use std::fmt::Write;

use crate::Options;
use crate::load::{Run, Scenario};

/// Everything that was measured.
#[derive(Default)]
pub(crate) struct Report(Vec<(Scenario, Run)>);

/// The medians of one scenario.
#[derive(Clone, Copy)]
struct Medians {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    cpu_us: f64,
}

impl Report {
    pub(crate) fn add(&mut self, scenario: Scenario, run: Run) {
        self.0.push((scenario, run));
    }

    pub(crate) fn markdown(&self, options: &Options, database_bytes: u64) -> String {
        let echo = self.medians(Scenario::Echo);
        let mut text = format!(
            "{} rounds of {} s, {} connections in a closed loop, {} members. Medians; the range of the rate in brackets.\n\n\
             | scenario | per second | to echo | p50 ms | p99 ms | p99 to echo | server CPU µs | CPU to echo |\n\
             |---|---|---|---|---|---|---|---|\n",
            options.rounds, options.seconds, options.connections, options.members
        );
        for scenario in [Scenario::Echo, Scenario::Purchases, Scenario::Reads] {
            let m = self.medians(scenario);
            let (low, high) = self.range(scenario);
            let row = writeln!(
                text,
                "| {scenario:?} | {:.0} [{low:.0}..{high:.0}] | {:.2} | {:.2} | {:.2} | {:.1} | {:.1} | {:.2} |",
                m.per_second,
                m.per_second / echo.per_second,
                m.p50_ms,
                m.p99_ms,
                m.p99_ms / echo.p99_ms,
                m.cpu_us,
                m.cpu_us / echo.cpu_us,
            );
            row.expect("a String takes all");
        }
        let purchases: u64 = self.of(Scenario::Purchases).map(|run| run.answered).sum();
        let closing = writeln!(
            text,
            "\n{purchases} purchases were measured; the database file had {database_bytes} bytes in the end."
        );
        closing.expect("a String takes all");
        text
    }

    fn of(&self, scenario: Scenario) -> impl Iterator<Item = &Run> {
        self.0.iter().filter(move |(of, _)| *of == scenario).map(|(_, run)| run)
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
    fn medians(&self, scenario: Scenario) -> Medians {
        let over = |figure: &dyn Fn(&Run) -> f64| median(self.of(scenario).map(figure).collect());
        let at = |run: &Run, quantile| run.latency_us.value_at_quantile(quantile) as f64 / 1e3;
        Medians {
            per_second: over(&Run::per_second),
            p50_ms: over(&|run| at(run, 0.5)),
            p99_ms: over(&|run| at(run, 0.99)),
            cpu_us: over(&Run::cpu_us),
        }
    }

    fn range(&self, scenario: Scenario) -> (f64, f64) {
        let rates = || self.of(scenario).map(Run::per_second);
        (rates().fold(f64::INFINITY, f64::min), rates().fold(0.0, f64::max))
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
