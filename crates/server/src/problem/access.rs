//! What goes wrong with signing in, and with being allowed.

use app::Denied;
use app::access::{AuthError, Crowded};
use app::sessions::{EndError, SignInError};
use axum::http::StatusCode;

use super::{Problem, sentence, user_not_found};

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated => Self::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "Not signed in",
                "Send `Authorization: Bearer` with an API key or an access token.",
            ),
            Denied::Forbidden => Self::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                "Forbidden",
                "This API key or access token does not open this.",
            ),
        }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Invalid => Self::new(
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "Invalid token",
                "The API key or access token is unknown, revoked, expired or malformed.",
            ),
            AuthError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::WrongCredentials => {
                Self::new(StatusCode::UNAUTHORIZED, "wrong_credentials", "Wrong credentials", sentence(error))
            }
            SignInError::Crowded(crowded) => crowded.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<Crowded> for Problem {
    fn from(crowded: Crowded) -> Self {
        Self::rate_limited(sentence(crowded), 1)
    }
}

impl From<EndError> for Problem {
    fn from(error: EndError) -> Self {
        use EndError as E;
        let (status, code, title) = match error {
            E::Denied(denied) => return denied.into(),
            E::Store(error) => return error.into(),
            E::UserNotFound(user) => return user_not_found(user),
            E::NoSession => (StatusCode::CONFLICT, "no_session", "No session"),
            E::SessionNotFound(_) => (StatusCode::NOT_FOUND, "session_not_found", "Session not found"),
        };
        Self::new(status, code, title, sentence(error))
    }
}
