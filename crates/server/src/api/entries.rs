//! The lines of ledgers, and why each is there.

use std::sync::Arc;

use app::csv_cell::guard;
use app::earnings::{self, Posted};
use app::explain::{self, Link, Sale};
use app::{Caller, LedgerLine};
use axum::Json;
use axum::extract::State;
use domain::{Cause, EntryId, Reason, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Id, Page, SignedIn};
use crate::problem::Problem;
use crate::wire::{Decimal, List, When, name_for};

/// One line of a ledger.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntryBody {
    #[schema(example = "42-17")]
    id: String,
    user_id: i64,
    seq: i64,
    /// `commission`, `reversal`, `payout`, `payout_returned` or `adjustment`.
    #[schema(example = "commission")]
    kind: &'static str,
    level: Option<u8>,
    amount: Decimal,
    /// The balance after this line.
    balance: Decimal,
    /// Commissions less reversals, after this line.
    total_earnings: Decimal,
    purchase_id: Option<i64>,
    from_user_id: Option<i64>,
    from_user: Option<String>,
    /// The refund that took this back.
    refund_id: Option<i64>,
    /// The payout that was sent, or came back.
    payout_id: Option<i64>,
    adjustment_id: Option<i64>,
    /// Why a payout came back, or the balance was adjusted.
    reason: Option<String>,
    /// When what stands behind it happened.
    created_at: When,
    /// Which month, and which day, it belongs to.
    booked_at: When,
    /// When it can be paid out, where that is later.
    matures_at: Option<When>,
}

/// What a line goes back to besides a sale; at most one of these.
#[derive(Default)]
struct Documents {
    refund: Option<i64>,
    payout: Option<i64>,
    adjustment: Option<i64>,
}

impl Documents {
    fn of(cause: Cause) -> Self {
        match cause {
            Cause::Commission(_) => Self::default(),
            Cause::Reversal(_, refund) => Self { refund: Some(refund.get()), ..Self::default() },
            Cause::Payout(payout) | Cause::PayoutReturned(payout) => {
                Self { payout: Some(payout.get()), ..Self::default() }
            }
            Cause::Adjustment(adjustment) => Self { adjustment: Some(adjustment.get()), ..Self::default() },
        }
    }
}

impl EntryBody {
    /// The heading of a file of lines.
    pub(super) const COLUMNS: [&str; 13] = [
        "id",
        "created_at",
        "booked_at",
        "kind",
        "level",
        "from_user",
        "purchase_id",
        "refund_id",
        "payout_id",
        "adjustment_id",
        "reason",
        "amount",
        "balance",
    ];

    /// The line as a row under that heading.
    pub(super) fn cells(&self) -> [String; 13] {
        let number = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
        let typed = |text: Option<&str>| text.map_or_else(String::new, |text| guard(text).into_owned());
        [
            self.id.clone(),
            self.created_at.to_string(),
            self.booked_at.to_string(),
            self.kind.to_owned(),
            number(self.level.map(i64::from)),
            typed(self.from_user.as_deref()),
            number(self.purchase_id),
            number(self.refund_id),
            number(self.payout_id),
            number(self.adjustment_id),
            typed(self.reason.as_deref()),
            self.amount.0.to_string(),
            self.balance.0.to_string(),
        ]
    }

    pub(crate) fn new(posted: &Posted, caller: &Caller) -> Self {
        let Posted { line: LedgerLine { entry, from_user }, reason } = posted;
        let named = entry.origin().zip(from_user.as_ref());
        let Documents { refund, payout, adjustment } = Documents::of(entry.cause);
        Self {
            id: entry.id().to_string(),
            user_id: entry.user.get(),
            seq: entry.seq,
            kind: entry.kind().name(),
            level: entry.origin().map(|origin| origin.level.number()),
            amount: Decimal(entry.amount),
            balance: Decimal(entry.totals.balance()),
            total_earnings: Decimal(entry.totals.earnings()),
            purchase_id: entry.origin().map(|origin| origin.purchase.get()),
            from_user_id: entry.origin().map(|origin| origin.source.get()),
            from_user: named.map(|(origin, name)| name_for(caller, origin.level, name).into()),
            refund_id: refund,
            payout_id: payout,
            adjustment_id: adjustment,
            reason: reason.as_ref().map(Reason::to_string),
            created_at: When(entry.times.occurred_at),
            booked_at: When(entry.times.booked_at),
            matures_at: entry.times.matures_at.map(When),
        }
    }
}

