//! Many purchases in one request, each answered as if it had come alone.

use std::sync::Arc;

use app::purchases::{self, RecordError, Recorded};
use app::{Caller, months};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use domain::Scope;
use serde::Serialize;
use utoipa::ToSchema;

use super::{NewPurchaseBody, new_purchase};
use crate::Site;
use crate::extract::{IdempotencyKey, Lines, SignedIn};
use crate::problem::{FieldError, Problem};

/// What became of one line.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineBody {
    /// The number of the line, blank ones counted.
    #[schema(example = 1)]
    line: usize,
    /// The status that the line would have had alone: 201, 200 when it was
    /// recorded before, or that of a problem.
    #[schema(example = 201)]
    status: u16,
    /// The purchase, or the other one that has its reference; that only for
    /// callers with `read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    purchase_id: Option<i64>,
    /// The kind of problem for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// What is wrong, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What is wrong with which field of the line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// Report many purchases.
///
/// One JSON object a line, up to 10,000 lines and 8 MiB, each as `POST
/// /api/purchases` takes it. A line that is refused disturbs no other. The
/// answer has one line for each, in their order. Give every purchase a
/// reference, so that all of them can be sent again.
#[utoipa::path(post, path = "/api/purchases/bulk", tag = "purchases",
    request_body(content = NewPurchaseBody, content_type = "application/x-ndjson"),
    responses(
        (status = 200, description = "Every line was looked at; see its `status`", body = LineBody, content_type = "application/x-ndjson"),
        (status = 403, body = Problem),
        (status = 413, description = "`payload_too_large`: nothing was recorded", body = Problem),
        (status = 415, description = "`unsupported_media_type`", body = Problem)))]
pub(crate) async fn create_purchases(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    lines: Result<Lines<NewPurchaseBody>, Problem>,
) -> Result<Response, Problem> {
    caller.require(Scope::PurchasesWrite)?;
    let calendar = months::calendar(&site.app).await?;
    let mut sent = Vec::new();
    let lines: Vec<(usize, Option<Problem>)> = lines?
        .0
        .into_iter()
        .map(|(line, read)| {
            match read.and_then(|body| new_purchase(body, IdempotencyKey::default(), &calendar)) {
                Ok(purchase) => {
                    sent.push(purchase);
                    (line, None)
                }
                Err(problem) => (line, Some(problem)),
            }
        })
        .collect();
    let mut answers = purchases::record_bulk(&site.app, &caller, sent).await?.into_iter();
    let mut body = Vec::with_capacity(64 * lines.len());
    for (line, refused) in lines {
        let line = match refused {
            Some(problem) => LineBody::refused(line, problem),
            None => {
                LineBody::answered(line, &caller, answers.next().expect("an answer to each that was sent"))
            }
        };
        serde_json::to_writer(&mut body, &line).expect("a Vec takes all");
        body.push(b'\n');
    }
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

impl LineBody {
    fn answered(line: usize, caller: &Caller, answer: Result<Recorded, RecordError>) -> Self {
        match answer {
            Ok(Recorded { purchase, replayed, .. }) => {
                let status = if replayed { StatusCode::OK } else { StatusCode::CREATED };
                let (code, detail, errors) = (None, None, Vec::new());
                Self {
                    line,
                    status: status.as_u16(),
                    purchase_id: Some(purchase.id.get()),
                    code,
                    detail,
                    errors,
                }
            }
            Err(error) => Self::refused(line, Problem::from(error).told_to(caller)),
        }
    }

    fn refused(line: usize, problem: Problem) -> Self {
        let Problem { status, code, detail, errors, holder, .. } = problem;
        let (purchase_id, code, detail) = (holder.purchase_id, Some(code), Some(detail));
        Self { line, status, purchase_id, code, detail, errors }
    }
}
