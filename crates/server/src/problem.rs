//! Errors as RFC 9457 problems, and the one place where each error of the
//! application gets its status and its code.

mod access;
mod plans;

use app::adjustments::AdjustError;
use app::members::{ChangeError, RegisterError};
use app::months::{MonthError, SetTimeZoneError};
use app::payouts::PayoutError;
use app::purchases::RecordError;
use app::refunds::RefundError;
use app::{Caller, ReadError, StoreError};
use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::Scope;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::notes_error;

/// Why a request failed.
///
/// `code` is stable and meant for programs; `title` and `detail` are for people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:banyan:problem:referral_limit_reached")]
    pub kind: String,
    /// The kind of problem in words.
    #[schema(example = "Referral limit reached")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 409)]
    pub status: u16,
    /// What is wrong this time, and how to mend it.
    pub detail: String,
    /// The path that was asked for.
    #[schema(example = "/api/users/register")]
    pub instance: String,
    /// The kind of problem for programs.
    #[schema(example = "referral_limit_reached")]
    pub code: &'static str,
    /// The `X-Request-Id` of this answer, to be quoted to the operator.
    pub request_id: String,
    /// What is wrong with which field of the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What has what was to be unique; only for callers with `read`.
    #[serde(flatten)]
    pub holder: Holder,
    #[serde(skip)]
    retry_after_seconds: Option<u64>,
}

/// What has the address, the number or the reference that somebody else cannot
/// have, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Holder {
    /// The member who has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<i64>,
    /// The purchase that has it, or whose refund has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_id: Option<i64>,
    /// The payout run that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<i64>,
}

impl From<domain::UserId> for Holder {
    fn from(user: domain::UserId) -> Self {
        Self { user_id: Some(user.get()), ..Self::default() }
    }
}

impl From<domain::PurchaseId> for Holder {
    fn from(purchase: domain::PurchaseId) -> Self {
        Self { purchase_id: Some(purchase.get()), ..Self::default() }
    }
}

impl From<domain::PayoutRunId> for Holder {
    fn from(run: domain::PayoutRunId) -> Self {
        Self { run_id: Some(run.get()), ..Self::default() }
    }
}

