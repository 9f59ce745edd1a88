//! Who is calling, and what she may do.

mod keys;
mod passwords;
mod tokens;

use domain::{Level, Scope, Scopes, UserId};

pub use keys::{ApiKeys, CreatedKey, KeyError, create_key, list_keys, revoke_key};
pub use passwords::{Password, Passwords, WeakPassword};
pub use tokens::{InvalidTtl, Subject, Token, TokenKey, Ttl, mint_admin_token, mint_member_token};

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

/// Who holds this API key or access token, and until when.
pub async fn authenticate(
    app: &App,
    credential: &str,
) -> Result<(Caller, Option<domain::Timestamp>), AuthError> {
    if credential.starts_with(keys::PREFIX) {
        return Ok((app.keys.caller(app, credential).await?, None));
    }
    let token = app.tokens.verify(credential, app.now()).ok_or(AuthError::Invalid)?;
    let caller = match token.subject {
        Subject::Member(user) => Caller::Member(user),
        Subject::Admin => Caller::Admin,
    };
    Ok((caller, Some(token.expires_at)))
}
