//! Somebody who sends requests.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Method, Request};
use serde_json::Value;
use server::Remote;
use tower::ServiceExt;

use crate::answer::Answer;

/// What an actor may be shown of other people.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// Everything.
    All,
    /// No e-mail address of anybody; checked on every answer.
    NoAddresses,
}

/// A caller with the headers she always sends.
#[derive(Clone)]
pub(crate) struct Actor {
    site: Router,
    headers: Vec<(HeaderName, HeaderValue)>,
    address: Option<IpAddr>,
    sight: Sight,
}

impl Actor {
    /// Somebody without a credential.
    pub(crate) fn anonymous(site: &Router) -> Self {
        Self { site: site.clone(), headers: vec![], address: None, sight: Sight::All }
    }

    /// A program or an owner with this key or token.
    pub(crate) fn bearer(site: &Router, credential: &str) -> Self {
        Self::anonymous(site).with(AUTHORIZATION, format!("Bearer {credential}"))
    }

    /// A member with this token.
    pub(crate) fn member(site: &Router, token: &str) -> Self {
        Self { sight: Sight::NoAddresses, ..Self::bearer(site, token) }
    }

    /// The same actor, who sends this header, and no other of its name.
    pub(crate) fn with(&self, name: impl TryInto<HeaderName>, value: impl TryInto<HeaderValue>) -> Self {
        let name = name.try_into().ok().expect("a header name");
        let others = self.headers.iter().filter(|(other, _)| *other != name).cloned().collect();
        Self { headers: others, ..self.clone() }.with_another(name, value)
    }

    /// The same actor, who sends one more header.
    pub(crate) fn with_another(
        &self,
        name: impl TryInto<HeaderName>,
        value: impl TryInto<HeaderValue>,
    ) -> Self {
        let name = name.try_into().ok().expect("a header name");
        let value = value.try_into().ok().expect("a header value");
        let headers = self.headers.iter().cloned().chain([(name, value)]).collect();
        Self { headers, ..self.clone() }
    }

    /// The same actor at another address.
    pub(crate) fn at(&self, address: impl Into<IpAddr>) -> Self {
        Self { address: Some(address.into()), ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_text(path, &body.to_string()).await
    }

    /// Posts JSON as it stands here, whether it is any or not.
    pub(crate) async fn post_text(&self, path: &str, body: &str) -> Answer {
        self.with(CONTENT_TYPE, "application/json").send(Method::POST, path, body.to_owned()).await
    }

    /// Posts JSON objects, one a line.
    pub(crate) async fn post_lines(&self, path: &str, lines: &str) -> Answer {
        self.with(CONTENT_TYPE, "application/x-ndjson").send(Method::POST, path, lines.to_owned()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.with(CONTENT_TYPE, "application/json").send(Method::PATCH, path, body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.with(CONTENT_TYPE, "application/json").send(Method::PUT, path, body.to_string()).await
    }

    /// Sends a request with nothing added to it but the actor's own headers.
    pub(crate) async fn send(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let mut request = Request::new(body.into());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().expect("a path");
        for (name, value) in &self.headers {
            request.headers_mut().append(name, value.clone());
        }
        if let Some(address) = self.address {
            request.extensions_mut().insert(ConnectInfo(Remote::from(SocketAddr::new(address, 50_000))));
        }
        let path = request.uri().path().to_owned();
        let Ok(response) = self.site.clone().oneshot(request).await;
        let answer = Answer::read(path, response).await;
        if self.sight == Sight::NoAddresses && answer.status < 400 && answer.is_json() {
            assert!(!answer.text().contains('@'), "a member is shown an address: {answer}");
        }
        answer
    }
}
