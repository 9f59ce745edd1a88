//! Members: registering them and looking at them.

pub(crate) mod changes;
pub(crate) mod list;

use std::sync::Arc;

use app::access::{Password, Ttl, mint_member_token};
use app::members::{self, NewMember, Registered};
use app::{Caller, Member};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{ExternalId, ReferralCode, Scope, UserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Body, Fields, Id, IdempotencyKey, Peer, SignedIn, Who};
use crate::problem::Problem;
use crate::wire::{Notes, Once, When};

/// A registration.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterBody {
    /// What the member is called.
    #[schema(example = "Asha Rao")]
    name: String,
    /// Unique among all members, compared in lower case.
    #[schema(example = "asha@example.com")]
    email: String,
    /// The code of the member who brought her; missing, null or empty for none.
    #[schema(example = "7HXK2MQ0DZ")]
    referral_code: Option<String>,
    /// 8 to 128 characters, if she wants to sign in with a password.
    password: Option<String>,
    /// Your own number of her, unique among all members; only from a service.
    #[schema(example = "customer-17")]
    external_id: Option<String>,
    /// What you note of her: up to 20 texts of 500 characters; only from a service.
    #[schema(value_type = Option<std::collections::HashMap<String, String>>)]
    metadata: Option<Box<RawValue>>,
}

/// A new member and her access token.
#[derive(Serialize, ToSchema)]
pub(crate) struct RegisteredBody {
    message: &'static str,
    user_id: i64,
    name: String,
    referral_code: String,
    referral_link: String,
    referrer_id: Option<i64>,
    /// Her access token; good until `expires_at`.
    token: String,
    expires_at: When,
}

/// Register a member.
///
/// Open to anybody, at a limited rate. A service with `users:write` may send an
/// `Idempotency-Key` and retry.
#[utoipa::path(post, path = "/api/users/register", tag = "users", request_body = RegisterBody,
    security((), ("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The service's own id for the registration")),
    responses(
        (status = 201, body = RegisteredBody), (status = 200, description = "Replayed", body = RegisteredBody),
        (status = 409, description = "`referral_limit_reached`, `email_taken`, `external_id_taken` or `reference_reused`", body = Problem),
        (status = 422, description = "`invalid_body`, `invalid_referral_code`, `referrer_inactive` or `shop_fields_not_allowed`", body = Problem),
        (status = 429, description = "`rate_limited`", body = Problem)))]
pub(crate) async fn register_user(
    State(site): State<Arc<Site>>,
    Who(caller): Who,
    Peer(peer): Peer,
    key: IdempotencyKey,
    Body(body): Body<RegisterBody>,
) -> Result<Once<RegisteredBody>, Problem> {
    if matches!(caller, Caller::Anonymous | Caller::Member(_)) {
        site.limits.registration(peer)?;
    }
    let registered = members::register(&site.app, &caller, new_member(&body, key)?).await?;
    let replayed = registered.replayed;
    Ok(Once { body: RegisteredBody::new(registered, &site), replayed })
}

fn new_member(body: &RegisterBody, key: IdempotencyKey) -> Result<NewMember, Problem> {
    let mut fields = Fields::default();
    let name = fields.read("/name", &body.name);
    let email = fields.read("/email", &body.email);
    let password = body.password.as_deref().and_then(|text| fields.read::<Password>("/password", text));
    let external_id = body.external_id.as_deref().and_then(|text| fields.read("/external_id", text));
    let metadata = fields.read_notes(body.metadata.as_deref());
    let (Some(name), Some(email)) = (name, email) else { return Err(fields.problem()) };
    fields.check()?;
    let code = body.referral_code.as_deref().map(str::trim).filter(|code| !code.is_empty());
    let code = code.map(str::parse::<ReferralCode>).transpose().map_err(|error| {
        Problem::field("invalid_referral_code", "Invalid referral code", "/referral_code", error)
    })?;
    let reference = key.or(None)?;
    Ok(NewMember { name, email, code, password, reference, external_id, metadata })
}

