//! Source totals: what each buyer's purchases come to at each level, less what
//! was taken back.

use domain::UserId;
use store::{Snapshot, SourceTotal};

use super::expected::Expected;
use super::{PAGE, Report, Rule};

/// Checks every source total, and that none is missing.
pub(super) async fn check(
    view: &mut Snapshot<'_>,
    expected: &mut Expected,
    report: &mut Report,
) -> store::Result<()> {
    let mut last = (UserId::new(0), 0);
    loop {
        let page = view.scan_sources(last, PAGE).await?;
        let Some(newest) = page.last() else { break };
        last = (newest.source, newest.level.number());
        for total in page {
            let should_be = expected.sources.remove(&(total.source, total.level));
            if should_be != Some(total) {
                breach(Some(&total), should_be.as_ref(), report);
            }
        }
    }
    for should_be in expected.sources.values() {
        breach(None, Some(should_be), report);
    }
    Ok(())
}

fn breach(found: Option<&SourceTotal>, should_be: Option<&SourceTotal>, report: &mut Report) {
    let Some(SourceTotal { source, level, .. }) = found.or(should_be) else { return };
    let place = format!("user {source} at level {level}");
    report.breach(Rule::SourceTotal, place, format_args!("{}, should be {}", show(found), show(should_be)));
}

fn show(total: Option<&SourceTotal>) -> String {
    match total {
        Some(t) => format!("{} from {} purchases for user {}", t.amount, t.purchases, t.earner),
        None => "nothing".into(),
    }
}
