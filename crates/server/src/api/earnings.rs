//! What a member earned, and from whom.

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::Arc;

use app::earnings::{self, Statement};
use app::network::{self, Others};
use app::{Caller, Commission, DownlineMember, SourceRank};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{Money, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Id, PAGE_MAX, Page, SignedIn};
use crate::problem::Problem;
use crate::wire::{ByLevel, Decimal, When, name_for};

/// One commission.
#[derive(Serialize, ToSchema)]
pub(crate) struct CommissionBody<'a> {
    level: u8,
    amount_earned: Decimal,
    created_at: When,
    /// What the buyer is called; beyond level 1 a member sees a masked name.
    #[schema(example = "Chetan Gupta")]
    from_user: Cow<'a, str>,
    from_user_id: i64,
    purchase_id: i64,
    /// The line of the ledger.
    seq: i64,
}

impl<'a> CommissionBody<'a> {
    fn new(commission: &'a Commission, caller: &Caller) -> Self {
        let Commission { seq, amount, origin, from_user, occurred_at } = commission;
        Self {
            level: origin.level.number(),
            amount_earned: Decimal(*amount),
            created_at: When(*occurred_at),
            from_user: name_for(caller, origin.level, from_user),
            from_user_id: origin.source.get(),
            purchase_id: origin.purchase.get(),
            seq: *seq,
        }
    }
}

/// A member's totals and her newest commissions.
#[derive(Serialize, ToSchema)]
pub(crate) struct EarningsBody<'a> {
    user_id: i64,
    currency: &'a str,
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
    earnings: ByLevel<Vec<CommissionBody<'a>>>,
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
) -> Result<Response, Problem> {
    let statement = earnings::statement(&site.app, &caller, user).await?;
    let levels = || statement.levels();
    let Statement { account, plan, newest, pending, available } = &statement;
    let commissions_at = |level| {
        let at_level = newest.iter().filter(|commission| commission.origin.level == level);
        at_level.map(|commission| CommissionBody::new(commission, &caller)).collect()
    };
    let body = EarningsBody {
        user_id: user.get(),
        currency: plan.currency.as_str(),
        total_earnings: Decimal(account.totals.earnings()),
        commissions: Decimal(account.totals.commissions()),
        reversed: Decimal(account.totals.reversed),
        paid: Decimal(account.totals.paid),
        adjusted: Decimal(account.totals.adjusted),
        balance: Decimal(account.totals.balance()),
        pending: Decimal(*pending),
        available: Decimal(*available),
        by_level: ByLevel::new(levels(), |level| Decimal(account.totals.by_level.get(level))),
        earnings: ByLevel::new(levels(), commissions_at),
        seq: account.seq,
    };
    Ok(Json(body).into_response())
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

/// What all those came to who are not among the rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct OthersBody {
    people: i64,
    amount_earned: Decimal,
    purchases: i64,
}

/// Where a member's earnings come from.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChartBody {
    user_id: i64,
    level_distribution: ByLevel<Decimal>,
    /// One row for each person who bought, most earned first.
    sources: Vec<SourceBody>,
    /// Everybody else who bought: with the rows they are all that was earned.
    others: OthersBody,
    /// What to send as `cursor` for the next rows; null when these are the last.
    #[schema(example = "5500.2")]
    next_cursor: Option<String>,
}

/// The last row of a part of the chart, as a cursor: `PAISE.USER`.
pub(crate) struct SourceCursor(SourceRank);

impl FromStr for SourceCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (earned, source) = text.split_once('.').ok_or(())?;
        let earned = Money::from_paise(earned.parse().map_err(drop)?);
        Ok(Self(SourceRank { earned, source: source.parse().map_err(drop)? }))
    }
}

fn cursor(last: &DownlineMember) -> String {
    format!("{}.{}", last.earned.paise(), last.user.id)
}

/// Where a member's earnings come from.
#[utoipa::path(get, path = "/api/earnings/{user_id}/chart", tag = "earnings",
    params(("user_id" = i64, Path),
        ("limit" = Option<u8>, Query, description = "1 to 100 rows, 100 by default"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = ChartBody), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn get_chart(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
    page: Result<Page<SourceCursor, PAGE_MAX>, Problem>,
) -> Result<Json<ChartBody>, Problem> {
    caller.may_see(user)?;
    let Page { before: after, limit } = page?;
    let after = after.map(|SourceCursor(rank)| rank);
    let sources = network::sources(&site.app, &caller, user, after, limit).await?;
    let source = |person: &DownlineMember| SourceBody {
        user_id: person.user.id.get(),
        user_name: name_for(&caller, person.level, &person.user.name).into(),
        level: person.level.number(),
        amount_earned: Decimal(person.earned),
        purchases: person.purchases,
    };
    let Others { people, purchases, earned } = sources.others;
    Ok(Json(ChartBody {
        user_id: user.get(),
        level_distribution: ByLevel::new(sources.levels(), |level| {
            Decimal(sources.account.totals.by_level.get(level))
        }),
        sources: sources.people.iter().map(source).collect(),
        others: OthersBody { people, purchases, amount_earned: Decimal(earned) },
        next_cursor: sources.people.last().filter(|_| sources.more).map(cursor),
    }))
}
