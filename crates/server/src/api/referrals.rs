//! The two levels of people below a member.

use std::sync::Arc;

use app::DownlineMember;
use app::network::{self, Referrals};
use axum::Json;
use axum::extract::State;
use domain::{Level, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Id, SignedIn};
use crate::problem::Problem;
use crate::wire::{ByLevel, Decimal, When, name_for};

/// Somebody below a member.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReferralBody {
    id: i64,
    /// Beyond level 1 a member sees a masked name.
    name: String,
    /// The member of level 1 who brought her; only on level 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    referred_by: Option<i64>,
    is_active: bool,
    joined_at: When,
    /// What her purchases earned the member above.
    earned: Decimal,
}

/// The two levels below a member.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReferralsBody {
    user_id: i64,
    level_1: Vec<ReferralBody>,
    level_2: Vec<ReferralBody>,
    /// How many people there are on each level, listed or not.
    counts: ByLevel<i64>,
    /// Whether there are more people than are listed: at most 5,000 are, the
    /// nearest and oldest first.
    truncated: bool,
}

/// The people a member brought, and the people they brought.
#[utoipa::path(get, path = "/api/users/{user_id}/referrals", tag = "users", params(("user_id" = i64, Path)),
    responses((status = 200, body = ReferralsBody), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn get_referrals(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
) -> Result<Json<ReferralsBody>, Problem> {
    let Referrals { people, counts } = network::referrals(&site.app, &caller, user).await?;
    let at = |number: u8| {
        let body = |person: &DownlineMember| ReferralBody {
            id: person.user.id.get(),
            name: name_for(&caller, person.level, &person.user.name).into(),
            referred_by: person.user.referrer.map(UserId::get).filter(|_| number > 1),
            is_active: person.active,
            joined_at: When(person.user.joined_at),
            earned: Decimal(person.earned),
        };
        people.iter().filter(|person| person.level.number() == number).map(body).collect()
    };
    let (level_1, level_2): (Vec<_>, Vec<_>) = (at(1), at(2));
    let listed = i64::try_from(level_1.len() + level_2.len()).unwrap_or(i64::MAX);
    Ok(Json(ReferralsBody {
        user_id: user.get(),
        level_1,
        level_2,
        truncated: counts.iter().sum::<i64>() > listed,
        counts: ByLevel::new(Level::nearest(counts.len()), |level| counts[level.index()]),
    }))
}
