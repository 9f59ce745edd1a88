//! What a client sends to be known by when it connects.

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde_json::Value;

/// What was sent, in the one place where it is looked for.
#[derive(Debug, PartialEq)]
pub(super) enum Sent {
    Nothing,
    Token(String),
}

const NOT_AN_OBJECT: &str = "misplaced_token: send it as `auth: {token}`, not as `auth` itself";
const NOT_A_STRING: &str = "invalid_token: the `token` in `auth` must be a string";
const IN_QUERY: &str = "misplaced_token: send it as `auth: {token}`; in the address it would stand in logs";
const IN_HEADER: &str = "misplaced_token: send it as `auth: {token}`; a browser's WebSocket sends no headers";

/// The token in `auth`. One in another place is not taken, and its sender is told: she
/// would wonder why nothing opens.
pub(super) fn sent(auth: Option<Value>, request: &Parts) -> Result<Sent, &'static str> {
    match auth {
        Some(Value::Object(mut auth)) => match auth.remove("token") {
            Some(Value::String(token)) => return Ok(Sent::Token(token)),
            None | Some(Value::Null) => {}
            Some(_) => return Err(NOT_A_STRING),
        },
        None | Some(Value::Null) => {}
        Some(_) => return Err(NOT_AN_OBJECT),
    }
    let query = request.uri.query().unwrap_or_default();
    if query.split('&').any(|pair| pair.starts_with("token=") || pair.starts_with("access_token=")) {
        return Err(IN_QUERY);
    }
    let header = request.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if header.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer ")) {
        return Err(IN_HEADER);
    }
    Ok(Sent::Nothing)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_taken_from_auth_and_one_elsewhere_is_told() {
        let plain = Request::get("/socket.io/?EIO=4").body(()).unwrap().into_parts().0;
        for (auth, taken) in [
            (None, Ok(Sent::Nothing)),
            (Some(Value::Null), Ok(Sent::Nothing)),
            (Some(json!({})), Ok(Sent::Nothing)),
            (Some(json!({"token": null, "page": 7})), Ok(Sent::Nothing)),
            (Some(json!({"token": "t"})), Ok(Sent::Token("t".into()))),
            (Some(json!({"token": 7})), Err(NOT_A_STRING)),
            (Some(json!({"token": {"token": "t"}})), Err(NOT_A_STRING)),
            (Some(json!("t")), Err(NOT_AN_OBJECT)),
            (Some(json!(["t"])), Err(NOT_AN_OBJECT)),
        ] {
            assert_eq!(sent(auth.clone(), &plain), taken, "{auth:?}");
        }
        let query = Request::get("/socket.io/?EIO=4&token=t").body(()).unwrap().into_parts().0;
        assert_eq!(sent(None, &query), Err(IN_QUERY));
        let header = Request::get("/").header("authorization", "bearer t").body(()).unwrap().into_parts().0;
        assert_eq!(sent(None, &header), Err(IN_HEADER));
        let proxys = Request::get("/").header("authorization", "Basic dA==").body(()).unwrap().into_parts().0;
        assert_eq!(sent(None, &proxys), Ok(Sent::Nothing), "it is between the client and a proxy");
        assert_eq!(sent(Some(json!({"token": "t"})), &header), Ok(Sent::Token("t".into())));
    }
}
