//! The audit trail: who changed what by hand, and when.

use std::sync::Arc;

use app::audit;
use axum::Json;
use axum::extract::State;
use domain::Scope;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Page, SignedIn};
use crate::problem::Problem;
use crate::wire::{List, When};

/// Something that was changed by hand.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditBody {
    /// 1, 2, 3, … in the order of the changes.
    id: i64,
    at: When,
    /// Who did it: `owner`, or `key` and the number of the API key.
    #[schema(example = "key 3")]
    actor: String,
    /// What was done.
    #[schema(example = "payout.failed")]
    action: String,
    /// To what.
    #[schema(example = "payout 7")]
    subject: String,
    /// The particulars; they depend on the action.
    #[schema(value_type = Object, example = json!({"reason": "account closed"}))]
    detail: Box<RawValue>,
}

impl From<app::NumberedAuditEvent> for AuditBody {
    fn from((id, event): app::NumberedAuditEvent) -> Self {
        Self {
            id,
            at: When(event.at),
            actor: event.actor,
            action: event.action,
            subject: event.subject,
            detail: RawValue::from_string(event.detail).unwrap_or_default(),
        }
    }
}

/// What was changed by hand, newest first.
///
/// Needs `admin`.
#[utoipa::path(get, path = "/api/audit", tag = "programme",
    params(("limit" = Option<u8>, Query, description = "1 to 100, 20 by default"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<AuditBody>), (status = 403, body = Problem)))]
pub(crate) async fn list_audit(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    page: Result<Page, Problem>,
) -> Result<Json<List<AuditBody>>, Problem> {
    caller.require(Scope::Admin)?;
    let page = page?;
    let events = audit::list(&site.app, &caller, page.before, page.limit + 1).await?;
    let rows = events.into_iter().map(AuditBody::from);
    Ok(Json(List::new(rows.collect(), page.limit, |row| row.id)))
}
