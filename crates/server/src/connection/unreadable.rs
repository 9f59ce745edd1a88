//! What is answered to what cannot be read as a request. hyper does that by itself,
//! with a bare status and before anything of ours is asked, so its answer is looked
//! for on its way out and given an id and a body.

use axum::http::StatusCode;

use crate::gate::new_request_id;
use crate::problem::Problem;

/// How such an answer says that it has no body.
const NO_BODY: &str = "content-length: 0\r\n";

/// The answer in our words, where these bytes are one that hyper gives by itself. All
/// others carry the id of their request.
pub(super) fn in_our_words(written: &[u8]) -> Option<Vec<u8>> {
    if !written.starts_with(b"HTTP/1.1 4") || !written.ends_with(b"\r\n\r\n") {
        return None;
    }
    let head = std::str::from_utf8(written).ok()?;
    if head.contains("x-request-id") || !head.contains(NO_BODY) {
        return None;
    }
    let status = head.get(9..12)?.parse::<StatusCode>().ok()?;
    let id = new_request_id();
    let id = id.to_str().ok()?;
    tracing::info!(status = status.as_u16(), request_id = id, "unreadable request");
    let mut problem = problem(status);
    id.clone_into(&mut problem.request_id);
    let body = serde_json::to_string(&problem).ok()?;
    let headers = format!(
        "content-type: application/problem+json\r\nx-request-id: {id}\r\ncontent-length: {}\r\n",
        body.len()
    );
    Some((head.replacen(NO_BODY, &headers, 1) + &body).into_bytes())
}

fn problem(status: StatusCode) -> Problem {
    let (code, title, detail) = match status {
        StatusCode::URI_TOO_LONG => ("uri_too_long", "URI too long", "The address is too long."),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            ("headers_too_large", "Headers too large", "There are too many headers, or they are too long.")
        }
        _ => ("malformed_request", "Malformed request", "This is no request of HTTP/1.1."),
    };
    Problem::new(status, code, title, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_of_ours_has_answered_is_put_in_other_words() {
        let bare = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        let told = String::from_utf8(in_our_words(bare.as_bytes()).expect("it is hyper's own")).unwrap();
        let (head, body) = told.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{told}");
        assert!(body.contains("\"code\":\"malformed_request\""), "{told}");
        for ours in [
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nx-request-id: 1\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}",
            "",
        ] {
            assert_eq!(in_our_words(ours.as_bytes()), None, "{ours}");
        }
    }
}
