//! The audit trail: who changed what by hand, and when.
//!
//! An event is written in the transaction of the change itself, so there is
//! never one without the other.

use std::fmt;

use domain::{Scope, Timestamp};
use serde_json::Value;
use store::{AuditEvent, NumberedAuditEvent, Tx};

use crate::{App, Caller, ReadError};

/// What can be changed by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    SetPlan,
    WithdrawPlan,
    Activate,
    Deactivate,
    UpdateMember,
    Refund,
    MakePayouts,
    MarkPayoutPaid,
    MarkPayoutFailed,
    Adjust,
    CreateKey,
    RevokeKey,
    EndSessions,
    Import,
    CloseMonth,
    ReopenMonth,
    SetTimeZone,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::SetPlan => "plan.set",
            Self::WithdrawPlan => "plan.withdraw",
            Self::Activate => "member.activate",
            Self::Deactivate => "member.deactivate",
            Self::UpdateMember => "member.update",
            Self::Refund => "purchase.refund",
            Self::MakePayouts => "payouts.make",
            Self::MarkPayoutPaid => "payout.paid",
            Self::MarkPayoutFailed => "payout.failed",
            Self::Adjust => "member.adjust",
            Self::CreateKey => "key.create",
            Self::RevokeKey => "key.revoke",
            Self::EndSessions => "sessions.end",
            Self::Import => "import",
            Self::CloseMonth => "month.close",
            Self::ReopenMonth => "month.reopen",
            Self::SetTimeZone => "time_zone.set",
        }
    }
}

/// Writes down that `caller` did this. The subject reads like `user 42`.
pub(crate) async fn note(
    tx: &mut Tx<'_>,
    caller: &Caller,
    at: Timestamp,
    action: Action,
    subject: impl fmt::Display,
    detail: Value,
) -> store::Result<()> {
    let actor = match caller {
        Caller::Anonymous => "anonymous".to_owned(),
        Caller::Member(user) => format!("user {user}"),
        Caller::Service { key, .. } => format!("key {key}"),
        Caller::Admin => "owner".to_owned(),
    };
    let (action, subject) = (action.name().to_owned(), subject.to_string());
    tx.append_audit(&AuditEvent { actor, action, subject, detail: detail.to_string(), at }).await
}

/// Up to `limit` events, newest first, from just below `before`.
pub async fn list(
    app: &App,
    caller: &Caller,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<NumberedAuditEvent>, ReadError> {
    caller.require(Scope::Admin)?;
    Ok(app.store.read(async move |view| view.audit_page(before, limit).await).await?)
}
