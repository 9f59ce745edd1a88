//! What can be changed about a member: whether she earns, and what the shop keeps
//! with her of its own.

use std::sync::Arc;

use domain::{ExternalId, Scope, UserId};
use serde_json::json;
use store::{Constraint, Member};

use crate::access::Denied;
use crate::audit::{self, Action};
use crate::metadata::{InvalidNotes, MetadataChange};
use crate::{App, Caller};

/// What is to be changed about a member. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberChange {
    /// Whether she earns from now on. What she earned stays hers.
    pub active: Option<bool>,
    /// The shop's own number of her; `Some(None)` takes it away.
    pub external_id: Option<Option<ExternalId>>,
    /// What the shop has noted of her.
    pub metadata: Option<MetadataChange>,
}

impl MemberChange {
    /// Switches her on or off.
    pub fn active(active: bool) -> Self {
        Self { active: Some(active), ..Self::default() }
    }
}

/// Why a member was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The caller may not change this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such user.
    #[error("user {0} does not exist")]
    UserNotFound(UserId),
    /// A member, this one, has the shop's number already.
    #[error("the external id \"{0}\" belongs to another member")]
    ExternalIdTaken(ExternalId, UserId),
    /// The notes cannot be kept like this.
    #[error("`metadata` {0}")]
    Metadata(#[from] InvalidNotes),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Changes a member, and answers her with how many she may bring under the plan in
/// force. A service may change what the shop keeps with her; whether she earns, an
/// admin.
pub async fn change(
    app: &App,
    caller: &Caller,
    user: UserId,
    change: MemberChange,
) -> Result<(Member, u32), ChangeError> {
    caller.require(if change.active.is_some() { Scope::Admin } else { Scope::UsersWrite })?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    let wanted = change.external_id.clone().flatten();
    let changed = app
        .store
        .write(async move |tx| {
            if tx.member(user).await?.is_none() {
                return Err(ChangeError::UserNotFound(user));
            }
            // Whoever changes her at the same time is waited for.
            tx.lock_accounts(&[user]).await?;
            let before = tx.member(user).await?.expect("she is locked");
            let now = clock.now();
            let subject = format_args!("user {user}");
            if let Some(active) = change.active.filter(|active| *active != before.active) {
                let action = if active { Action::Activate } else { Action::Deactivate };
                tx.set_active(user, active, now).await?;
                audit::note(tx, &caller, now, action, subject, json!({})).await?;
            }
            let external_id = change.external_id.clone().unwrap_or_else(|| before.external_id.clone());
            let metadata = match &change.metadata {
                Some(change) => change.of(&before.metadata)?,
                None => before.metadata.clone(),
            };
            if (&external_id, &metadata) != (&before.external_id, &before.metadata) {
                if let Some(id) = &external_id
                    && let Some(other) = tx.users_by_external_id(&[id]).await?.remove(id)
                    && other != user
                {
                    return Err(ChangeError::ExternalIdTaken(id.clone(), other));
                }
                tx.set_external(user, external_id.as_ref(), &metadata).await?;
                let mut detail = json!({});
                if external_id != before.external_id {
                    detail["external_id"] = external_id.as_ref().map(ExternalId::as_str).into();
                }
                if metadata != before.metadata {
                    // What is noted may be about people, and the trail is for ever.
                    let keys = change.metadata.iter().flat_map(MetadataChange::keys);
                    detail["metadata"] = keys.collect::<Vec<_>>().into();
                }
                audit::note(tx, &caller, now, Action::UpdateMember, subject, detail).await?;
            }
            let (_, plan) = tx.plan_in_force(now).await?;
            let member = tx.member(user).await?.expect("she is there");
            Ok((member, plan.max_direct_referrals))
        })
        .await;
    match (changed, wanted) {
        // Taken meanwhile by somebody else.
        (Err(ChangeError::Store(store::Error::Conflict(Constraint::ExternalId))), Some(id)) => {
            let taken = id.clone();
            let look = async move |view: &mut store::Snapshot<'_>| view.users_by_external_id(&[&taken]).await;
            let by = app.store.read(look).await?.remove(&id);
            let conflict = store::Error::Conflict(Constraint::ExternalId);
            Err(by.map_or(conflict.into(), |user| ChangeError::ExternalIdTaken(id, user)))
        }
        (changed, _) => changed,
    }
}
