//! Who is calling, and what she may do.

mod ended;
mod keys;
mod passwords;
mod tokens;

use domain::{Level, Scope, Scopes, Timestamp, UserId};

pub use keys::{ApiKeys, CreatedKey, KeyError, create_key, list_keys, revoke_key};
pub use passwords::{Crowded, Password, Passwords, WeakPassword};
pub use tokens::{InvalidTtl, Session, Subject, Token, TokenKey, Ttl, mint_admin_token, mint_member_token};

pub(crate) use ended::Ended;
pub(crate) use tokens::{begin_session, of_registration, token_of_registration};

use crate::App;

/// Who is calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody we know.
    Anonymous,
    /// A member, by an access token.
    Member(UserId),
    /// A program, by an API key.
    Service {
        /// The number of its key.
        key: i64,
        /// What the key opens.
        scopes: Scopes,
    },
    /// The owner, by a sign-in link.
    Admin,
}

/// Why a caller may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// We do not know who is calling.
    #[error("sign in, or send an API key")]
    Unauthenticated,
    /// We know, and the answer is no.
    #[error("this caller may not do that")]
    Forbidden,
}

impl Caller {
    /// What kind of caller this is, for logs and answers.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Member(_) => "member",
            Self::Service { scopes, .. } if !scopes.allow(Scope::Admin) => "service",
            Self::Service { .. } | Self::Admin => "admin",
        }
    }

    /// Passes callers who hold the scope.
    pub fn require(&self, scope: Scope) -> Result<(), Denied> {
        match self {
            Self::Admin => Ok(()),
            Self::Service { scopes, .. } if scopes.allow(scope) => Ok(()),
            Self::Service { .. } | Self::Member(_) => Err(Denied::Forbidden),
            Self::Anonymous => Err(Denied::Unauthenticated),
        }
    }

    /// Passes callers who may look at this user: herself, and who may read all.
    pub fn may_see(&self, user: UserId) -> Result<(), Denied> {
        match self {
            Self::Member(own) if *own == user => Ok(()),
            _ => self.require(Scope::Read),
        }
    }

    /// Whether the caller is told the full names of people at this level below
    /// somebody. A member knows whom she brought, and nobody beyond.
    pub fn sees_names_at(&self, level: Level) -> bool {
        !matches!(self, Self::Member(_)) || level.number() == 1
    }
}

/// A credential that opens nothing: unknown, revoked, expired or forged.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// It is not, or no longer, valid.
    #[error("the API key or access token is not valid")]
    Invalid,
    /// It could not be checked.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// An API key or access token that was found good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Who holds it.
    pub caller: Caller,
    /// From when on it opens nothing. A key is good until it is revoked.
    pub expires_at: Option<Timestamp>,
    /// The sign-in that it belongs to, where it is a token that names one.
    pub session: Option<Session>,
}

impl Credential {
    /// What those have who send nothing.
    pub const NONE: Self = Self { caller: Caller::Anonymous, expires_at: None, session: None };

    /// Whether it opens nothing any more: it has expired, was revoked, or its session
    /// was ended. It costs no look at the database.
    pub fn is_over(&self, app: &App) -> bool {
        let revoked = match self.caller {
            Caller::Service { key, .. } => app.ended.has_key(key),
            Caller::Anonymous | Caller::Member(_) | Caller::Admin => false,
        };
        revoked
            || self.expires_at.is_some_and(|expires_at| expires_at <= app.now())
            || self.session.is_some_and(|session| app.ended.has_session(session.id))
    }
}

/// Who holds this API key or access token, and until when.
pub async fn authenticate(app: &App, credential: &str) -> Result<Credential, AuthError> {
    let found = if credential.starts_with(keys::PREFIX) {
        Credential { caller: app.keys.caller(app, credential).await?, ..Credential::NONE }
    } else {
        // A process that has just begun does not know yet what has ended.
        if !app.ended.is_complete() {
            app.ended.look(&app.store, app.now()).await?;
        }
        let token = app.tokens.verify(credential, app.now()).ok_or(AuthError::Invalid)?;
        let caller = match token.subject {
            Subject::Member(user) => Caller::Member(user),
            Subject::Admin => Caller::Admin,
        };
        Credential { caller, expires_at: Some(token.expires_at), session: token.session }
    };
    if found.is_over(app) { Err(AuthError::Invalid) } else { Ok(found) }
}
