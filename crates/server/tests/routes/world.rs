//! A small programme behind its HTTP interface, and the people who call it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::access::{TokenKey, Ttl, create_key, mint_admin_token, mint_member_token};
use app::members::{self, NewMember};
use app::{App, Caller, Clock, Settings};
use axum::Router;
use domain::{Plan, Timestamp, UserId};
use metrics_exporter_prometheus::PrometheusHandle;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;
use server::{CorsOrigins, RateLimits, Site, TrustedProxies};
use store::{Database, Store};
use tempfile::TempDir;

use crate::actor::Actor;
use crate::answer::Answer;

/// When the clock of every world starts: 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600_000;

/// Asha Rao, who is `member`, brought Bina Shah, who brought Chetan Gupta.
/// Esha Nair, who is `other_member`, came alone.
pub(crate) const ASHA: i64 = 1;
pub(crate) const BINA: i64 = 2;
pub(crate) const CHETAN: i64 = 3;
pub(crate) const ESHA: i64 = 4;

/// An id that nobody has.
pub(crate) const NOBODY: i64 = 999;

/// A clock that stands still until it is moved.
struct ScriptedClock(AtomicI64);

impl Clock for ScriptedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Somebody who joined.
pub(crate) struct Joined {
    pub(crate) id: i64,
    pub(crate) code: String,
    pub(crate) actor: Actor,
}

