//! Signing in with a password, and ending sessions.

use domain::{Email, Scope, SessionId, SignIn, UserId};
use serde_json::json;

use crate::access::{Credential, Crowded, Session, Subject, Token, Ttl, begin_session};
use crate::audit::{self, Action};
use crate::{App, Caller, Denied};

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The address is unknown, has no password, or the password is wrong; the
    /// caller is not told which, and it takes the same time.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// Too many passwords are being checked.
    #[error(transparent)]
    Crowded(#[from] Crowded),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Why no session was ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The token is one of an earlier release.
    #[error("this token was made by an earlier release and names no session; it opens until it expires")]
    NoSession,
    /// There is no such session, or it has ended.
    #[error("there is no session {0} that has not ended")]
    SessionNotFound(SessionId),
    /// There is no user with this id.
    #[error("user {0} does not exist")]
    UserNotFound(UserId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Signs a member in. An inactive member can sign in too; she only does not earn.
pub async fn sign_in(app: &App, email: &str, password: String) -> Result<(UserId, Token), SignInError> {
    let known = match email.parse::<Email>() {
        Ok(email) => app.store.read(async move |view| view.credentials(&email).await).await?,
        Err(_) => None,
    };
    let (user, hash) = known.map(|known| (known.user, known.password_hash)).unzip();
    let right = app.passwords.matches(password, hash.flatten()).await?;
    match user.filter(|_| right) {
        Some(user) => {
            let token = begin_session(app, Subject::Member(user), SignIn::Password, Ttl::MEMBER).await?;
            Ok((user, token))
        }
        None => Err(SignInError::WrongCredentials),
    }
}

/// Ends the session of this very token. It opens nothing from now on, and nothing on
/// another node a second later.
pub async fn sign_out(app: &App, credential: &Credential) -> Result<(), EndError> {
    if let Caller::Service { .. } = credential.caller {
        // A key is no sign-in; whoever may revokes it.
        return Err(Denied::Forbidden.into());
    }
    let Session { id, .. } = credential.session.ok_or(EndError::NoSession)?;
    let now = app.now();
    app.store.write(async move |tx| tx.end_session(id, now).await).await?;
    app.ended.note_sessions(&[id], now);
    Ok(())
}

/// Ends a session by its name.
pub async fn end_session(app: &App, caller: &Caller, id: SessionId) -> Result<(), EndError> {
    caller.require(Scope::Admin)?;
    let (now, caller) = (app.now(), *caller);
    app.store
        .write(async move |tx| {
            if !tx.end_session(id, now).await? {
                return Err(EndError::SessionNotFound(id));
            }
            let subject = format_args!("session {id}");
            Ok(audit::note(tx, &caller, now, Action::EndSessions, subject, json!({})).await?)
        })
        .await?;
    app.ended.note_sessions(&[id], now);
    Ok(())
}

/// Ends every session of a member, and answers how many there were.
pub async fn end_sessions_of_member(app: &App, caller: &Caller, user: UserId) -> Result<usize, EndError> {
    match caller {
        Caller::Member(own) if *own == user => {}
        _ => caller.require(Scope::UsersWrite)?,
    }
    end_all(app, caller, Some(user)).await
}

/// Ends every session of the owner, and answers how many there were.
pub async fn end_sessions_of_owner(app: &App, caller: &Caller) -> Result<usize, EndError> {
    caller.require(Scope::Admin)?;
    end_all(app, caller, None).await
}

async fn end_all(app: &App, caller: &Caller, user: Option<UserId>) -> Result<usize, EndError> {
    let (now, caller) = (app.now(), *caller);
    let ended = app
        .store
        .write(async move |tx| {
            if let Some(user) = user {
                tx.member(user).await?.ok_or(EndError::UserNotFound(user))?;
            }
            let ended = tx.end_sessions_of(user, now).await?;
            let subject = user.map_or_else(|| "owner".to_owned(), |user| format!("user {user}"));
            let detail = json!({"ended": ended.len()});
            audit::note(tx, &caller, now, Action::EndSessions, subject, detail).await?;
            Ok::<_, EndError>(ended)
        })
        .await?;
    app.ended.note_sessions(&ended, now);
    Ok(ended.len())
}
