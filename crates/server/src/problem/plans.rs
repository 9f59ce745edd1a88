//! The errors of plans: setting one, withdrawing it, trying it on the past.

use app::plans::{SetPlanError, WithdrawPlanError};
use app::simulate::SimulateError;
use axum::http::StatusCode;

use super::{Problem, sentence};

impl From<SetPlanError> for Problem {
    fn from(error: SetPlanError) -> Self {
        use SetPlanError as E;
        let (code, title) = match error {
            E::Denied(denied) => return denied.into(),
            E::Store(error) => return error.into(),
            E::CurrencyMismatch { .. } => ("currency_mismatch", "Currency mismatch"),
            E::SaleInTheWay { .. } => ("effective_date_in_past", "Effective date in the past"),
            E::LastSaleAhead { .. } => ("last_sale_ahead", "Last sale ahead of the clock"),
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, title, sentence(error))
    }
}

impl From<WithdrawPlanError> for Problem {
    fn from(error: WithdrawPlanError) -> Self {
        use WithdrawPlanError as E;
        let (status, code, title) = match error {
            E::Denied(denied) => return denied.into(),
            E::Store(error) => return error.into(),
            E::NotFound(_) => (StatusCode::NOT_FOUND, "plan_not_found", "Plan not found"),
            E::Began { .. } => (StatusCode::CONFLICT, "plan_began", "Plan began"),
            E::Decided { .. } | E::Joined { .. } => (StatusCode::CONFLICT, "plan_used", "Plan used"),
        };
        Self::new(status, code, title, sentence(error))
    }
}

impl From<SimulateError> for Problem {
    fn from(error: SimulateError) -> Self {
        use SimulateError as E;
        match error {
            E::Denied(denied) => denied.into(),
            E::Store(error) => error.into(),
            E::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "Overloaded",
                "Another simulation is running; try again when it is done.",
            )
            .retry_after(1),
            E::CurrencyMismatch { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "currency_mismatch",
                "Currency mismatch",
                sentence(error),
            ),
        }
    }
}