/// A running site over a database that goes with it, and its callers.
pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) anonymous: Actor,
    pub(crate) member: Actor,
    pub(crate) other_member: Actor,
    /// A program whose API key has the scope `admin`.
    pub(crate) admin: Actor,
    /// The owner, with the token of a sign-in link.
    pub(crate) owner: Actor,
    routes: Router,
    clock: Arc<ScriptedClock>,
    directory: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_metrics(None).await
    }

    pub(crate) async fn with_metrics(metrics: Option<PrometheusHandle>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ScriptedClock(AtomicI64::new(START)));
        let app = Arc::new(App::start(Settings {
            store: Store::open(&Database::Sqlite(directory.path().to_owned())).await.unwrap(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            chance: StdRng::seed_from_u64(1),
            rules: app::Rules::default(),
            token_key: TokenKey::new(&[7; 32]).unwrap(),
        }));
        let routes = server::router(site(&app), metrics);
        let anonymous = Actor::anonymous(&routes);
        let asha = join(&app, &routes, "Asha Rao", None).await;
        let bina = join(&app, &routes, "Bina Shah", Some(&asha.code)).await;
        join(&app, &routes, "Chetan Gupta", Some(&bina.code)).await;
        let esha = join(&app, &routes, "Esha Nair", None).await;
        let admin = service(&app, &routes, "admin").await;
        let owner = mint_admin_token(&app, &Caller::Admin, Ttl::ADMIN).await.unwrap();
        let owner = Actor::bearer(&routes, &owner.text);
        let (member, other_member) = (asha.actor, esha.actor);
        Self { app, anonymous, member, other_member, admin, owner, routes, clock, directory }
    }

    /// A program whose API key has these scopes, separated by spaces.
    pub(crate) async fn service(&self, scopes: &str) -> Actor {
        service(&self.app, &self.routes, scopes).await
    }

    /// Somebody with this key or token.
    pub(crate) fn bearer(&self, credential: &str) -> Actor {
        Actor::bearer(&self.routes, credential)
    }

    /// The same site without its sockets, to be served again.
    pub(crate) fn site(&self) -> Site {
        site(&self.app)
    }

    /// Where the database is.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.clock.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Sets the clock back, as a machine's clock may be.
    pub(crate) fn set_clock_back(&self, by: Duration) {
        self.clock.0.fetch_sub(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Lets somebody in, past the rate limit.
    pub(crate) async fn join(&self, name: &str, code: Option<&str>) -> Joined {
        join(&self.app, &self.routes, name, code).await
    }

    /// The referral code of somebody.
    pub(crate) async fn code_of(&self, user: i64) -> String {
        self.owner.get(&format!("/api/users/{user}")).await.field("/referral_code")
    }

    /// Somebody with a token of this moment: those she joined with are good for a day.
    pub(crate) async fn signed_in(&self, user: i64) -> Actor {
        let minted = mint_member_token(&self.app, &Caller::Admin, UserId::new(user), Ttl::MEMBER).await;
        Actor::member(&self.routes, &minted.unwrap().text)
    }

    /// The owner with a session of her own.
    pub(crate) async fn owner_signed_in(&self) -> Actor {
        let minted = mint_admin_token(&self.app, &Caller::Admin, Ttl::ADMIN).await;
        Actor::bearer(&self.routes, &minted.unwrap().text)
    }

    /// Reports a purchase that must be taken.
    pub(crate) async fn buy(&self, user: i64, amount: &str) -> Answer {
        let answer = self.admin.post("/api/purchases", json!({"user_id": user, "amount": amount})).await;
        assert_eq!(answer.status, 201, "{answer}");
        answer
    }

    /// Gives a part of a purchase back, which must be taken.
    pub(crate) async fn refund(&self, purchase: i64, amount: &str) -> Answer {
        let path = format!("/api/purchases/{purchase}/refunds");
        let answer = self.admin.post(&path, json!({"amount": amount})).await;
        assert_eq!(answer.status, 201, "{answer}");
        answer
    }

    /// Makes a payout run for everybody who is due anything.
    pub(crate) async fn pay_out(&self) -> Answer {
        let answer = self.admin.post("/api/payouts/runs", json!({})).await;
        assert_eq!(answer.status, 201, "{answer}");
        answer
    }

    /// Says that a payout did not arrive.
    pub(crate) async fn fail_payout(&self, payout: i64, reason: &str) {
        let said = json!({"status": "failed", "reason": reason});
        let answer = self.admin.patch(&format!("/api/payouts/{payout}"), said).await;
        assert_eq!(answer.status, 200, "{answer}");
    }

    /// Adds to the balance of somebody.
    pub(crate) async fn credit(&self, user: i64, amount: &str, reason: &str) {
        let body = json!({"direction": "credit", "amount": amount, "reason": reason});
        let answer = self.admin.post(&format!("/api/users/{user}/adjustments"), body).await;
        assert_eq!(answer.status, 201, "{answer}");
    }

    pub(crate) async fn set_active(&self, user: i64, active: bool) {
        let answer = self.admin.patch(&format!("/api/users/{user}"), json!({"is_active": active})).await;
        assert_eq!(answer.status, 200, "{answer}");
    }

    /// Sets another plan from now on.
    pub(crate) async fn set_plan(&self, plan: Plan) {
        let now = self.app.now();
        self.app.store().write(async move |tx| tx.append_plan(&plan, now, now).await).await.unwrap();
    }
}

fn site(app: &Arc<App>) -> Site {
    let public_url = "https://shop.example".into();
    Site {
        app: Arc::clone(app),
        public_url,
        limits: RateLimits::default(),
        trusted_proxies: TrustedProxies::default(),
        cors_origins: CorsOrigins::default(),
    }
}

async fn service(app: &App, routes: &Router, scopes: &str) -> Actor {
    let created = create_key(app, &Caller::Admin, scopes.into(), scopes.parse().unwrap()).await.unwrap();
    Actor::bearer(routes, &created.key)
}

async fn join(app: &App, routes: &Router, name: &str, code: Option<&str>) -> Joined {
    let local = name.to_lowercase().replace(' ', ".").replace(|char| "()<>,\"".contains(char), "");
    let email = format!("{local}@example.com");
    let code = code.map(|code| code.parse().unwrap());
    let new = NewMember::new(name.parse().unwrap(), email.parse().unwrap(), code);
    let registered = members::register(app, &Caller::Anonymous, new).await.unwrap();
    Joined {
        id: registered.member.user.id.get(),
        code: registered.member.user.code.to_string(),
        actor: Actor::member(routes, &registered.token.text),
    }
}
