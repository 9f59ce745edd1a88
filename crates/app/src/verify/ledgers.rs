//! Ledgers: every line posted again.

use std::collections::VecDeque;

use domain::{Account, Cause, Entry, EntryKind, Money, Totals, UserId};
use store::Snapshot;

use super::expected::{Expected, Ledger};
use super::people::People;
use super::{PAGE, Report, Rule};

/// Checks every line of every ledger, and each ledger against what must be in it.
pub(super) async fn check(
    view: &mut Snapshot<'_>,
    people: &People,
    expected: &Expected,
    report: &mut Report,
) -> store::Result<()> {
    let mut entries = Entries { page: VecDeque::new(), last: (UserId::new(0), 0) };
    let mut users: Vec<UserId> = people.ids().collect();
    users.sort_unstable();
    for user in users {
        while let Some(stray) = entries.next_if(view, |entry| entry.user < user).await? {
            report.breach(Rule::Ledger, place(&stray), "there is no such user");
        }
        check_ledger(view, user, &mut entries, expected, report).await?;
    }
    while let Some(stray) = entries.next_if(view, |_| true).await? {
        report.breach(Rule::Ledger, place(&stray), "there is no such user");
    }
    Ok(())
}

async fn check_ledger(
    view: &mut Snapshot<'_>,
    user: UserId,
    entries: &mut Entries,
    expected: &Expected,
    report: &mut Report,
) -> store::Result<()> {
    let mut account = Account::new(user);
    let mut found = Ledger::default();
    while let Some(entry) = entries.next_if(view, |entry| entry.user == user).await? {
        report.entries += 1;
        found.add(entry.cause, entry.amount, entry.times);
        match account.post(entry.cause, entry.amount, entry.times) {
            Ok(should_be) if should_be == entry => {}
            Ok(should_be) => {
                let found = format!("{}, should be {}", show(&entry), show(&should_be));
                report.breach(Rule::Ledger, place(&entry), found);
            }
            Err(overflow) => report.breach(Rule::Ledger, place(&entry), overflow),
        }
        if matches!(entry.cause, Cause::Payout(_)) && entry.totals.balance() < Money::ZERO {
            let found = format!("{} is more than the balance was", entry.amount);
            report.breach(Rule::Payouts, place(&entry), found);
        }
        // Go on from what stands there, so that one fault is one breach.
        (account.seq, account.totals) = (entry.seq, entry.totals);
        account.booked_through = entry.booked_through;
    }
    compare(user, &found, expected.ledgers.get(&user).unwrap_or(&Ledger::default()), report);
    Ok(())
}

fn compare(user: UserId, found: &Ledger, expected: &Ledger, report: &mut Report) {
    for kind in EntryKind::ALL {
        let (found, expected) = (found.of(*kind), expected.of(*kind));
        if found != expected {
            let found = format!(
                "{} {kind} lines of {} paise, should be {} of {} paise",
                found.count, found.sum, expected.count, expected.sum
            );
            report.breach(rule_of(*kind), format_args!("user {user}"), found);
        }
    }
}

const fn rule_of(kind: EntryKind) -> Rule {
    match kind {
        EntryKind::Commission => Rule::Commissions,
        EntryKind::Reversal => Rule::Reversals,
        EntryKind::Payout | EntryKind::PayoutReturned => Rule::Payouts,
        EntryKind::Adjustment => Rule::Adjustments,
    }
}

fn show(entry: &Entry) -> String {
    let Totals { by_level, reversed, paid, adjusted } = entry.totals;
    let levels: Vec<_> = by_level.iter().map(|(_, total)| total.to_string()).collect();
    let levels = levels.join(" ");
    format!("seq {}, levels {levels}, reversed {reversed}, paid {paid}, adjusted {adjusted}", entry.seq)
}

fn place(entry: &Entry) -> String {
    format!("entry {}-{}", entry.user, entry.seq)
}

/// All entries, in the order of the ledgers.
struct Entries {
    page: VecDeque<Entry>,
    last: (UserId, i64),
}

impl Entries {
    async fn next_if(
        &mut self,
        view: &mut Snapshot<'_>,
        wanted: impl Fn(&Entry) -> bool,
    ) -> store::Result<Option<Entry>> {
        if self.page.is_empty() {
            self.page = view.scan_entries(self.last, PAGE).await?.into();
            if let Some(newest) = self.page.back() {
                self.last = (newest.user, newest.seq);
            }
        }
        Ok(self.page.pop_front_if(|entry| wanted(entry)))
    }
}
