//! Members in a list, or the one who is looked for.

use std::sync::Arc;

use app::Member;
use app::members::{self, Wanted};
use axum::Json;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use domain::{Scope, UserId};
use serde::Deserialize;

use super::UserBody;
use crate::Site;
use crate::extract::{Page, SignedIn, invalid_query, query_field};
use crate::problem::Problem;
use crate::wire::List;

/// Who is looked for: `?email=`, `?code=` and `?external_id=`.
pub(crate) struct LookedFor(Option<Wanted>);

#[derive(Deserialize)]
struct LookedForQuery {
    email: Option<String>,
    code: Option<String>,
    external_id: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for LookedFor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<LookedForQuery>::from_request_parts(parts, state).await;
        let once = |_| invalid_query("`email`, `code` and `external_id` may be given once each.");
        let Query(query) = query.map_err(once)?;
        let wanted = Wanted {
            email: query_field("email", query.email.as_deref())?,
            code: query_field("code", query.code.as_deref())?,
            external_id: query_field("external_id", query.external_id.as_deref())?,
        };
        Ok(Self(Some(wanted).filter(|wanted| *wanted != Wanted::default())))
    }
}

/// Every member, newest first, or the one who has an address, a code or a number.
#[utoipa::path(get, path = "/api/users", tag = "users",
    params(("limit" = Option<u8>, Query, description = "1 to 100, 20 by default"), ("cursor" = Option<String>, Query),
        ("email" = Option<String>, Query, description = "Only the member who has it: a list of one at most"),
        ("code" = Option<String>, Query, description = "Likewise, by referral code"),
        ("external_id" = Option<String>, Query, description = "Likewise, by your own number of her")),
    responses((status = 200, body = List<UserBody>), (status = 403, body = Problem)))]
pub(crate) async fn list_users(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    page: Result<Page, Problem>,
    looked_for: Result<LookedFor, Problem>,
) -> Result<Json<List<UserBody>>, Problem> {
    caller.require(Scope::Read)?;
    let (page, LookedFor(wanted)) = (page?, looked_for?);
    let before = page.before.map(UserId::new);
    let (members, slots_limit) = match wanted {
        Some(wanted) => {
            let (found, slots_limit) = members::wanted(&site.app, &caller, wanted).await?;
            let of_page = |member: &Member| before.is_none_or(|before| member.user.id < before);
            (found.into_iter().filter(of_page).collect(), slots_limit)
        }
        None => members::list(&site.app, &caller, before, page.limit + 1).await?,
    };
    let rows = members.into_iter().map(|member| UserBody::new(member, slots_limit, &caller, &site));
    Ok(Json(List::new(rows.collect(), page.limit, |row| row.user_id)))
}
