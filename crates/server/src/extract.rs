//! What handlers take from a request. Whatever does not fit is refused here,
//! with a problem that names the place.

use std::convert::Infallible;
use std::str::FromStr;
use std::time::Duration;

use app::access::Credential;
use app::metadata::InvalidNotes;
use app::{Caller, Denied};
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use domain::{Metadata, Reference};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::problem::{FieldError, Problem};
use crate::proxies::Client;

/// The most bytes a body may have.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// How long a body may take to come. The rest of a request's time is for the work.
const BODY_TIME_MAX: Duration = Duration::from_secs(20);

/// The most bytes a body of lines may have.
const LINES_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The most lines it may have.
const LINES_MAX: usize = 10_000;

/// Rows of a list, unless the caller asks for another number.
const PAGE_DEFAULT: usize = 20;

/// The most rows of a list.
pub(crate) const PAGE_MAX: usize = 100;

/// Who is calling, as the gate found out.
pub(crate) struct Who(pub(crate) Caller);

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get().copied().unwrap_or(Caller::Anonymous)))
    }
}

/// Who is calling, on routes that nobody unknown has any business with. It stands
/// first among a handler's arguments: whoever is not signed in is told so before
/// anything else about her request is looked at.
pub(crate) struct SignedIn(pub(crate) Caller);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get().copied() {
            None | Some(Caller::Anonymous) => Err(Denied::Unauthenticated.into()),
            Some(caller) => Ok(Self(caller)),
        }
    }
}

/// What the caller has sent to be known by, on routes that are about that itself.
pub(crate) struct SignedInBy(pub(crate) Credential);

impl<S: Sync> FromRequestParts<S> for SignedInBy {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get().copied() {
            None | Some(Credential { caller: Caller::Anonymous, .. }) => Err(Denied::Unauthenticated.into()),
            Some(credential) => Ok(Self(credential)),
        }
    }
}

/// Where the request came from, as the entrance found out: what limits count by.
pub(crate) struct Peer(pub(crate) Client);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get().copied().unwrap_or(Client::NOWHERE)))
    }
}

/// The id in the path.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr<Err: ToString>, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let invalid =
            |detail: String| Problem::new(StatusCode::BAD_REQUEST, "invalid_id", "Invalid id", detail);
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|rejection| invalid(rejection.body_text()))?;
        text.parse().map(Self).map_err(|error: T::Err| invalid(format!("The id {}.", error.to_string())))
    }
}

/// Which part of a list is asked for: `?limit=` and `?cursor=`.
pub(crate) struct Page<C = i64, const DEFAULT: usize = PAGE_DEFAULT> {
    /// Where the previous part ended.
    pub(crate) before: Option<C>,
    /// How many rows.
    pub(crate) limit: usize,
}

#[derive(Deserialize)]
struct PageQuery {
    limit: Option<String>,
    cursor: Option<String>,
}

impl<C: FromStr, const DEFAULT: usize, S: Send + Sync> FromRequestParts<S> for Page<C, DEFAULT> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let invalid =
            |detail: &str| Problem::new(StatusCode::BAD_REQUEST, "invalid_query", "Invalid query", detail);
        let query = Query::<PageQuery>::from_request_parts(parts, state).await;
        let Query(query) = query.map_err(|_| invalid("`limit` and `cursor` may be given once each."))?;
        let limit = query.limit.map_or(Ok(DEFAULT), |text| text.parse());
        let limit = limit.ok().filter(|limit| (1..=PAGE_MAX).contains(limit));
        let limit = limit.ok_or_else(|| invalid("`limit` must be a number from 1 to 100."))?;
        let before = query.cursor.map(|text| text.parse()).transpose();
        let before =
            before.map_err(|_| invalid("`cursor` must be the `next_cursor` of an earlier answer."))?;
        Ok(Self { before, limit })
    }
}

/// A query that cannot be answered.
pub(crate) fn invalid_query(detail: impl ToString) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_query", "Invalid query", detail)
}

/// A field of a query as the type that reads it.
pub(crate) fn query_field<T: FromStr<Err: ToString>>(
    name: &str,
    text: Option<&str>,
) -> Result<Option<T>, Problem> {
    let read = text.map(str::parse).transpose();
    read.map_err(|error: T::Err| invalid_query(format!("`{name}` {}.", error.to_string())))
}

/// A JSON body of at most [`BODY_BYTES_MAX`] bytes.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = bytes_of(request, "application/json", BODY_BYTES_MAX).await?;
        object(&bytes).map(Self)
    }
}

/// A body of lines, each a JSON object, at most [`LINES_MAX`] of them in at most
/// [`LINES_BYTES_MAX`] bytes. Each line that is not blank stands beside its
/// number, and on its own: one that cannot be read disturbs no other.
pub(crate) struct Lines<T>(pub(crate) Vec<(usize, Result<T, Problem>)>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Lines<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = bytes_of(request, "application/x-ndjson", LINES_BYTES_MAX).await?;
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        if lines.clone().nth(LINES_MAX).is_some() {
            return Err(too_large(format_args!("{LINES_MAX} lines")));
        }
        let lines = (1..).zip(lines).filter(|(_, line)| !line.is_empty());
        Ok(Self(lines.map(|(number, line)| (number, object(line))).collect()))
    }
}

/// The whole body, when it is said to be of this type.
async fn bytes_of(request: Request, essence: &str, most: usize) -> Result<Bytes, Problem> {
    if !is_of_type(request.headers(), essence) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Unsupported media type",
            format!("Send the body as `Content-Type: {essence}`."),
        ));
    }
    let whole = tokio::time::timeout(BODY_TIME_MAX, to_bytes(request.into_body(), most)).await;
    whole.map_err(|_| too_slow())?.map_err(|error| unreadable(&error, most))
}

