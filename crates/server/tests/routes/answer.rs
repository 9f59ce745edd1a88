//! What came back, and what must be true of everything that comes back.

use std::fmt;

use axum::body::{Bytes, to_bytes};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Reads a response and checks what every answer promises: it carries a
    /// request id, and a failure is a page, or a complete RFC 9457 problem about this path.
    pub(crate) async fn read(path: String, response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a whole body");
        let answer = Self { status: parts.status.as_u16(), headers: parts.headers, body };
        assert!(answer.header("x-request-id").is_some(), "no request id: {path}");
        if answer.status >= 400 && !answer.is_page() {
            answer.check_problem(&path);
        }
        answer
    }

    fn check_problem(&self, path: &str) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{path}");
        let problem = self.json();
        let text =
            |member: &str| problem[member].as_str().unwrap_or_else(|| panic!("no {member}: {problem}"));
        assert_eq!(problem["status"], self.status, "{problem}");
        assert_eq!(text("instance"), path);
        assert_eq!(Some(text("request_id")), self.header("x-request-id"));
        assert_eq!(text("type"), format!("urn:banyan:problem:{}", text("code")));
        assert!(!text("title").is_empty() && text("detail").ends_with('.'), "{problem}");
        assert_eq!(self.status == 401, self.header("www-authenticate").is_some(), "{problem}");
        for error in problem["errors"].as_array().into_iter().flatten() {
            let pointer = error["pointer"].as_str().expect("a pointer");
            assert!(pointer.is_empty() || pointer.starts_with('/'), "{problem}");
            assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a plain header"))
    }

    pub(crate) fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.ends_with("json"))
    }

    pub(crate) fn is_page(&self) -> bool {
        self.header("content-type") == Some("text/html; charset=utf-8")
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text in UTF-8")
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// The stable code of a problem.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_else(|| panic!("not a problem: {self}")).to_owned()
    }

    /// The fields that a problem complains about.
    pub(crate) fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["pointer"].as_str().expect("a pointer").to_owned()).collect()
    }

    /// One member of an object in the body, as text.
    #[track_caller]
    pub(crate) fn field(&self, pointer: &str) -> String {
        match self.json().pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => panic!("no {pointer}: {self}"),
        }
    }

    /// The rows of a list.
    #[track_caller]
    pub(crate) fn rows(&self) -> Vec<Value> {
        self.json()["data"].as_array().unwrap_or_else(|| panic!("not a list: {self}")).clone()
    }
}

/// The status and the body for a snapshot. What differs from run to run is
/// taken out, after a look that it is there and looks right.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut body = self.json();
        if let Some(id) = body.get_mut("request_id") {
            assert!(id.as_str().is_some_and(|id| !id.is_empty()), "an empty request id");
            *id = "[request id]".into();
        }
        if let Some(token) = body.get_mut("token") {
            assert_eq!(token.as_str().map(|token| token.split('.').count()), Some(3), "not a JWT");
            *token = "[token]".into();
        }
        write!(f, "{} {body:#}", self.status)
    }
}
