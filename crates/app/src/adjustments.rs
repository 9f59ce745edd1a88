//! Correcting a balance by hand.

use std::sync::Arc;

use domain::{Adjustment, Cause, Money, Reason, Reference, Scope, UserId};
use serde_json::json;
use store::{Constraint, Tx};

use crate::access::Denied;
use crate::audit::{self, Action};
use crate::books::{Books, out_of_range};
use crate::{App, Caller};

/// A correction, as it is asked for.
#[derive(Clone, Debug)]
pub struct NewAdjustment {
    /// Whose balance.
    pub user: UserId,
    /// What to add; negative to take away, never zero.
    pub amount: Money,
    /// Why, for the member to read.
    pub reason: Reason,
    /// The caller's own id for it. Without one, a retry is another adjustment.
    pub reference: Option<Reference>,
}

/// Why a balance was not adjusted.
#[derive(Debug, thiserror::Error)]
pub enum AdjustError {
    /// The caller is not an admin.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such user.
    #[error("user {0} does not exist")]
    UserNotFound(UserId),
    /// Another adjustment, of this member, already has this reference.
    #[error("reference {0:?} belongs to another adjustment")]
    ReferenceReused(Reference, UserId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Adjusts a balance by a new line of the ledger. The second value tells
/// whether it was there before.
pub async fn adjust(
    app: &App,
    caller: &Caller,
    new: NewAdjustment,
) -> Result<(Adjustment, bool), AdjustError> {
    caller.require(Scope::Admin)?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    let reference = new.reference.clone();
    let adjusted = app
        .store
        .write(async move |tx| {
            if let Some(earlier) = earlier(tx, &new).await? {
                return Ok((earlier, Vec::new(), true));
            }
            if tx.member(new.user).await?.is_none() {
                return Err(AdjustError::UserNotFound(new.user));
            }
            // Whoever adjusts this balance at the same time is waited for.
            let mut books = Books::open(tx, [new.user]).await?;
            if let Some(earlier) = earlier(tx, &new).await? {
                return Ok((earlier, Vec::new(), true));
            }
            let now = clock.now();
            let NewAdjustment { user, amount, reason, reference } = new.clone();
            let row = store::NewAdjustment { user, amount, reason, reference, created_at: now };
            let id = tx.insert_adjustment(&row).await?;
            books.post(Cause::Adjustment(id), user, amount, now).map_err(out_of_range)?;
            let lines = books.close(tx).await?;
            let detail = json!({
                "adjustment_id": id.get(), "amount": amount.to_string(), "reason": row.reason.as_str(),
            });
            audit::note(tx, &caller, now, Action::Adjust, format_args!("user {user}"), detail).await?;
            let store::NewAdjustment { user, amount, reason, reference, created_at } = row;
            Ok((Adjustment { id, user, amount, reason, reference, created_at }, lines, false))
        })
        .await;
    match adjusted {
        Ok((adjustment, lines, replayed)) => {
            app.feed.publish(Vec::new(), lines);
            Ok((adjustment, replayed))
        }
        // Taken meanwhile, for another member: this one was locked.
        Err(AdjustError::Store(store::Error::Conflict(Constraint::AdjustmentReference))) => {
            let reference = reference.expect("nothing else can be taken");
            let taken = reference.clone();
            let by = app.store.read(async move |view| view.adjustment_by_reference(&taken).await).await?;
            Err(AdjustError::ReferenceReused(reference, by.expect("it is taken").user))
        }
        Err(error) => Err(error),
    }
}

/// The adjustment that carries the reference of this one, when it asks for the same.
async fn earlier(tx: &mut Tx<'_>, new: &NewAdjustment) -> Result<Option<Adjustment>, AdjustError> {
    let Some(reference) = &new.reference else { return Ok(None) };
    let Some(earlier) = tx.adjustment_by_reference(reference).await? else { return Ok(None) };
    let same = (earlier.user, earlier.amount, &earlier.reason) == (new.user, new.amount, &new.reason);
    let reused = || AdjustError::ReferenceReused(reference.clone(), earlier.user);
    if same { Ok(Some(earlier)) } else { Err(reused()) }
}
