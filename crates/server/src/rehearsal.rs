//! `?dry_run=true`: what a request would do, answered without doing it.

use app::rehearsal::Effect;
use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::wire::{Decimal, Once};

/// Whether a request is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// It is to be done.
    Earnestly,
    /// It is only asked what it would do.
    AsARehearsal,
}

#[derive(Deserialize)]
struct MeantQuery {
    dry_run: Option<bool>,
}

impl<S: Send + Sync> FromRequestParts<S> for Meant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<MeantQuery>::from_request_parts(parts, state).await;
        let Query(MeantQuery { dry_run }) = query.map_err(|_| {
            let detail = "`dry_run` must be `true` or `false`, and may be given once.";
            Problem::new(StatusCode::BAD_REQUEST, "invalid_query", "Invalid query", detail)
        })?;
        Ok(if dry_run == Some(true) { Self::AsARehearsal } else { Self::Earnestly })
    }
}

/// What a balance would become.
#[derive(Serialize, ToSchema)]
pub(crate) struct EffectBody {
    user_id: i64,
    #[schema(example = "Asha Rao")]
    user_name: String,
    /// What would be added; negative for what would be taken.
    amount: Decimal,
    balance_before: Decimal,
    balance: Decimal,
}

/// What would happen to whom.
#[derive(Serialize, ToSchema)]
pub(crate) struct EffectsBody {
    /// Always true: nothing was done.
    dry_run: bool,
    effects: Vec<EffectBody>,
}

impl EffectsBody {
    /// None where a balance would not fit.
    pub(crate) fn new(effects: Vec<Effect>) -> Option<Self> {
        let effects = effects.into_iter().map(|effect| {
            Some(EffectBody {
                balance: Decimal(effect.after()?),
                user_id: effect.user.get(),
                user_name: effect.name.to_string(),
                amount: Decimal(effect.amount),
                balance_before: Decimal(effect.before),
            })
        });
        Some(Self { dry_run: true, effects: effects.collect::<Option<_>>()? })
    }
}

/// The answer to a request that may be a rehearsal.
pub(crate) enum Rehearsable<T, D> {
    /// What was done.
    Done(Once<T>),
    /// What would be done.
    Would(D),
}

impl<T: Serialize, D: Serialize> IntoResponse for Rehearsable<T, D> {
    fn into_response(self) -> Response {
        match self {
            Self::Done(once) => once.into_response(),
            Self::Would(body) => Json(body).into_response(),
        }
    }
}
