//! Verifies the books from the command line.

use std::process::ExitCode;

use app::verify::{Breach, Report};
use serde_json::json;
use store::Store;

use crate::cli::VerifyOptions;
use crate::config::Config;
use crate::{BREACH, Failure, open};

pub(crate) async fn run(options: VerifyOptions, config: &Config) -> Result<ExitCode, Failure> {
    let database = options.data.over(config)?;
    open::expect_data(&database)?;
    let store = Store::open(&database).await?;
    let report = app::verify::verify(&store).await?;
    if options.json {
        print_json(&report);
        return Ok(verdict(&report));
    }
    Ok(print(&report))
}

/// Prints what was found, and answers how to end.
pub(crate) fn print(report: &Report) -> ExitCode {
    for breach in &report.breaches {
        println!("{breach}");
    }
    let found = if report.is_clean() { "clean".into() } else { format!("{} breaches", report.breach_count) };
    println!(
        "{found}: {} members, {} purchases and {} refunds decided again, {} ledger lines posted again",
        report.members, report.purchases, report.refunds, report.entries
    );
    verdict(report)
}

fn print_json(report: &Report) {
    let breach = |b: &Breach| json!({"rule": b.rule.name(), "place": b.place, "detail": b.detail});
    let breaches: Vec<_> = report.breaches.iter().map(breach).collect();
    let report = json!({
        "clean": report.is_clean(),
        "members": report.members,
        "purchases": report.purchases,
        "refunds": report.refunds,
        "payouts": report.payouts,
        "adjustments": report.adjustments,
        "entries": report.entries,
        "breach_count": report.breach_count,
        "breaches": breaches,
    });
    println!("{report}");
}

fn verdict(report: &Report) -> ExitCode {
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(BREACH) }
}
