//! Pages of other sites: which may call this one.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method, Uri};
use axum::{Router, middleware};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::gate;

/// How long a browser may remember what it may do.
const REMEMBERED: Duration = Duration::from_hours(1);

/// A site, as a browser names it: `https://shop.example`, without a path.
///
/// ```
/// use server::Origin;
///
/// assert!("https://shop.example".parse::<Origin>().is_ok());
/// assert!("https://shop.example/".parse::<Origin>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(HeaderValue);

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let text = text.trim();
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or(InvalidOrigin)?;
        // Just as a browser writes it, or it would never be the same.
        let written = format!("{scheme}://{authority}");
        let plain = !authority.as_str().contains('@') && written == text.to_lowercase();
        let value = HeaderValue::from_str(text).map_err(|_| InvalidOrigin)?;
        if plain && matches!(scheme, "http" | "https") { Ok(Self(value)) } else { Err(InvalidOrigin) }
    }
}

/// The text is not an [`Origin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an origin in lower case without a path, such as \"https://shop.example\"")]
pub struct InvalidOrigin;

/// The sites whose pages may call this one; none unless they are named.
///
/// A page sends its token itself. Credentials that a browser would add by itself are
/// never let through, so no page can act for somebody who does not know.
#[derive(Clone, Debug, Default)]
pub struct CorsOrigins(Vec<Origin>);

impl FromIterator<Origin> for CorsOrigins {
    fn from_iter<I: IntoIterator<Item = Origin>>(origins: I) -> Self {
        Self(origins.into_iter().collect())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or_default())
    }
}

impl CorsOrigins {
    /// Opens these routes to them.
    pub(crate) fn open(&self, routes: Router) -> Router {
        if self.0.is_empty() {
            return routes;
        }
        let header = HeaderName::from_static;
        let (idempotency_key, request_id) = (header("idempotency-key"), header("x-request-id"));
        let origins = self.0.iter().map(|Origin(value)| value.clone());
        routes
            .layer(
                CorsLayer::new()
                    .allow_origin(AllowOrigin::list(origins))
                    .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
                    .allow_headers([AUTHORIZATION, CONTENT_TYPE, idempotency_key, request_id.clone()])
                    .expose_headers([ETAG, RETRY_AFTER, header("idempotent-replayed"), request_id])
                    .max_age(REMEMBERED),
            )
            // What a browser asks beforehand is answered before it comes to the gate.
            .layer(middleware::map_response(gate::with_request_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_read_as_a_browser_writes_it() {
        for text in ["https://shop.example", "http://localhost:5173", " https://a.b:8443 "] {
            assert_eq!(text.parse::<Origin>().unwrap().to_string(), text.trim());
        }
        for text in [
            "",
            "*",
            "shop.example",
            "https://shop.example/",
            "https://Shop.example",
            "ftp://a",
            "https://a/b",
            "https://u@a",
            "null",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin), "{text}");
        }
    }
}
