//! Verifies the books from the command line.

use std::process::ExitCode;

use app::verify::{Breach, Report};
use serde_json::{Value, json};
use store::Store;

use crate::cli::VerifyOptions;
use crate::config::Config;
use crate::counted::Counted;
use crate::print::say;
use crate::{BREACH, Failure, open};

pub(crate) async fn run(options: VerifyOptions, config: &Config) -> Result<ExitCode, Failure> {
    let database = options.data.over(config)?;
    open::expect_data(&database)?;
    let store = Store::open(&database).await?;
    let report = app::verify::verify(&store).await?;
    if options.json {
        say!("{}", as_json(&report))?;
        return Ok(verdict(&report));
    }
    print(&report)
}

/// Prints what was found, and answers how to end.
pub(crate) fn print(report: &Report) -> Result<ExitCode, Failure> {
    for breach in &report.breaches {
        say!("{breach}")?;
    }
    let breaches = Counted(report.breach_count, ["breach", "breaches"]);
    let found = if report.is_clean() { "clean".to_owned() } else { breaches.to_string() };
    say!(
        "{found}: {}, {} and {} decided again, {} posted again",
        Counted(report.members, ["member", "members"]),
        Counted(report.purchases, ["purchase", "purchases"]),
        Counted(report.refunds, ["refund", "refunds"]),
        Counted(report.entries, ["ledger line", "ledger lines"]),
    )?;
    Ok(verdict(report))
}

pub(crate) fn as_json(report: &Report) -> Value {
    let breach = |b: &Breach| json!({"rule": b.rule.name(), "place": b.place, "detail": b.detail});
    let breaches: Vec<_> = report.breaches.iter().map(breach).collect();
    json!({
        "clean": report.is_clean(),
        "members": report.members,
        "purchases": report.purchases,
        "refunds": report.refunds,
        "payouts": report.payouts,
        "adjustments": report.adjustments,
        "entries": report.entries,
        "breach_count": report.breach_count,
        "breaches": breaches,
    })
}

pub(crate) fn verdict(report: &Report) -> ExitCode {
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(BREACH) }
}