/// What is wrong with one field of a body.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// Where, as a JSON pointer (RFC 6901).
    #[schema(example = "/email")]
    pub pointer: String,
    /// What is wrong.
    #[schema(example = "must be an e-mail address such as \"asha@example.com\"")]
    pub detail: String,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl ToString) -> Self {
        Self {
            kind: format!("urn:banyan:problem:{code}"),
            title,
            status: status.as_u16(),
            detail: detail.to_string(),
            instance: String::new(),
            code,
            request_id: String::new(),
            errors: Vec::new(),
            holder: Holder::default(),
            retry_after_seconds: None,
        }
    }

    /// A body that is JSON, but not what was asked for.
    pub fn invalid_body(errors: Vec<FieldError>) -> Self {
        let detail = "The body does not have the expected fields; see `errors`.";
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body", "Invalid body", detail) }
    }

    /// Terms that are no plan.
    pub fn invalid_plan(errors: Vec<FieldError>) -> Self {
        let detail = "These terms do not make a plan; see `errors`.";
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_plan", "Invalid plan", detail) }
    }

    /// One field of the body whose content is wrong in a way that has a code of its own.
    pub fn field(code: &'static str, title: &'static str, pointer: &str, detail: impl ToString) -> Self {
        let errors = vec![FieldError { pointer: pointer.into(), detail: detail.to_string() }];
        let field = pointer.trim_start_matches('/');
        let detail = format!("`{field}` {}.", detail.to_string());
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, title, detail) }
    }

    /// Something went wrong inside; the log has it under the request id.
    pub fn internal() -> Self {
        let detail = "Something went wrong on our side. Quote the request id to the operator.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
    }

    /// There is nothing at this address.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found", "There is nothing at this address.")
    }

    /// Too many requests of a kind; the next can come after some seconds.
    pub(crate) fn rate_limited(detail: impl ToString, seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests", detail)
            .retry_after(seconds)
    }

    /// More came than can be taken; the caller comes back after some seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// What must be unique is taken.
    fn taken(code: &'static str, title: &'static str, detail: impl ToString, by: impl Into<Holder>) -> Self {
        Self { holder: by.into(), ..Self::new(StatusCode::CONFLICT, code, title, sentence(detail)) }
    }

    /// The problem as this caller may be told of it: who has what is taken is for
    /// those who may read all.
    #[must_use]
    pub(crate) fn told_to(self, caller: &Caller) -> Self {
        match caller.require(Scope::Read) {
            Ok(()) => self,
            Err(_) => Self { holder: Holder::default(), ..self },
        }
    }

    /// The final answer, once the request it belongs to is known.
    pub(crate) fn answer(mut self, instance: String, request_id: String) -> Response {
        self.instance = instance;
        self.request_id = request_id;
        let status = StatusCode::from_u16(self.status).expect("made from a StatusCode");
        let retry_after = self.retry_after_seconds;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert("www-authenticate", HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// Leaves the problem in the response's extensions; the [`gate`](crate::gate)
/// writes the body when it adds the path and the request id.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).expect("made from a StatusCode");
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Denied(denied) => denied.into(),
            ReadError::UserNotFound(user) => user_not_found(user),
            ReadError::PurchaseNotFound(purchase) => purchase_not_found(purchase),
            ReadError::EntryNotFound(_) => {
                Self::new(StatusCode::NOT_FOUND, "entry_not_found", "Entry not found", sentence(error))
            }
            ReadError::Store(error) => error.into(),
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        use RegisterError as E;
        let (status, code, title) = match error {
            E::Denied(denied) => return denied.into(),
            E::Crowded(crowded) => return crowded.into(),
            E::Store(error) => return error.into(),
            E::ReferenceNotAllowed => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_not_allowed",
                "Idempotency key not allowed",
            ),
            E::EmailTaken(by) => return Self::taken("email_taken", "E-mail taken", &error, by),
            E::ExternalIdTaken(_, by) => return external_id_taken(&error, by),
            E::ShopFieldsNotAllowed => {
                (StatusCode::UNPROCESSABLE_ENTITY, "shop_fields_not_allowed", "Shop fields not allowed")
            }
            E::InvalidReferralCode => {
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid_referral_code", "Invalid referral code")
            }
            E::ReferrerInactive => {
                (StatusCode::UNPROCESSABLE_ENTITY, "referrer_inactive", "Referrer inactive")
            }
            E::ReferralLimitReached(_) => {
                (StatusCode::CONFLICT, "referral_limit_reached", "Referral limit reached")
            }
            E::ReferenceReused(_, by) => return reference_reused(&error, by),
        };
        Self::new(status, code, title, sentence(error))
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        use ChangeError as E;
        match error {
            E::Denied(denied) => denied.into(),
            E::Store(error) => error.into(),
            E::UserNotFound(user) => user_not_found(user),
            E::ExternalIdTaken(_, by) => external_id_taken(&error, by),
            E::Metadata(why) => Self::invalid_body(vec![notes_error(why)]),
        }
    }
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        use RecordError as E;
        let (status, code, title) = match error {
            E::Denied(denied) => return denied.into(),
            E::Store(error) => return error.into(),
            E::UserNotFound(user) => return user_not_found(user),
            E::ExternalIdNotFound(_) => (StatusCode::NOT_FOUND, "user_not_found", "User not found"),
            E::Overloaded => return overloaded(),
            E::OutcomeUnknown => return outcome_unknown(),
            E::CurrencyMismatch { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "currency_mismatch", "Currency mismatch")
            }
            E::InTheFuture => (StatusCode::UNPROCESSABLE_ENTITY, "in_the_future", "In the future"),
            E::TooLongAgo(_) => (StatusCode::UNPROCESSABLE_ENTITY, "too_long_ago", "Too long ago"),
            E::ReferenceReused(_, by) => return reference_reused(&error, by),
        };
        Self::new(status, code, title, sentence(error))
    }
}

impl From<MonthError> for Problem {
    fn from(error: MonthError) -> Self {
        use MonthError as E;
        let (code, title) = match error {
            E::Denied(denied) => return denied.into(),
            E::Store(error) => return error.into(),
            E::NotEnded(_) => ("month_not_ended", "Month not ended"),
            E::NotNext(_) => ("month_not_next", "Month not next"),
            E::NotClosed(_) => ("month_not_closed", "Month not closed"),
            E::NotNewest(_) => ("month_not_newest", "Month not newest"),
        };
        Self::new(StatusCode::CONFLICT, code, title, sentence(error))
    }
}

