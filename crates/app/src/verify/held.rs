//! Amounts on hold: moment by moment what commissions under plans that hold them come
//! to, less their reversals.

use std::hash::{DefaultHasher, Hash, Hasher};

use domain::{Money, Timestamp, UserId};
use store::Snapshot;

use super::expected::Expected;
use super::{PAGE, Report, Rule};

/// What is on hold for one member against what should be.
///
/// Amounts of a moment are added up where they are kept, and one by one where they
/// are expected. A digest that is linear in them is the same either way, so the
/// moments need not be kept apart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OnHold {
    expected: i64,
    found: i64,
    difference: u64,
}

impl OnHold {
    /// An amount that should be on hold until this moment.
    pub(super) fn expect(&mut self, matures_at: Timestamp, amount: Money) {
        self.expected = self.expected.wrapping_add(amount.paise());
        self.difference = self.difference.wrapping_add(digest(matures_at, amount));
    }

    fn find(&mut self, matures_at: Timestamp, amount: Money) {
        self.found = self.found.wrapping_add(amount.paise());
        self.difference = self.difference.wrapping_sub(digest(matures_at, amount));
    }
}

fn digest(matures_at: Timestamp, amount: Money) -> u64 {
    let mut hasher = DefaultHasher::new();
    matures_at.hash(&mut hasher);
    // An odd factor loses no amount.
    amount.paise().cast_unsigned().wrapping_mul(hasher.finish() | 1)
}

/// Checks what is on hold for everybody.
pub(super) async fn check(
    view: &mut Snapshot<'_>,
    expected: &mut Expected,
    report: &mut Report,
) -> store::Result<()> {
    let mut last = (UserId::new(0), Timestamp::MIN);
    loop {
        let page = view.scan_held(last, PAGE).await?;
        let Some(newest) = page.last() else { break };
        last = (newest.user, newest.matures_at);
        for held in page {
            expected.held.entry(held.user).or_default().find(held.matures_at, held.amount);
        }
    }
    for (user, on_hold) in &expected.held {
        if on_hold.difference != 0 {
            let found = match on_hold.found == on_hold.expected {
                true => "an amount is held until another moment than it should be".to_owned(),
                false => {
                    format!("{} paise are on hold, should be {} paise", on_hold.found, on_hold.expected)
                }
            };
            report.breach(Rule::Held, format_args!("user {user}"), found);
        }
    }
    Ok(())
}
