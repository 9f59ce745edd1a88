//! What can be changed about a member.

use std::sync::Arc;

use app::members::{self, MemberChange};
use app::metadata::MetadataChange;
use axum::Json;
use axum::extract::State;
use domain::{Scope, UserId};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::UserBody;
use crate::Site;
use crate::extract::{Body, Fields, Id, SignedIn, notes_error, present};
use crate::problem::{FieldError, Problem};

/// What can be changed about a member; what is missing stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateUserBody {
    /// Whether she earns from now on. What she earned stays hers.
    #[serde(default, deserialize_with = "present")]
    is_active: Option<bool>,
    /// Your own number of her; null takes it away.
    #[schema(value_type = Option<String>, example = "customer-17")]
    #[serde(default, deserialize_with = "present")]
    #[expect(clippy::option_option, reason = "missing, null and a text are three things")]
    external_id: Option<Option<String>>,
    /// What you note of her: each text is kept under its key, null takes it away, and
    /// null instead of the object takes all of them.
    #[schema(value_type = Option<std::collections::HashMap<String, Option<String>>>)]
    #[serde(default, deserialize_with = "present")]
    metadata: Option<Box<RawValue>>,
}

impl UpdateUserBody {
    fn change(&self) -> Result<MemberChange, Problem> {
        let mut fields = Fields::default();
        let external_id = match &self.external_id {
            Some(Some(text)) => fields.read("/external_id", text).map(Some),
            Some(None) => Some(None),
            None => None,
        };
        let metadata = self.metadata.as_ref().map(|json| MetadataChange::read(json.get())).transpose();
        let metadata = match metadata {
            Ok(change) => change,
            Err(error) => return Err(Problem::invalid_body(vec![notes_error(error)])),
        };
        fields.check()?;
        let change = MemberChange { active: self.is_active, external_id, metadata };
        if change == MemberChange::default() {
            let detail = "must name at least one of `is_active`, `external_id` and `metadata`";
            let field = FieldError { pointer: String::new(), detail: detail.into() };
            return Err(Problem::invalid_body(vec![field]));
        }
        Ok(change)
    }
}

/// Change a member.
///
/// Switching her off or on needs `admin`; what the shop keeps with her,
/// `users:write`.
#[utoipa::path(patch, path = "/api/users/{user_id}", tag = "users",
    params(("user_id" = i64, Path)), request_body = UpdateUserBody,
    responses((status = 200, body = UserBody), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`external_id_taken`", body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn update_user(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
    body: Result<Body<UpdateUserBody>, Problem>,
) -> Result<Json<UserBody>, Problem> {
    caller.require(Scope::UsersWrite)?;
    let Body(body) = body?;
    let (member, slots_limit) = members::change(&site.app, &caller, user, body.change()?).await?;
    Ok(Json(UserBody::new(member, slots_limit, &caller, &site)))
}
