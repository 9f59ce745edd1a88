//! Registering members, looking at them, and changing what can change.

mod changes;

use std::sync::Arc;

use domain::{
    Email, ExternalId, Metadata, Name, Plan, Reference, ReferralCode, Scope, SignIn, Timestamp, User, UserId,
};
use store::{Constraint, Member, NewUser, Tx};

pub use changes::{ChangeError, MemberChange, change};

use crate::access::{Crowded, Denied, Password, Token, of_registration, token_of_registration};
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
    /// The shop's own number of her.
    pub external_id: Option<ExternalId>,
    /// What the shop notes of her.
    pub metadata: Metadata,
}

impl NewMember {
    /// Somebody of whom nothing else is said.
    pub fn new(name: Name, email: Email, code: Option<ReferralCode>) -> Self {
        let metadata = Metadata::default();
        Self { name, email, code, password: None, reference: None, external_id: None, metadata }
    }
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
    /// Only a service keeps something of its own with a member.
    #[error("only a service may give `external_id` and `metadata`")]
    ShopFieldsNotAllowed,
    /// A member, this one, has the address already.
    #[error("the e-mail address is registered already")]
    EmailTaken(UserId),
    /// A member, this one, has the shop's number already.
    #[error("the external id \"{0}\" belongs to another member")]
    ExternalIdTaken(ExternalId, UserId),
    /// Nobody has this code.
    #[error("nobody has this referral code")]
    InvalidReferralCode,
    /// The member who has this code is not active.
    #[error("the member who has this referral code is not active")]
    ReferrerInactive,
    /// The member who has this code brought as many as she may.
    #[error("the member who has this referral code already referred {0} members, which is the limit")]
    ReferralLimitReached(u32),
    /// Another registration, of this member, already has this reference.
    #[error("reference \"{0}\" belongs to another registration")]
    ReferenceReused(Reference, UserId),
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Crowded(#[from] Crowded),
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
        Caller::Anonymous | Caller::Member(_) if new.external_id.is_some() || !new.metadata.is_empty() => {
            return Err(RegisterError::ShopFieldsNotAllowed);
        }
        Caller::Anonymous | Caller::Member(_) | Caller::Admin => {}
    }
    let password_hash = match new.password.clone() {
        Some(password) => Some(app.passwords.hash(password).await?),
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
        return Err(RegisterError::ReferenceReused(reference, member.user.id));
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
async fn has_password(app: &App, member: &Member, password: Option<Password>) -> Result<bool, RegisterError> {
    let email = member.user.email.clone();
    let known = app.store.read(async move |view| view.credentials(&email).await).await?;
    match (known.and_then(|known| known.password_hash), password) {
        (None, None) => Ok(true),
        (Some(hash), Some(password)) => Ok(app.passwords.matches(password.into(), Some(hash)).await?),
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
            false => Err(RegisterError::ReferenceReused(reference.clone(), earlier.user.id)),
        };
    }
    if let Some(known) = tx.credentials(&new.email).await? {
        return Err(RegisterError::EmailTaken(known.user));
    }
    if let Some(id) = &new.external_id
        && let Some(user) = tx.users_by_external_id(&[id]).await?.remove(id)
    {
        return Err(RegisterError::ExternalIdTaken(id.clone(), user));
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
        external_id: new.external_id.clone(),
        metadata: new.metadata.clone(),
        joined_at: now,
    };
    let id = match tx.insert_user(&user).await {
        Err(conflict @ store::Error::Conflict(Constraint::Email)) => {
            let known = tx.credentials(&new.email).await?.ok_or(conflict)?;
            return Err(RegisterError::EmailTaken(known.user));
        }
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

/// Who is looked for, by what only one member can have. All that is given must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Her address.
    pub email: Option<Email>,
    /// The code that she gives to others.
    pub code: Option<ReferralCode>,
    /// The shop's own number of her.
    pub external_id: Option<ExternalId>,
}

impl Wanted {
    fn is(&self, member: &Member) -> bool {
        self.email.as_ref().is_none_or(|email| *email == member.user.email)
            && self.code.is_none_or(|code| code == member.user.code)
            && self.external_id.as_ref().is_none_or(|id| Some(id) == member.external_id.as_ref())
    }
}

/// The one member who is wanted, if there is one, with how many she may bring under
/// the plan in force.
pub async fn wanted(app: &App, caller: &Caller, wanted: Wanted) -> Result<(Option<Member>, u32), ReadError> {
    caller.require(Scope::Read)?;
    let now = app.now();
    app.store
        .read(async move |view| {
            let (_, plan) = view.plan_in_force(now).await?;
            let found = match &wanted {
                Wanted { external_id: Some(id), .. } => {
                    match view.users_by_external_id(&[id]).await?.remove(id) {
                        Some(user) => view.member(user).await?,
                        None => None,
                    }
                }
                Wanted { code: Some(code), .. } => view.member_by_code(*code).await?,
                Wanted { email: Some(email), .. } => view.members_by_email(&[email]).await?.remove(email),
                Wanted { .. } => None,
            };
            Ok((found.filter(|member| wanted.is(member)), plan.max_direct_referrals))
        })
        .await
}
