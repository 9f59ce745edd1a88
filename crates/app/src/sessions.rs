//! Signing in with a password.

use domain::{Email, UserId};

use crate::App;
use crate::access::{Subject, Token, Ttl};

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The address is unknown, has no password, or the password is wrong; the
    /// caller is not told which, and it takes the same time.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
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
    let right = app.passwords.matches(password, hash.flatten()).await;
    match user.filter(|_| right) {
        Some(user) => Ok((user, app.tokens.mint(Subject::Member(user), app.now(), Ttl::MEMBER))),
        None => Err(SignInError::WrongCredentials),
    }
}
