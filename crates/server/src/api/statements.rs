//! The statement of a month, as JSON and as a file for spreadsheets.

use std::sync::Arc;

use app::earnings::{self, MONTH_LINES_MAX, MonthLine, MonthLines, MonthStatement};
use app::{Caller, StoreError};
use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use domain::{InvalidMonth, Money, Month, Totals, UserId};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entries::EntryBody;
use super::months::MonthBody;
use crate::extract::{Id, SignedIn};
use crate::problem::Problem;
use crate::wire::Decimal;
use crate::{Site, csv};

/// Which month is asked for: `?month=`, or this one.
pub(crate) struct InMonth(Option<Month>);

#[derive(Deserialize)]
struct MonthQuery {
    month: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for InMonth {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let invalid =
            |detail: String| Problem::new(StatusCode::BAD_REQUEST, "invalid_query", "Invalid query", detail);
        let query = Query::<MonthQuery>::from_request_parts(parts, state).await;
        let Query(query) = query.map_err(|_| invalid("`month` may be given once.".into()))?;
        let month = query.month.map(|text| text.parse()).transpose();
        month.map(Self).map_err(|error: InvalidMonth| invalid(format!("`month` {error}.")))
    }
}

/// What a month did to a member's ledger.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatementBody {
    user_id: i64,
    #[schema(example = "Asha Rao")]
    user_name: String,
    #[serde(flatten)]
    month: MonthBody,
    currency: String,
    /// The balance before the first line.
    opening_balance: Decimal,
    /// The balance after the last line.
    closing_balance: Decimal,
    /// Commissions of the month, before anything was taken back.
    commissions: Decimal,
    /// What was taken back in it.
    reversed: Decimal,
    /// What was paid out in it, less what came back.
    paid: Decimal,
    /// Corrections in it, of either sign.
    adjusted: Decimal,
    /// The lines of the month, in the order of their booking; at most 10,000.
    entries: Vec<StatementLine>,
    /// Whether there are more lines; the file has them all.
    truncated: bool,
}

/// A line of a ledger in the statement of its month.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatementLine {
    #[serde(flatten)]
    entry: EntryBody,
    /// The statement's balance after this line. `balance` is that of its `seq`:
    /// they differ where a line was booked late.
    statement_balance: Decimal,
}

impl StatementLine {
    fn new(line: &MonthLine, caller: &Caller) -> Self {
        let statement_balance = Decimal(line.balance);
        Self { entry: EntryBody::new(&line.posted, caller), statement_balance }
    }

    fn cells(&self) -> Vec<String> {
        let balance = self.statement_balance.0.to_string();
        self.entry.cells().into_iter().chain([balance]).collect()
    }
}

impl StatementBody {
    fn new(user: UserId, statement: &MonthStatement, caller: &Caller) -> Result<Self, StoreError> {
        let MonthStatement { opening, closing, .. } = statement;
        let moved = |sum: fn(&Totals) -> Money| {
            let moved = sum(closing).checked_sub(sum(opening));
            moved.map(Decimal).ok_or(StoreError::OutOfRange("the lines of the month"))
        };
        Ok(Self {
            user_id: user.get(),
            user_name: statement.name.to_string(),
            month: MonthBody::from(&statement.month),
            currency: statement.currency.to_string(),
            opening_balance: Decimal(opening.balance()),
            closing_balance: Decimal(closing.balance()),
            commissions: moved(Totals::commissions)?,
            reversed: moved(|totals| totals.reversed)?,
            paid: moved(|totals| totals.paid)?,
            adjusted: moved(|totals| totals.adjusted)?,
            entries: statement.lines.iter().map(|line| StatementLine::new(line, caller)).collect(),
            truncated: usize::try_from(statement.line_count).is_ok_and(|count| count > MONTH_LINES_MAX),
        })
    }
}

/// The statement of a month.
#[utoipa::path(get, path = "/api/earnings/{user_id}/statement", tag = "earnings",
    params(("user_id" = i64, Path),
        ("month" = Option<String>, Query, description = "As in 2026-11; this month by default")),
    responses((status = 200, body = StatementBody), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn get_statement(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
    month: Result<InMonth, Problem>,
) -> Result<Json<StatementBody>, Problem> {
    caller.may_see(user)?;
    let InMonth(month) = month?;
    let statement = earnings::month(&site.app, &caller, user, month).await?;
    Ok(Json(StatementBody::new(user, &statement, &caller)?))
}

/// The statement of a month as a file for spreadsheets.
///
/// Every line of the month, in the order of their booking. A text that a spreadsheet would run
/// as a formula begins with `'`.
#[utoipa::path(get, path = "/api/earnings/{user_id}/statement.csv", tag = "earnings",
    params(("user_id" = i64, Path),
        ("month" = Option<String>, Query, description = "As in 2026-11; this month by default")),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(crate) async fn download_statement(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
    month: Result<InMonth, Problem>,
) -> Result<Response, Problem> {
    caller.may_see(user)?;
    let InMonth(month) = month?;
    let lines = earnings::month_lines(&site.app, &caller, user, month).await?;
    let name = format!("attachment; filename=\"statement-{user}-{}.csv\"", lines.month);
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    let mut heading = String::new();
    let columns: Vec<&str> = EntryBody::COLUMNS.into_iter().chain(["statement_balance"]).collect();
    csv::write_row(&mut heading, &columns);
    let parts =
        stream::try_unfold((Some(heading), lines), move |(heading, lines)| part(caller, heading, lines));
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// The heading, then some lines at a time.
async fn part(
    caller: Caller,
    heading: Option<String>,
    mut lines: MonthLines,
) -> Result<Option<(String, (Option<String>, MonthLines))>, StoreError> {
    if let Some(heading) = heading {
        return Ok(Some((heading, (None, lines))));
    }
    let Some(page) = lines.next().await? else { return Ok(None) };
    let mut rows = String::new();
    for line in &page {
        csv::write_row(&mut rows, &StatementLine::new(line, &caller).cells());
    }
    Ok(Some((rows, (None, lines))))
}
