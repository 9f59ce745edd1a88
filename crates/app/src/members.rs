//! Registering members, looking at them, and switching them off and on.

use std::sync::Arc;

use domain::{Email, Name, Plan, Reference, ReferralCode, Scope, SignIn, Timestamp, User, UserId};
use store::{Constraint, Member, NewUser, Tx};

use serde_json::json;

use crate::access::{Denied, Password, Token, of_registration, token_of_registration};
use crate::audit::{self, Action};
use crate::{App, Caller, ReadError};

/// How often another code is drawn when one is taken. Each time the chance is
/// about one in a thousand million with a million members.
pub(crate) const CODE_DRAWS: usize = 4;

/// Somebody who wants to join.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// What she is called.
    pub name: Name,
    /// Where she can be reached.
    pub email: Email,
    /// The code of the member who brought her.
    pub code: Option<ReferralCode>,
    /// A password, if she wants to sign in with one.
    pub password: Option<Password>,
    /// The calling service's own id for the registration.
    pub reference: Option<Reference>,
}

/// A member and her access token.
#[derive(Clone, Debug)]
pub struct Registered {
    /// Who she is.
    pub member: Member,
    /// Good for a day from her registration.
    pub token: Token,
    /// Whether she was there before this request.
    pub replayed: bool,
}

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The caller may not register members.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Only a service has ids of its own for registrations.
    #[error("only a service may send an idempotency key with a registration")]
    ReferenceNotAllowed,
    /// Somebody with this address is a member already.
    #[error("the e-mail address is registered already")]
    EmailTaken,
    /// Nobody has this code.
    #[error("nobody has this referral code")]
    InvalidReferralCode,
    /// The member who has this code is not active.
    #[error("the member who has this referral code is not active")]
    ReferrerInactive,
    /// The member who has this code brought as many as she may.
    #[error("the member who has this referral code already referred {0} members, which is the limit")]
    ReferralLimitReached(u32),
    /// Another registration already has this reference.
    #[error("reference \"{0}\" belongs to another registration")]
    ReferenceReused(Reference),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Registers a member. Anybody may register herself; a service that registers
/// its customers may send a reference and retry.
pub async fn register(app: &App, caller: &Caller, new: NewMember) -> Result<Registered, RegisterError> {
    match caller {
        Caller::Service { .. } => caller.require(Scope::UsersWrite)?,
        Caller::Anonymous | Caller::Member(_) if new.reference.is_some() => {
            return Err(RegisterError::ReferenceNotAllowed);
        }
        Caller::Anonymous | Caller::Member(_) | Caller::Admin => {}
    }
    let password_hash = match new.password.clone() {
        Some(password) => Some(app.passwords.hash(password).await),
        None => None,
    };
    let made_by = match caller {
        Caller::Service { .. } => SignIn::Service,
        Caller::Admin => SignIn::Owner,
        Caller::Anonymous | Caller::Member(_) if new.password.is_some() => SignIn::Password,
        Caller::Anonymous | Caller::Member(_) => SignIn::Registration,
    };
    let (member, replayed) = enter(app, &new, password_hash, made_by).await?;
    if let Some(reference) = new.reference.filter(|_| replayed)
        && !has_password(app, &member, new.password).await?
    {
        return Err(RegisterError::ReferenceReused(reference));
    }
    let token = token_of_registration(app, member.user.id, made_by, member.user.joined_at);
    Ok(Registered { member, token, replayed })
}

/// Registers with a code of her own, drawn again while it is somebody else's, and
/// begins her session.
async fn enter(
    app: &App,
    new: &NewMember,
    password_hash: Option<String>,
    made_by: SignIn,
) -> Result<(Member, bool), RegisterError> {
    for _ in 0..CODE_DRAWS {
        let (clock, new, hash) = (Arc::clone(&app.clock), new.clone(), password_hash.clone());
        let code = app.draw_code();
        let entered = app
            .store
            .write(async move |tx| {
                let (member, replayed) = register_in(tx, clock.now(), &new, code, hash.clone()).await?;
                if !replayed {
                    let User { id, joined_at, .. } = member.user;
                    tx.insert_session(&of_registration(id, made_by, joined_at)).await?;
                }
                Ok((member, replayed))
            })
            .await;
        match entered {
            Err(RegisterError::Store(store::Error::Conflict(Constraint::ReferralCode))) => {}
            settled => return settled,
        }
    }
    Err(store::Error::Conflict(Constraint::ReferralCode).into())
}

