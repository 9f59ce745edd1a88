//! Ledgers: every line posted again.

use std::collections::VecDeque;

use domain::{Account, Entry, Totals, UserId};
use store::Snapshot;

use super::people::People;
use super::sales::{Commissions, Sales};
use super::{PAGE, Report, Rule};

/// Checks every line of every ledger, and all ledgers against the sales.
pub(super) async fn check(
    view: &mut Snapshot<'_>,
    people: &People,
    sales: &Sales,
    report: &mut Report,
) -> store::Result<()> {
    let mut entries = Entries { page: VecDeque::new(), last: (UserId::new(0), 0) };
    let mut users: Vec<UserId> = people.ids().collect();
    users.sort_unstable();
    for user in users {
        while let Some(stray) = entries.next_if(view, |entry| entry.user < user).await? {
            report.breach(Rule::Ledger, place(&stray), "there is no such user");
        }
        check_ledger(view, user, &mut entries, sales, report).await?;
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
    sales: &Sales,
    report: &mut Report,
) -> store::Result<()> {
    let mut account = Account::new(user);
    let mut commissions = Commissions::default();
    while let Some(entry) = entries.next_if(view, |entry| entry.user == user).await? {
        report.entries += 1;
        commissions.add_entry(&entry);
        match account.post(entry.cause, entry.amount, entry.created_at) {
            Ok(expected) if expected == entry => {}
            Ok(expected) => {
                let found = format!("{}, should be {}", show(&entry), show(&expected));
                report.breach(Rule::Ledger, place(&entry), found);
                // Go on from what stands there, so that one fault is one breach.
                account.seq = entry.seq;
            }
            Err(overflow) => report.breach(Rule::Ledger, place(&entry), overflow),
        }
    }
    let expected = sales.commissions(user);
    if commissions != expected {
        let found = format!(
            "{} commissions of {} paise, the purchases decided {} of {} paise",
            commissions.count, commissions.sum, expected.count, expected.sum
        );
        report.breach(Rule::Commissions, format_args!("user {user}"), found);
    }
    Ok(())
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
