//! Speaks HTTP, Socket.IO and OpenAPI.
//!
//! A request passes the `entrance` (where it comes from, what becomes of a body that
//! nobody reads) and the [`gate`] (request id, caller, log line, metrics), is
//! turned from wire types into domain types by its handler in [`api`], and what
//! the use case answers is turned back. Every failure leaves as a
//! [`problem::Problem`]. No SQL and no rule of the programme is known here.

pub mod api;
pub mod gate;
pub mod problem;
mod query;

mod compression;
mod connection;
mod cookie;
mod cors;
mod csv;
mod digits;
mod entrance;
mod extract;
mod health;
mod limits;
mod measured;
mod moment;
mod pages;
mod proxies;
mod public_url;
mod realtime;
mod rehearsal;
mod serve;
mod shortage;
mod wire;

use std::sync::Arc;

use app::App;

pub use connection::Remote;
pub use cors::{CorsOrigins, InvalidOrigin, Origin};
pub use limits::RateLimits;
pub use moment::{InvalidMoment, Moment, Rfc3339};
pub use proxies::{InvalidNetwork, Network, TrustedProxies};
pub use public_url::{InvalidPublicUrl, PublicUrl};
pub use serve::{Server, router};

/// What the handlers know.
#[derive(Debug)]
pub struct Site {
    /// The application.
    pub app: Arc<App>,
    /// How the site is reached from outside, without a slash at the end.
    pub public_url: String,
    /// How often strangers may knock.
    pub limits: RateLimits,
    /// Whose word is taken for where a request came from.
    pub trusted_proxies: TrustedProxies,
    /// The sites elsewhere whose pages may call this one.
    pub cors_origins: CorsOrigins,
}