/// Whether a member has just this password, or just none.
async fn has_password(app: &App, member: &Member, password: Option<Password>) -> Result<bool, store::Error> {
    let email = member.user.email.clone();
    let known = app.store.read(async move |view| view.credentials(&email).await).await?;
    match (known.and_then(|known| known.password_hash), password) {
        (None, None) => Ok(true),
        (Some(hash), Some(password)) => Ok(app.passwords.matches(password.into(), Some(hash)).await),
        _ => Ok(false),
    }
}

/// Registers a member in a transaction that is already open. The second value
/// tells whether she was there before.
pub async fn register_in(
    tx: &mut Tx<'_>,
    now: Timestamp,
    new: &NewMember,
    code: ReferralCode,
    password_hash: Option<String>,
) -> Result<(Member, bool), RegisterError> {
    if let Some(reference) = &new.reference
        && let Some(earlier) = tx.member_by_reference(reference).await?
    {
        return match is_same(tx, &earlier, new).await? {
            true => Ok((earlier, true)),
            false => Err(RegisterError::ReferenceReused(reference.clone())),
        };
    }
    if tx.credentials(&new.email).await?.is_some() {
        return Err(RegisterError::EmailTaken);
    }
    let (version, plan) = tx.plan_in_force(now).await?;
    let referrer = match new.code {
        Some(code) => Some(take_slot(tx, code, &plan).await?),
        None => None,
    };
    let user = NewUser {
        name: new.name.clone(),
        email: new.email.clone(),
        code,
        referrer,
        plan: version,
        password_hash,
        reference: new.reference.clone(),
        joined_at: now,
    };
    let id = match tx.insert_user(&user).await {
        Err(store::Error::Conflict(Constraint::Email)) => return Err(RegisterError::EmailTaken),
        inserted => inserted?,
    };
    let member = tx.member(id).await?.expect("inserted in this transaction");
    Ok((member, false))
}

/// Takes a slot of the member who has this code.
async fn take_slot(tx: &mut Tx<'_>, code: ReferralCode, plan: &Plan) -> Result<UserId, RegisterError> {
    let referrer = tx.member_by_code(code).await?.ok_or(RegisterError::InvalidReferralCode)?;
    if !referrer.active {
        return Err(RegisterError::ReferrerInactive);
    }
    match tx.take_slot(referrer.user.id, plan.max_direct_referrals).await? {
        true => Ok(referrer.user.id),
        false => Err(RegisterError::ReferralLimitReached(plan.max_direct_referrals)),
    }
}

/// Whether a registration asks for the member that is there. Passwords are
/// compared elsewhere: it takes too long for a transaction.
async fn is_same(tx: &mut Tx<'_>, earlier: &Member, new: &NewMember) -> Result<bool, store::Error> {
    let referrer = match new.code {
        Some(code) => match tx.member_by_code(code).await? {
            Some(referrer) => Some(referrer.user.id),
            None => return Ok(false),
        },
        None => None,
    };
    let user = &earlier.user;
    Ok(user.name == new.name && user.email == new.email && user.referrer == referrer)
}

/// A member, with how many she may bring under the plan in force.
pub async fn find(app: &App, caller: &Caller, user: UserId) -> Result<(Member, u32), ReadError> {
    caller.may_see(user)?;
    let now = app.now();
    app.store
        .read(async move |view| {
            let member = view.member(user).await?.ok_or(ReadError::UserNotFound(user))?;
            let (_, plan) = view.plan_in_force(now).await?;
            Ok((member, plan.max_direct_referrals))
        })
        .await
}

/// Up to `limit` members, newest first, from just below `before`, with how many
/// each may bring under the plan in force.
pub async fn list(
    app: &App,
    caller: &Caller,
    before: Option<UserId>,
    limit: usize,
) -> Result<(Vec<Member>, u32), ReadError> {
    caller.require(Scope::Read)?;
    let now = app.now();
    app.store
        .read(async move |view| {
            let (_, plan) = view.plan_in_force(now).await?;
            Ok((view.members_page(before, limit).await?, plan.max_direct_referrals))
        })
        .await
}

/// Switches a member on or off from now on. What she earned stays hers.
pub async fn set_active(app: &App, caller: &Caller, user: UserId, active: bool) -> Result<(), ReadError> {
    caller.require(Scope::Admin)?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    app.store
        .write(async move |tx| {
            tx.member(user).await?.ok_or(ReadError::UserNotFound(user))?;
            // Whoever switches her at the same time is waited for.
            let account = tx.lock_accounts(&[user]).await?.remove(0);
            if account.active != active {
                let now = clock.now();
                let action = if active { Action::Activate } else { Action::Deactivate };
                tx.set_active(user, active, now).await?;
                audit::note(tx, &caller, now, action, format_args!("user {user}"), json!({})).await?;
            }
            Ok(())
        })
        .await
}