fn too_slow() -> Problem {
    let seconds = BODY_TIME_MAX.as_secs();
    let detail = format!("The body did not come within {seconds} s. Nothing was recorded; send it again.");
    Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "Request timeout", detail)
}

fn object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(object) if is_object(bytes) => Ok(object),
        // serde would take the items of an array for the fields, in their order.
        Ok(_) => Err(no_object()),
        Err(error) => Err(not_as_expected::<T>(bytes, &error)),
    }
}

fn is_object(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"{")
}

fn no_object() -> Problem {
    Problem::invalid_body(vec![FieldError { pointer: String::new(), detail: "must be an object".into() }])
}

fn is_of_type(headers: &HeaderMap, essence: &str) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(essence)
}

fn too_large(most: impl std::fmt::Display) -> Problem {
    let detail = format!("The body may have at most {most}.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "Payload too large", detail)
}

fn unreadable(error: &axum::Error, most: usize) -> Problem {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return too_large(format_args!("{most} bytes"));
        }
        cause = error.source();
    }
    Problem::new(StatusCode::BAD_REQUEST, "incomplete_body", "Incomplete body", "The body broke off.")
}

/// Why the bytes are not a `T`. They are read a second time, slowly, only to
/// tell the caller which field is meant.
fn not_as_expected<T: DeserializeOwned>(bytes: &[u8], error: &serde_json::Error) -> Problem {
    let well_formed = match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str::<IgnoredAny>(text).map(drop).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = well_formed {
        let detail = format!("The body is not JSON: {error}.");
        return Problem::new(StatusCode::BAD_REQUEST, "malformed_json", "Malformed JSON", detail);
    }
    if !is_object(bytes) {
        return no_object();
    }
    let reader = &mut serde_json::Deserializer::from_slice(bytes);
    let (mut pointer, detail) = match serde_path_to_error::deserialize::<_, T>(reader) {
        Ok(_) => (String::new(), error.to_string()),
        Err(error) => (pointer(error.path()), error.inner().to_string()),
    };
    // serde reports what is missing or unknown at the object around it.
    for prefix in ["missing field `", "unknown field `", "duplicate field `"] {
        if let Some((name, _)) = detail.strip_prefix(prefix).and_then(|rest| rest.split_once('`'))
            && !pointer.ends_with(&format!("/{}", escape(name)))
        {
            pointer = format!("{pointer}/{}", escape(name));
        }
    }
    let (detail, _) = detail.split_once(" at line ").unwrap_or((&detail, ""));
    let detail = detail.replace("expected i64", "expected a whole number");
    let detail = detail.replace("expected u32", "expected a whole number of zero or more");
    Problem::invalid_body(vec![FieldError { pointer, detail }])
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Seq { index } => format!("/{index}"),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}

/// A name as it stands in a JSON pointer (RFC 6901, 3).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The `Idempotency-Key`, bare or quoted as the IETF draft has it.
#[derive(Default)]
pub(crate) struct IdempotencyKey(Option<Reference>);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default();
        let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        bare.parse().map(|key| Self(Some(key))).map_err(|error: domain::InvalidReference| {
            Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_reference",
                "Invalid reference",
                format!("`Idempotency-Key` {error}."),
            )
        })
    }
}

impl IdempotencyKey {
    /// The one reference of a request that may name it in its body too.
    pub(crate) fn or(self, in_body: Option<&str>) -> Result<Option<Reference>, Problem> {
        let in_body = in_body.map(str::parse::<Reference>).transpose();
        let in_body = in_body
            .map_err(|error| Problem::field("invalid_reference", "Invalid reference", "/reference", error))?;
        match (self.0, in_body) {
            (Some(key), Some(reference)) if key != reference => Err(Problem::field(
                "reference_mismatch",
                "Reference mismatch",
                "/reference",
                "must equal the `Idempotency-Key`, or one of the two must be left out",
            )),
            (key, reference) => Ok(key.or(reference)),
        }
    }
}

/// A field that is there, null or not: for bodies that say what is to change.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// What is wrong with the notes in a body.
pub(crate) fn notes_error(InvalidNotes { key, detail }: InvalidNotes) -> FieldError {
    let key = key.map(|key| format!("/{}", escape(&key)));
    FieldError { pointer: format!("/metadata{}", key.unwrap_or_default()), detail }
}

/// Collects what is wrong with the fields of a body, so that the caller is told
/// all of it at once.
#[derive(Default)]
pub(crate) struct Fields(Vec<FieldError>);

impl Fields {
    /// The field as the type that reads it, or a note of what is wrong.
    pub(crate) fn read<T: FromStr<Err: ToString>>(&mut self, pointer: &str, text: &str) -> Option<T> {
        self.note(pointer, text.parse())
    }

    /// What was read of a field, or a note of what is wrong with it.
    pub(crate) fn note<T, E: ToString>(&mut self, pointer: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| {
            self.0.push(FieldError { pointer: pointer.into(), detail: error.to_string() });
        })
        .ok()
    }

    /// The notes of a shop, or a note of what is wrong with them; none where the
    /// field is missing.
    pub(crate) fn read_notes(&mut self, json: Option<&RawValue>) -> Metadata {
        let read = json.map_or(Ok(Metadata::default()), |json| app::metadata::read(json.get()));
        read.map_err(|error| self.0.push(notes_error(error))).unwrap_or_default()
    }

    /// What was noted, field by field.
    pub(crate) fn errors(self) -> Vec<FieldError> {
        self.0
    }

    /// What was noted.
    pub(crate) fn problem(self) -> Problem {
        Problem::invalid_body(self.0)
    }

    /// Passes when nothing was noted.
    pub(crate) fn check(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(self.problem()) }
    }
}
