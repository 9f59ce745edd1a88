//! Recomputes the books from the tree and from what was reported (purchases,
//! refunds, payouts, adjustments), and reports every difference.
//!
//! Nothing that is derived is believed: purchases and refunds are decided again,
//! ledgers are posted again line by line, and totals are added up again. It is
//! all read in one snapshot, page by page, so it can run beside a busy server,
//! and what is kept in memory grows with the members, never with the history.

mod expected;
mod held;
mod ledgers;
mod payouts;
mod people;
mod plans;
mod refunds;
mod sales;
mod sources;

use std::fmt;

use store::{Snapshot, Store};

use self::expected::Expected;
use self::people::People;
use self::plans::Plans;

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
    /// Refunds decided again.
    pub refunds: u64,
    /// Payouts looked at.
    pub payouts: u64,
    /// Adjustments looked at.
    pub adjustments: u64,
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
        write!(f, "{}: {}: {}", self.rule.name(), self.place, self.detail)
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
    /// A purchase was made under the plan that was in force at its time.
    PlanInForce,
    /// Nothing was booked in a month since it was closed.
    ClosedMonth,
    /// A purchase was decided as its plan, its upline and their activity demand.
    Decision,
    /// Each refund follows from the one before, and together they are what was
    /// taken back of their purchase.
    Refund,
    /// A run counts the payouts it made, and each is as much as its minimum.
    PayoutRun,
    /// A ledger is gapless, and each line carries the sums up to it.
    Ledger,
    /// The commissions of a ledger are those that purchases decided, once each.
    Commissions,
    /// The reversals of a ledger are those that refunds took back, once each.
    Reversals,
    /// The payouts of a ledger are those that were made, and those that came back
    /// are those that failed, once each; none was more than the balance.
    Payouts,
    /// The adjustments of a ledger are those that were made, once each.
    Adjustments,
    /// On hold is what commissions that wait and their reversals come to, by day.
    Held,
    /// A source total is the sum of what its purchases paid, less reversals.
    SourceTotal,
    /// The programme as a whole can be added up.
    Totals,
}

impl Rule {
    /// The rule's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::Tree => "tree",
            Self::SlotsUsed => "slots_used",
            Self::ReferralLimit => "referral_limit",
            Self::Activity => "activity",
            Self::PlanInForce => "plan_in_force",
            Self::ClosedMonth => "closed_month",
            Self::Decision => "decision",
            Self::Refund => "refund",
            Self::PayoutRun => "payout_run",
            Self::Ledger => "ledger",
            Self::Commissions => "commissions",
            Self::Reversals => "reversals",
            Self::Payouts => "payouts",
            Self::Adjustments => "adjustments",
            Self::Held => "held",
            Self::SourceTotal => "source_total",
            Self::Totals => "totals",
        }
    }
}

/// Verifies everything.
pub async fn verify(store: &Store) -> store::Result<Report> {
    store.read(async move |view| verify_snapshot(view).await).await
}

async fn verify_snapshot(view: &mut Snapshot<'_>) -> store::Result<Report> {
    let mut report = Report::default();
    for fault in view.integrity().await? {
        report.breach(Rule::Storage, "database", fault);
    }
    let plans = Plans::read(view).await?;
    let people = People::check(view, &plans, &mut report).await?;
    let mut expected = Expected::default();
    sales::check(view, &plans, &people, &mut expected, &mut report).await?;
    refunds::check_all(view, &expected, &mut report).await?;
    payouts::check(view, &mut expected, &mut report).await?;
    payouts::read_adjustments(view, &mut expected, &mut report).await?;
    ledgers::check(view, &people, &expected, &mut report).await?;
    held::check(view, &mut expected, &mut report).await?;
    sources::check(view, &mut expected, &mut report).await?;
    match view.programme_totals().await {
        Ok(_) => {}
        Err(error @ store::Error::OutOfRange(_)) => report.breach(Rule::Totals, "programme", error),
        Err(error) => return Err(error),
    }
    Ok(report)
}
