//! Ledgers: every line posted again, and the accounts they add up to.

use std::collections::{HashSet, VecDeque};

use domain::{Account, Entry, Posting, UserId};
use store::Snapshot;

use super::people::People;
use super::sales::{Commissions, Sales};
use super::{PAGE, Report, Rule};

/// Checks all accounts against their ledgers, and all ledgers against the sales.
pub(super) async fn check(
    view: &mut Snapshot<'_>,
    people: &People,
    sales: &Sales,
    report: &mut Report,
) -> store::Result<()> {
    let mut without_account: HashSet<UserId> = people.ids().collect();
    let mut entries = Entries { page: VecDeque::new(), last: (UserId::new(0), 0) };
    let mut last = UserId::new(0);
    loop {
        let page = view.scan_accounts(last, PAGE).await?;
        let Some(newest) = page.last() else { break };
        last = newest.user;
        for account in page {
            without_account.remove(&account.user);
            check_account(view, &account, &mut entries, sales, report).await?;
        }
    }
    while let Some(entry) = entries.next_if(view, |_| true).await? {
        report.breach(Rule::Ledger, place(&entry), "there is no such account");
    }
    for user in without_account {
        report.breach(Rule::Account, format_args!("user {user}"), "she has no account");
    }
    Ok(())
}

async fn check_account(
    view: &mut Snapshot<'_>,
    account: &Account,
    entries: &mut Entries,
    sales: &Sales,
    report: &mut Report,
) -> store::Result<()> {
    let user = account.user;
    while let Some(stray) = entries.next_if(view, |entry| entry.user < user).await? {
        report.breach(Rule::Ledger, place(&stray), "there is no such account");
    }
    let mut again = Account { active: account.active, ..Account::new(user) };
    let mut commissions = Commissions::default();
    while let Some(entry) = entries.next_if(view, |entry| entry.user == user).await? {
        report.entries += 1;
        commissions.add_entry(&entry);
        let posting = Posting { kind: entry.kind, amount: entry.amount, origin: entry.origin };
        match again.post(posting, entry.created_at) {
            Ok(expected) if expected == entry => {}
            Ok(expected) => {
                let show =
                    |e: &Entry| format!("seq {}, balance {}, total {}", e.seq, e.balance, e.total_earnings);
                let found = format!("{}, should be {}", show(&entry), show(&expected));
                report.breach(Rule::Ledger, place(&entry), found);
                // Go on from what stands there, so that one fault is one breach.
                again.seq = entry.seq;
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
    if *account != again {
        report.breach(
            Rule::Account,
            format_args!("user {user}"),
            format_args!("{account:?}, should be {again:?}"),
        );
    }
    Ok(())
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
