//! What is found out of every request before anything else looks at it: which
//! address it comes from. Its body is taken in even when nobody reads it.

mod arriving;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::http::header::EXPECT;
use tower::util::MapRequestLayer;

use self::arriving::{Arriving, Stage, Unread};
use crate::connection::Remote;
use crate::proxies::{Client, TrustedProxies};

/// Puts the entrance in front of these routes.
pub(crate) fn behind_entrance(routes: Router, proxies: TrustedProxies) -> Router {
    let unread = Unread::default();
    routes.layer(MapRequestLayer::new(move |request| let_in(request, &proxies, &unread)))
}

fn let_in(mut request: Request, proxies: &TrustedProxies, unread: &Unread) -> Request {
    let remote = request.extensions().get::<ConnectInfo<Remote>>();
    let client = remote.map_or(Client::NOWHERE, |ConnectInfo(remote)| {
        proxies.client(remote.address.ip(), request.headers())
    });
    request.extensions_mut().insert(client);
    if request.body().is_end_stream() {
        return request;
    }
    let stage = if request.headers().contains_key(EXPECT) { Stage::WaitsToBeAsked } else { Stage::Comes };
    request.map(|body| Body::new(Arriving::new(body, client, stage, unread)))
}
