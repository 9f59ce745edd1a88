//! Recomputes the books from the purchases and the tree, and reports every
//! difference.
//!
//! Nothing that is derived is believed: decisions are decided again, ledgers
//! are posted again line by line, and totals are added up again. It is all read
//! in one snapshot, page by page, so it can run beside a busy server.

mod ledgers;
mod people;
mod sales;

use std::fmt;

use store::{Snapshot, Store};

use self::people::People;
use self::sales::Sales;

/// Rows read at a time.
const PAGE: usize = 5_000;

/// Breaches of each rule that are described; more are only counted.
const DESCRIBED: usize = 20;

/// What was looked at, and what was wrong.
#[derive(Debug, Default)]
pub struct Report {
    /// Members looked at.
    pub members: u64,
    /// Purchases decided again.
    pub purchases: u64,
    /// Ledger lines posted again.
    pub entries: u64,
    /// How many breaches were found.
    pub breach_count: u64,
    /// The first twenty of each rule.
    pub breaches: Vec<Breach>,
}

impl Report {
    /// Whether the books are right.
    pub fn is_clean(&self) -> bool {
        self.breach_count == 0
    }

    fn breach(&mut self, rule: Rule, place: impl fmt::Display, detail: impl fmt::Display) {
        self.breach_count += 1;
        if self.breaches.iter().filter(|breach| breach.rule == rule).count() < DESCRIBED {
            self.breaches.push(Breach { rule, place: place.to_string(), detail: detail.to_string() });
        }
    }
}

/// One place where the books are wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// What does not hold.
    pub rule: Rule,
    /// Where.
    pub place: String,
    /// What was found, and what should be.
    pub detail: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}: {}", self.rule, self.place, self.detail)
    }
}

/// What must hold of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The engine finds its files whole and every reference answered.
    Storage,
    /// A referrer exists and is older than the member.
    Tree,
    /// The slots counted are the members referred.
    SlotsUsed,
    /// Nobody referred more members than the plan of the time allowed.
    ReferralLimit,
    /// A member is what her latest activation or deactivation made her.
    Activity,
    /// A purchase was decided as its plan, its upline and their activity demand.
    Decision,
    /// A ledger is gapless, and each line carries the sums up to it.
    Ledger,
    /// The commissions of a ledger are those that purchases decided, once each.
    Commissions,
    /// A source total is the sum of what its purchases paid.
    SourceTotal,
}

/// Verifies everything.
pub async fn verify(store: &Store) -> store::Result<Report> {
    store.read(async |view| verify_snapshot(view).await).await
}

async fn verify_snapshot(view: &mut Snapshot<'_>) -> store::Result<Report> {
    let mut report = Report::default();
    for fault in view.integrity().await? {
        report.breach(Rule::Storage, "database", fault);
    }
    let plans = view.plans().await?.into_iter().map(|record| (record.version, record.plan)).collect();
    let people = People::check(view, &plans, &mut report).await?;
    let sales = Sales::check(view, &plans, &people, &mut report).await?;
    ledgers::check(view, &people, &sales, &mut report).await?;
    sales.check_source_totals(view, &mut report).await?;
    Ok(report)
}
