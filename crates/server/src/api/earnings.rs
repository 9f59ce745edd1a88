//! What a member earned, from whom, and every line of her ledger.

use std::sync::Arc;

use app::earnings::{self, Statement};
use app::network;
use app::{Caller, LedgerLine};
use axum::Json;
use axum::extract::State;
use domain::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Id, Page, SignedIn};
use crate::problem::Problem;
use crate::wire::{ByLevel, Decimal, List, When, name_for};

/// One commission.
#[derive(Serialize, ToSchema)]
pub(crate) struct CommissionBody {
    level: u8,
    amount_earned: Decimal,
    created_at: When,
    /// What the buyer is called; beyond level 1 a member sees a masked name.
    #[schema(example = "Chetan Gupta")]
    from_user: Option<String>,
    from_user_id: i64,
    purchase_id: i64,
    /// The line of the ledger.
    seq: i64,
}

impl CommissionBody {
    fn new(line: &LedgerLine, caller: &Caller) -> Option<Self> {
        let origin = line.entry.origin()?;
        Some(Self {
            level: origin.level.number(),
            amount_earned: Decimal(line.entry.amount),
            created_at: When(line.entry.created_at),
            from_user: line.from_user.as_ref().map(|name| name_for(caller, origin.level, name).into()),
            from_user_id: origin.source.get(),
            purchase_id: origin.purchase.get(),
            seq: line.entry.seq,
        })
    }
}

/// A member's totals and her newest commissions.
#[derive(Serialize, ToSchema)]
pub(crate) struct EarningsBody {
    user_id: i64,
    currency: String,
    /// Commissions less reversals.
    total_earnings: Decimal,
    /// Commissions, before anything was taken back.
    commissions: Decimal,
    /// What was taken back after refunds.
    reversed: Decimal,
    /// What was paid out.
    paid: Decimal,
    /// Corrections by an admin, of either sign.
    adjusted: Decimal,
    /// What the programme owes her; negative when she owes it.
    balance: Decimal,
    /// The part of the balance that cannot be paid out yet.
    pending: Decimal,
    /// The part of the balance that can be paid out.
    available: Decimal,
    /// Commissions less reversals, by level.
    by_level: ByLevel<Decimal>,
    /// The newest 50 commissions, newest first, by level.
    earnings: ByLevel<Vec<CommissionBody>>,
    /// The newest line of her ledger: where to go on with `register`.
    seq: i64,
}

/// What a member earned.
#[utoipa::path(get, path = "/api/earnings/{user_id}", tag = "earnings", params(("user_id" = i64, Path)),
    responses((status = 200, body = EarningsBody), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn get_earnings(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
) -> Result<Json<EarningsBody>, Problem> {
    let Statement { account, plan, newest, pending } = earnings::statement(&site.app, &caller, user).await?;
    let levels = || plan.levels.iter().map(|(level, _)| level);
    let commissions_at = |level| {
        let at_level = newest.iter().filter(|line| line.entry.origin().is_some_and(|o| o.level == level));
        at_level.filter_map(|line| CommissionBody::new(line, &caller)).collect()
    };
    Ok(Json(EarningsBody {
        user_id: user.get(),
        currency: plan.currency.to_string(),
        total_earnings: Decimal(account.totals.earnings()),
        commissions: Decimal(account.totals.commissions()),
        reversed: Decimal(account.totals.reversed),
        paid: Decimal(account.totals.paid),
        adjusted: Decimal(account.totals.adjusted),
        balance: Decimal(account.totals.balance()),
        pending: Decimal(pending),
        available: Decimal(account.totals.balance().checked_sub(pending).unwrap_or_default()),
        by_level: ByLevel::new(levels(), |level| Decimal(account.totals.by_level.get(level))),
        earnings: ByLevel::new(levels(), commissions_at),
        seq: account.seq,
    }))
}

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
    created_at: When,
}

impl EntryBody {
    pub(crate) fn new(line: &LedgerLine, caller: &Caller) -> Self {
        let LedgerLine { entry, from_user } = line;
        let named = entry.origin().zip(from_user.as_ref());
        Self {
            id: format!("{}-{}", entry.user, entry.seq),
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
            created_at: When(entry.created_at),
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
    let rows = lines.iter().map(|line| EntryBody::new(line, &caller));
    Ok(Json(List::new(rows.collect(), page.limit, |row| row.seq)))
}

/// What one person's purchases earned a member.
#[derive(Serialize, ToSchema)]
pub(crate) struct SourceBody {
    user_id: i64,
    /// Beyond level 1 a member sees a masked name.
    user_name: String,
    level: u8,
    amount_earned: Decimal,
    /// How many purchases that were.
    purchases: i64,
}

/// Where a member's earnings come from.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChartBody {
    user_id: i64,
    level_distribution: ByLevel<Decimal>,
    /// One row for each person who bought, most earned first.
    sources: Vec<SourceBody>,
}

/// Where a member's earnings come from.
#[utoipa::path(get, path = "/api/earnings/{user_id}/chart", tag = "earnings", params(("user_id" = i64, Path)),
    responses((status = 200, body = ChartBody), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn get_chart(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
) -> Result<Json<ChartBody>, Problem> {
    let sources = network::sources(&site.app, &caller, user).await?;
    let levels = sources.plan.levels.iter().map(|(level, _)| level);
    let source = |person: &app::DownlineMember| SourceBody {
        user_id: person.user.id.get(),
        user_name: name_for(&caller, person.level, &person.user.name).into(),
        level: person.level.number(),
        amount_earned: Decimal(person.earned),
        purchases: person.purchases,
    };
    Ok(Json(ChartBody {
        user_id: user.get(),
        level_distribution: ByLevel::new(levels, |level| Decimal(sources.account.totals.by_level.get(level))),
        sources: sources.people.iter().map(source).collect(),
    }))
}