impl From<SetTimeZoneError> for Problem {
    fn from(error: SetTimeZoneError) -> Self {
        use SetTimeZoneError as E;
        match error {
            E::Denied(denied) => denied.into(),
            E::Store(error) => error.into(),
            E::Unknown(_) => {
                Self::field("unknown_time_zone", "Unknown time zone", "/time_zone", sentence(error))
            }
        }
    }
}

impl From<RefundError> for Problem {
    fn from(error: RefundError) -> Self {
        use RefundError as E;
        let (status, code, title) = match error {
            E::Denied(denied) => return denied.into(),
            E::Store(error) => return error.into(),
            E::PurchaseNotFound(purchase) => return purchase_not_found(purchase),
            E::NoSuchReference(_) => (StatusCode::NOT_FOUND, "purchase_not_found", "Purchase not found"),
            E::ExceedsPurchase(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "refund_exceeds_purchase", "Refund exceeds purchase")
            }
            E::ReferenceReused(_, by) => return reference_reused(&error, by),
        };
        Self::new(status, code, title, sentence(error))
    }
}

impl From<PayoutError> for Problem {
    fn from(error: PayoutError) -> Self {
        use PayoutError as E;
        let (status, code, title) = match error {
            E::Denied(denied) => return denied.into(),
            E::Store(error) => return error.into(),
            E::UserNotFound(user) => return user_not_found(user),
            E::NothingDue(_) => (StatusCode::UNPROCESSABLE_ENTITY, "nothing_due", "Nothing due"),
            E::ReferenceReused(_, by) => return reference_reused(&error, by),
            E::RunNotFound(_) => (StatusCode::NOT_FOUND, "payout_run_not_found", "Payout run not found"),
            E::PayoutNotFound(_) => (StatusCode::NOT_FOUND, "payout_not_found", "Payout not found"),
            E::Settled(_) => (StatusCode::CONFLICT, "payout_settled", "Payout settled"),
        };
        Self::new(status, code, title, sentence(error))
    }
}

impl From<AdjustError> for Problem {
    fn from(error: AdjustError) -> Self {
        use AdjustError as E;
        match error {
            E::Denied(denied) => denied.into(),
            E::Store(error) => error.into(),
            E::UserNotFound(user) => user_not_found(user),
            E::ReferenceReused(_, by) => reference_reused(&error, by),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => overloaded(),
            StoreError::Away(_) => unavailable(),
            StoreError::OutcomeUnknown => outcome_unknown(),
            StoreError::OutOfRange(_) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "sum_out_of_range",
                "Sum out of range",
                sentence(error),
            ),
            StoreError::Conflict(_)
            | StoreError::Inconsistent { .. }
            | StoreError::Newer(_)
            | StoreError::OtherCurrency { .. }
            | StoreError::Foreign(_)
            | StoreError::InUse(_)
            | StoreError::Directory { .. }
            | StoreError::Engine(_) => {
                tracing::error!(%error, "the store failed");
                Self::internal()
            }
        }
    }
}

fn reference_reused(error: impl ToString, by: impl Into<Holder>) -> Problem {
    Problem::taken("reference_reused", "Reference reused", error, by)
}

fn external_id_taken(error: impl ToString, by: domain::UserId) -> Problem {
    Problem::taken("external_id_taken", "External id taken", error, by)
}

fn user_not_found(user: domain::UserId) -> Problem {
    let detail = format!("User {user} does not exist.");
    Problem::new(StatusCode::NOT_FOUND, "user_not_found", "User not found", detail)
}

fn purchase_not_found(purchase: domain::PurchaseId) -> Problem {
    let detail = format!("Purchase {purchase} does not exist.");
    Problem::new(StatusCode::NOT_FOUND, "purchase_not_found", "Purchase not found", detail)
}

fn overloaded() -> Problem {
    let detail = "More is waiting than can be taken now. Nothing was recorded; send it again.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "Overloaded", detail).retry_after(1)
}

/// The database is away. It says so in its own log lines, not once for each request.
fn unavailable() -> Problem {
    let detail = "The database does not answer. Nothing was recorded; send it again.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Unavailable", detail).retry_after(1)
}

/// The answer was lost, and nobody can tell whether the work was.
pub(crate) fn outcome_unknown() -> Problem {
    let detail = "Whether anything was recorded is unknown; the same reference can be sent again.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", "Outcome unknown", detail).retry_after(1)
}

/// An error's own words as a sentence.
fn sentence(error: impl ToString) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(chars).chain(std::iter::once('.')).collect()
}