/// Every line of a member's ledger, newest first.
#[utoipa::path(get, path = "/api/earnings/{user_id}/entries", tag = "earnings",
    params(("user_id" = i64, Path), ("limit" = Option<u8>, Query, description = "1 to 100, 20 by default"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<EntryBody>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn list_entries(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
    page: Page,
) -> Result<Json<List<EntryBody>>, Problem> {
    let lines = earnings::entries(&site.app, &caller, user, page.before, page.limit + 1).await?;
    let rows = lines.iter().map(|posted| EntryBody::new(posted, &caller));
    Ok(Json(List::new(rows.collect(), page.limit, |row| row.seq)))
}

/// The purchase that a line goes back to.
#[derive(Serialize, ToSchema)]
pub(crate) struct SaleBody {
    purchase_id: i64,
    amount: Decimal,
    /// How much of the amount was given back.
    refunded: Decimal,
    /// How much of the amount is left.
    net: Decimal,
    /// The version of the plan it was made under.
    plan_version: i64,
    created_at: When,
}

impl From<&Sale> for SaleBody {
    fn from(sale: &Sale) -> Self {
        let purchase = &sale.purchase;
        Self {
            purchase_id: purchase.id.get(),
            amount: Decimal(purchase.amount),
            refunded: Decimal(purchase.refunded),
            net: Decimal(purchase.net()),
            plan_version: purchase.plan.get(),
            created_at: When(purchase.occurred_at),
        }
    }
}

/// What one level came to, step by step.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkBody {
    #[schema(example = 1)]
    level: u8,
    /// Who stands at that level; null when the upline ends before it.
    user_id: Option<i64>,
    user_name: Option<String>,
    /// `paid`, `capped`, `below_threshold`, `inactive`, `no_referrer` or `rounds_to_zero`.
    #[schema(example = "paid")]
    outcome: &'static str,
    #[schema(example = "5%")]
    rate: String,
    /// What the rate is applied to: the amount of the purchase, or what a refund left of it.
    base: Decimal,
    /// The rate's share of the base before it is rounded, with up to six places.
    #[schema(example = "50.065")]
    exact: String,
    /// What is earned.
    amount: Decimal,
}

impl From<&Link> for LinkBody {
    fn from(link: &Link) -> Self {
        let Link { decision, name, base, exact } = link;
        Self {
            level: decision.level.number(),
            user_id: decision.earner.map(|earner| earner.user.get()),
            user_name: name.as_ref().map(ToString::to_string),
            outcome: decision.outcome.name(),
            rate: decision.rate.to_string(),
            base: Decimal(*base),
            exact: exact.to_string(),
            amount: Decimal(decision.amount),
        }
    }
}

/// A line of a ledger and why it is there.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExplainedBody {
    entry: EntryBody,
    /// Only behind commissions and reversals.
    purchase: Option<SaleBody>,
    /// Why the line is there, in words.
    #[schema(example = json!(["Level 1: Bina Shah (active) earned 100.00: 5% of 2000.00 is 100.00."]))]
    sentences: Vec<String>,
    /// What each level came to by the purchase, or after the refund; a member
    /// sees her own level alone. Only behind commissions and reversals.
    chain: Option<Vec<LinkBody>>,
}

/// Why is this line in the ledger?
#[utoipa::path(get, path = "/api/entries/{entry_id}/explain", tag = "earnings",
    params(("entry_id" = String, Path, description = "The user and the number of the line", example = "42-17")),
    responses((status = 200, body = ExplainedBody), (status = 403, body = Problem),
        (status = 404, description = "`entry_not_found`", body = Problem)))]
pub(crate) async fn explain_entry(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(entry): Id<EntryId>,
) -> Result<Json<ExplainedBody>, Problem> {
    let explained = explain::entry(&site.app, &caller, entry).await?;
    Ok(Json(ExplainedBody {
        entry: EntryBody::new(&explained.posted, &caller),
        purchase: explained.why.sale().map(SaleBody::from),
        sentences: explained.sentences(),
        chain: explained.why.chain().map(|chain| chain.iter().map(LinkBody::from).collect()),
    }))
}
