//! Payouts: money sent to members, as lists and as a file.

use std::sync::Arc;

use app::payouts;
use app::{App, Caller, Member, csv_cell};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::{Payout, PayoutId, PayoutRunId, PayoutState, UserId};
use futures_util::stream;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{Id, Page, SignedIn};
use crate::problem::Problem;
use crate::wire::{Decimal, List, When};
use crate::{Rfc3339, Site, csv};

/// Payouts that are read together for a file.
const FILE_PAGE: usize = 1_000;

/// Money sent to one member.
#[derive(Serialize, ToSchema)]
pub(crate) struct PayoutBody {
    payout_id: i64,
    /// The run that made it.
    run_id: i64,
    /// To whom.
    user_id: i64,
    #[schema(example = "Asha Rao")]
    user_name: String,
    amount: Decimal,
    /// `pending`, `paid` or `failed`.
    #[schema(example = "pending")]
    status: &'static str,
    /// Why it failed.
    reason: Option<String>,
    created_at: When,
    /// When it was said to be paid or failed.
    settled_at: Option<When>,
}

impl From<(Payout, Member)> for PayoutBody {
    fn from((payout, member): (Payout, Member)) -> Self {
        let status = payout.state.status().name();
        let (reason, settled_at) = match payout.state {
            PayoutState::Pending => (None, None),
            PayoutState::Paid(at) => (None, Some(When(at))),
            PayoutState::Failed(at, reason) => (Some(reason.to_string()), Some(When(at))),
        };
        Self {
            payout_id: payout.id.get(),
            run_id: payout.run.get(),
            user_id: payout.user.get(),
            user_name: member.user.name.to_string(),
            amount: Decimal(payout.amount),
            status,
            reason,
            created_at: When(payout.created_at),
            settled_at,
        }
    }
}

/// The payouts of a run, in the order of their ids.
///
/// Needs `read` or `payouts:write`.
#[utoipa::path(get, path = "/api/payouts/runs/{run_id}/payouts", tag = "payouts",
    params(("run_id" = i64, Path), ("limit" = Option<u8>, Query, description = "1 to 100, 20 by default"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<PayoutBody>), (status = 403, body = Problem),
        (status = 404, description = "`payout_run_not_found`", body = Problem)))]
pub(crate) async fn list_payouts_of_run(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(run): Id<PayoutRunId>,
    page: Result<Page, Problem>,
) -> Result<Json<List<PayoutBody>>, Problem> {
    payouts::may_look(&caller)?;
    let page = page?;
    let after = PayoutId::new(page.before.unwrap_or(0));
    let payouts = payouts::of_run(&site.app, &caller, run, after, page.limit + 1).await?;
    let rows = payouts.into_iter().map(PayoutBody::from);
    Ok(Json(List::new(rows.collect(), page.limit, |row| row.payout_id)))
}

/// The payouts to a member, newest first.
///
/// For herself, and with `read` or `payouts:write`.
#[utoipa::path(get, path = "/api/users/{user_id}/payouts", tag = "payouts",
    params(("user_id" = i64, Path), ("limit" = Option<u8>, Query, description = "1 to 100, 20 by default"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<PayoutBody>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn list_payouts_of_user(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
    page: Page,
) -> Result<Json<List<PayoutBody>>, Problem> {
    let before = page.before.map(PayoutId::new);
    let payouts = payouts::of_user(&site.app, &caller, user, before, page.limit + 1).await?;
    let rows = payouts.into_iter().map(PayoutBody::from);
    Ok(Json(List::new(rows.collect(), page.limit, |row| row.payout_id)))
}

/// The columns of a file of payouts.
pub const PAYOUT_COLUMNS: [&str; 10] = [
    "payout_id",
    "run_id",
    "user_id",
    "user_name",
    "user_email",
    "amount",
    "status",
    "reason",
    "created_at",
    "settled_at",
];

/// What stands in the columns of one payout. What somebody typed is not guarded
/// against spreadsheets yet.
pub fn payout_cells(payout: &Payout, member: &Member) -> [String; PAYOUT_COLUMNS.len()] {
    let (reason, settled_at) = match &payout.state {
        PayoutState::Pending => (String::new(), None),
        PayoutState::Paid(at) => (String::new(), Some(*at)),
        PayoutState::Failed(at, reason) => (reason.to_string(), Some(*at)),
    };
    [
        payout.id.to_string(),
        payout.run.to_string(),
        payout.user.to_string(),
        member.user.name.to_string(),
        member.user.email.to_string(),
        payout.amount.to_string(),
        payout.state.status().to_string(),
        reason,
        Rfc3339(payout.created_at).to_string(),
        settled_at.map(|at| Rfc3339(at).to_string()).unwrap_or_default(),
    ]
}

/// The payouts of a run as a file for spreadsheets.
///
/// All of them, in the order of their ids, with the names and addresses of their
/// members. A text that a spreadsheet would run as a formula begins with `'`.
/// Needs `read` or `payouts:write`.
#[utoipa::path(get, path = "/api/payouts/runs/{run_id}/payouts.csv", tag = "payouts",
    params(("run_id" = i64, Path)),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 403, body = Problem),
        (status = 404, description = "`payout_run_not_found`", body = Problem)))]
pub(crate) async fn download_payouts_of_run(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(run): Id<PayoutRunId>,
) -> Result<Response, Problem> {
    payouts::run(&site.app, &caller, run).await?;
    let name = format!("attachment; filename=\"payouts-run-{run}.csv\"");
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    let mut heading = String::new();
    csv::write_row(&mut heading, &PAYOUT_COLUMNS);
    let file = File { app: Arc::clone(&site.app), caller, run, after: PayoutId::new(0) };
    let parts = stream::try_unfold((Some(heading), file), |(heading, file)| file.part(heading));
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// A file of the payouts of a run, as far as it was written.
struct File {
    app: Arc<App>,
    caller: Caller,
    run: PayoutRunId,
    after: PayoutId,
}

impl File {
    /// The heading, then some payouts at a time.
    async fn part(
        mut self,
        heading: Option<String>,
    ) -> Result<Option<(String, (Option<String>, Self))>, payouts::PayoutError> {
        if let Some(heading) = heading {
            return Ok(Some((heading, (None, self))));
        }
        let page = payouts::of_run(&self.app, &self.caller, self.run, self.after, FILE_PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(None) };
        self.after = last.id;
        let mut rows = String::new();
        for (payout, member) in &page {
            let cells = payout_cells(payout, member);
            csv::write_row(&mut rows, &cells.each_ref().map(|cell| csv_cell::guard(cell)));
        }
        Ok(Some((rows, (None, self))))
    }
}
