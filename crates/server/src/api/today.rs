//! What a member earned today.

use std::sync::Arc;

use app::earnings::{self, Today};
use axum::Json;
use axum::extract::State;
use domain::{Money, Totals, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Id, SignedIn};
use crate::problem::Problem;
use crate::wire::{Decimal, When};

/// What was booked in a ledger since the day began.
#[derive(Serialize, ToSchema)]
pub(crate) struct TodayBody {
    user_id: i64,
    /// The newest line that is in it.
    seq: i64,
    /// The time zone that the day is one of.
    #[schema(example = "Asia/Kolkata")]
    time_zone: String,
    /// When it began.
    began_at: When,
    /// Commissions less reversals.
    earned: Decimal,
    /// Commissions, before anything was taken back.
    commissions: Decimal,
    /// What was taken back.
    reversed: Decimal,
}

impl TodayBody {
    fn new(user: UserId, today: &Today) -> Self {
        let since = |sum: fn(&Totals) -> Money| {
            let difference = sum(&today.closing).checked_sub(sum(&today.opening));
            Decimal(difference.expect("a difference of two sums of one ledger"))
        };
        Self {
            user_id: user.get(),
            seq: today.seq,
            time_zone: today.time_zone.clone(),
            began_at: When(today.began_at),
            earned: since(Totals::earnings),
            commissions: since(Totals::commissions),
            reversed: since(|totals| totals.reversed),
        }
    }
}

/// What a member earned today.
///
/// It is what was booked since the day of the programme began, whatever was written
/// since; an older sale that was told today is not in it.
#[utoipa::path(get, path = "/api/earnings/{user_id}/today", tag = "earnings", params(("user_id" = i64, Path)),
    responses((status = 200, body = TodayBody), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn get_today(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
) -> Result<Json<TodayBody>, Problem> {
    let today = earnings::today(&site.app, &caller, user).await?;
    Ok(Json(TodayBody::new(user, &today)))
}
