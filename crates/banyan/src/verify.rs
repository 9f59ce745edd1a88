//! Verifies the books from the command line.

use std::process::ExitCode;

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
        let breach =
            |b: &app::verify::Breach| json!({"rule": b.rule.name(), "place": b.place, "detail": b.detail});
        let breaches: Vec<_> = report.breaches.iter().map(breach).collect();
        println!(
            "{}",
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
        );
    } else {
        for breach in &report.breaches {
            println!("{breach}");
        }
        let verdict =
            if report.is_clean() { "clean".into() } else { format!("{} breaches", report.breach_count) };
        println!(
            "{verdict}: {} members, {} purchases and {} refunds decided again, {} ledger lines posted again",
            report.members, report.purchases, report.refunds, report.entries
        );
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(BREACH) })
}
