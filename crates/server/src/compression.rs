//! Large answers are compressed for whoever takes that.

use axum::Router;
use axum::extract::Request;
use axum::http::header::ACCEPT_ENCODING;
use axum::http::{HeaderMap, HeaderValue};
use tower::util::MapRequestLayer;
use tower_http::CompressionLevel;
use tower_http::compression::{
    CompressionLayer, Predicate, predicate::DefaultPredicate, predicate::SizeAbove,
};

/// Answers of fewer bytes go out as they are: they travel as fast.
const WORTH_IT_BYTES: u64 = 4096;

/// Compresses what these routes answer.
pub(crate) fn compressed<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    let large = DefaultPredicate::new().and(SizeAbove::new(WORTH_IT_BYTES));
    let gzip = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(large);
    // Each layer is passed before those above it.
    routes.layer(gzip).layer(MapRequestLayer::new(ask_for_gzip_alone))
}

/// Leaves of what the client takes what there is. Somebody who takes neither gzip nor
/// what is not compressed would be answered 406 by the layer, when all is done.
fn ask_for_gzip_alone(mut request: Request) -> Request {
    let takes_gzip = takes(request.headers(), "gzip");
    match takes_gzip {
        true => drop(request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))),
        false => drop(request.headers_mut().remove(ACCEPT_ENCODING)),
    }
    request
}

/// Whether the client takes this encoding.
pub(crate) fn takes(headers: &HeaderMap, encoding: &str) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|offer| {
        let (name, quality) = offer.split_once(';').unwrap_or((offer, ""));
        let refused =
            quality.trim().strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        name.trim() == encoding && !refused
    })
}
