//! The dashboard, and the Socket.IO client as the Node original serves it.

use std::sync::Arc;

use app::invitations::{self, Invitation};
use axum::Router;
use axum::extract::State;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use dashboard::Asset;
use domain::ReferralCode;

use crate::Site;
use crate::compression::takes;
use crate::extract::{Id, Peer};
use crate::problem::Problem;

/// Scripts, styles and connections from here and from nowhere else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// What a browser is told of every page.
const GUARDS: [(HeaderName, HeaderValue); 3] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// The pages, which find their own way from the path, and the files they need.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(page))
        .route("/register", get(page))
        .route("/r/{code}", get(invitation))
        .route("/members/{id}", get(page))
        .route("/members/{id}/statement", get(page))
        .route("/payouts", get(page))
        .route("/payouts/{run}", get(page))
        .route("/plan", get(page))
        .route("/audit", get(page))
        .route("/assets/{*path}", get(file))
        .route("/favicon.svg", get(file))
        .route("/third-party.txt", get(file))
}

/// The Socket.IO client, where every page written for the Node server looks for it.
pub(crate) fn socket_io_client() -> Router {
    Router::new()
        .route("/socket.io/socket.io.js", get(file))
        .route("/socket.io/socket.io.js.map", get(file))
        .route("/socket.io/socket.io.min.js", get(file))
        .route("/socket.io/socket.io.min.js.map", get(file))
        .route("/socket.io/socket.io.esm.min.js", get(file))
        .route("/socket.io/socket.io.esm.min.js.map", get(file))
}

async fn page(headers: HeaderMap) -> Response {
    send(dashboard::index(), &headers)
}

/// The page of an invitation. Whoever shows a link in a conversation reads its
/// head and runs no script, so the head says who invites.
async fn invitation(
    State(site): State<Arc<Site>>,
    Peer(peer): Peer,
    code: Result<Id<ReferralCode>, Problem>,
    headers: HeaderMap,
) -> Response {
    // A code that is not read is told so by the page, to the person.
    let Ok(Id(code)) = code else { return page(headers).await };
    if site.limits.look_at_code(peer).is_err() {
        return page(headers).await;
    }
    let Ok(Some(found)) = invitations::invitation(&site.app, code).await else { return page(headers).await };
    let index = dashboard::index();
    let html = String::from_utf8_lossy(index.identity);
    let html = html.replacen("<title>", &format!("{}<title>", card(&site, &found)), 1);
    let mut common = common_headers(index, "no-cache");
    common.remove(ETAG);
    (common, html).into_response()
}

/// What a messenger shows of the link (<https://ogp.me>).
fn card(site: &Site, Invitation { code, inviter, .. }: &Invitation) -> String {
    let title = escape(&format!("{inviter} invites you"));
    let url = escape(&site.referral_link(*code));
    format!(
        "<meta property=\"og:title\" content=\"{title}\" />\n    \
         <meta property=\"og:url\" content=\"{url}\" />\n    "
    )
}

/// The text as it stands in an attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

async fn file(uri: Uri, method: Method, headers: HeaderMap) -> Response {
    match dashboard::asset(uri.path().trim_start_matches('/')) {
        Some(asset) => send(asset, &headers),
        None => nothing_here(method, headers).await,
    }
}

/// What is answered at an address where there is nothing: a page to a person, a
/// problem to a program.
pub(crate) async fn nothing_here(method: Method, headers: HeaderMap) -> Response {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_browser = accepted.split([',', ';']).any(|kind| kind.trim() == "text/html");
    if !is_browser || !method.is_safe() {
        return Problem::not_found().into_response();
    }
    let asset = dashboard::not_found();
    let mut headers = common_headers(asset, "no-cache");
    headers.remove(ETAG);
    (StatusCode::NOT_FOUND, headers, asset.identity).into_response()
}

fn send(asset: &'static Asset, request: &HeaderMap) -> Response {
    let caching = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut headers = common_headers(asset, caching);
    let known = request.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|tag| [asset.etag, "*"].contains(&tag.trim()))) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let (encoding, bytes) = negotiate(asset, request);
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    (headers, bytes).into_response()
}

fn common_headers(asset: &'static Asset, caching: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
        (ETAG, HeaderValue::from_static(asset.etag)),
        (CACHE_CONTROL, HeaderValue::from_static(caching)),
        (VARY, HeaderValue::from_static("accept-encoding")),
    ]);
    headers.extend(GUARDS);
    headers
}

/// Guards a page that is not one of ours.
pub(crate) async fn guard(mut page: Response) -> Response {
    page.headers_mut().extend(GUARDS);
    page
}

/// The smallest form of the file that the browser takes.
fn negotiate(asset: &'static Asset, request: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let brotli = asset.brotli.filter(|_| takes(request, "br"));
    match (brotli, asset.gzip.filter(|_| takes(request, "gzip"))) {
        (Some(brotli), _) => (Some("br"), brotli),
        (None, Some(gzip)) => (Some("gzip"), gzip),
        (None, None) => (None, asset.identity),
    }
}