impl RegisteredBody {
    fn new(registered: Registered, site: &Site) -> Self {
        let user = registered.member.user;
        Self {
            message: "User registered.",
            user_id: user.id.get(),
            name: user.name.to_string(),
            referral_link: site.referral_link(user.code),
            referral_code: user.code.to_string(),
            referrer_id: user.referrer.map(UserId::get),
            token: registered.token.text,
            expires_at: When(registered.token.expires_at),
        }
    }
}

/// A member.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserBody {
    user_id: i64,
    #[schema(example = "Asha Rao")]
    name: String,
    /// Only for services and admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[schema(example = "7HXK2MQ0DZ")]
    referral_code: String,
    /// Where a new member registers with this code.
    referral_link: String,
    referrer_id: Option<i64>,
    /// Whether she earns at present.
    is_active: bool,
    joined_at: When,
    /// How many members she referred directly.
    slots_used: u32,
    /// How many she may refer under the plan in force.
    slots_limit: u32,
    /// What the shop keeps with her; only for services and admins.
    #[serde(flatten)]
    shop: Option<ShopBody>,
}

/// What a shop keeps with a member of its own.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShopBody {
    /// Its number of her.
    #[schema(example = "customer-17")]
    external_id: Option<String>,
    /// What it has noted of her.
    metadata: Notes,
}

impl UserBody {
    fn new(member: Member, slots_limit: u32, caller: &Caller, site: &Site) -> Self {
        let user = member.user;
        let may_change = caller.require(Scope::Read).or_else(|_| caller.require(Scope::UsersWrite));
        let external_id = member.external_id.as_ref().map(ExternalId::to_string);
        Self {
            shop: may_change.is_ok().then_some(ShopBody { external_id, metadata: Notes(member.metadata) }),
            user_id: user.id.get(),
            name: user.name.to_string(),
            email: caller.require(Scope::Read).is_ok().then(|| user.email.to_string()),
            referral_link: site.referral_link(user.code),
            referral_code: user.code.to_string(),
            referrer_id: user.referrer.map(UserId::get),
            is_active: member.active,
            joined_at: When(user.joined_at),
            slots_used: member.slots_used,
            slots_limit,
        }
    }
}

/// A member.
#[utoipa::path(get, path = "/api/users/{user_id}", tag = "users",
    params(("user_id" = i64, Path)),
    responses((status = 200, body = UserBody), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn get_user(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
) -> Result<Json<UserBody>, Problem> {
    let (member, slots_limit) = members::find(&site.app, &caller, user).await?;
    Ok(Json(UserBody::new(member, slots_limit, &caller, &site)))
}

/// How long a token is wanted for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateTokenBody {
    /// A number with s, m, h or d, up to `30d`; a day when it is missing.
    #[schema(example = "30m")]
    ttl: Option<String>,
}

/// An access token.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenBody {
    token: String,
    expires_at: When,
}

/// Mint a member's access token.
///
/// How a shop's own backend signs its customers in. Needs `users:write`.
#[utoipa::path(post, path = "/api/users/{user_id}/tokens", tag = "access",
    params(("user_id" = i64, Path)), request_body = CreateTokenBody,
    responses((status = 201, body = TokenBody), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)))]
pub(crate) async fn create_token(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
    body: Result<Body<CreateTokenBody>, Problem>,
) -> Result<(StatusCode, Json<TokenBody>), Problem> {
    caller.require(Scope::UsersWrite)?;
    let Body(body) = body?;
    let mut fields = Fields::default();
    let ttl = body.ttl.as_deref().map_or(Some(Ttl::MEMBER), |text| fields.read("/ttl", text));
    let ttl = ttl.ok_or_else(|| fields.problem())?;
    let token = mint_member_token(&site.app, &caller, user, ttl).await?;
    let body = TokenBody { token: token.text, expires_at: When(token.expires_at) };
    Ok((StatusCode::CREATED, Json(body)))
}

impl Site {
    /// Where a new member registers with this code.
    pub(crate) fn referral_link(&self, code: ReferralCode) -> String {
        format!("{}/r/{code}", self.public_url)
    }
}
