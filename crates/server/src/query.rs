//! Query fields that a route does not take are refused by name. A filter that
//! was misspelt, or that some other route has, would otherwise be passed over,
//! and everything answered.
//!
//! What a route takes is what the OpenAPI document says of it: a field that is
//! not described there cannot be sent.

use std::collections::HashMap;
use std::sync::Arc;

use app::Caller;
use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{OpenApi, RefOr};

use crate::problem::Problem;

/// The most characters of an unknown name that are repeated to the caller.
const NAME_CHARS_MAX: usize = 64;

/// What every route takes, by its path and its method.
pub(crate) struct QueryFields(HashMap<String, Vec<(Method, Taken)>>);

/// What one route takes.
#[derive(Default)]
struct Taken {
    fields: Vec<String>,
    /// Whether the route is for people who are not signed in, too.
    open: bool,
}

impl QueryFields {
    /// What the document describes, and of these paths that they take nothing.
    pub(crate) fn of(document: &OpenApi, without_any: &[&str]) -> Self {
        let mut routes: HashMap<String, Vec<(Method, Taken)>> =
            document.paths.paths.iter().map(|(path, item)| (path.clone(), operations(item))).collect();
        routes.extend(
            without_any.iter().map(|path| ((*path).to_owned(), vec![(Method::GET, Taken::default())])),
        );
        Self(routes)
    }

    /// Refuses a request with a field that its route does not take. Whoever has to
    /// sign in first is told that instead, by the route.
    fn check(&self, path: &str, method: &Method, caller: Caller, uri: &Uri) -> Result<(), Problem> {
        // What is answered to GET is answered to HEAD without its body.
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let route = self.0.get(path).and_then(|methods| methods.iter().find(|(of, _)| of == method));
        let Some((_, taken)) = route else { return Ok(()) };
        if caller == Caller::Anonymous && !taken.open {
            return Ok(());
        }
        let invalid =
            |detail| Problem::new(StatusCode::BAD_REQUEST, "invalid_query", "Invalid query", detail);
        let given = Query::<Vec<(String, String)>>::try_from_uri(uri);
        let Query(given) = given.map_err(|_| invalid("The query cannot be read.".to_owned()))?;
        match given.iter().find(|(name, _)| !taken.fields.contains(name)) {
            Some((name, _)) => Err(invalid(taken.unknown(name))),
            None => Ok(()),
        }
    }
}

impl Taken {
    fn unknown(&self, name: &str) -> String {
        let name: String = name.chars().take(NAME_CHARS_MAX).collect();
        if self.fields.is_empty() {
            return format!("There is no query field `{name}` here, nor any other.");
        }
        let known: Vec<_> = self.fields.iter().map(|field| format!("`{field}`")).collect();
        format!("There is no query field `{name}` here; there is {}.", known.join(", "))
    }
}

impl From<&Operation> for Taken {
    fn from(operation: &Operation) -> Self {
        let field = |parameter: &RefOr<Parameter>| match parameter {
            RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => {
                Some(parameter.name.clone())
            }
            RefOr::T(_) | RefOr::Ref(_) => None,
        };
        let nothing = SecurityRequirement::default();
        Self {
            fields: operation.parameters.iter().flatten().filter_map(field).collect(),
            open: operation.security.iter().flatten().any(|requirement| *requirement == nothing),
        }
    }
}

fn operations(item: &PathItem) -> Vec<(Method, Taken)> {
    let all = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    all.into_iter().filter_map(|(method, of)| Some((method, of.as_ref()?.into()))).collect()
}

/// Passes requests whose query fields their routes take.
pub(crate) async fn pass(State(fields): State<Arc<QueryFields>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let caller = request.extensions().get().copied().unwrap_or(Caller::Anonymous);
    match fields.check(path, request.method(), caller, request.uri()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}
