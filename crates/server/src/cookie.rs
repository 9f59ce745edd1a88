//! The session of a browser: one for all its tabs, in a cookie that no script
//! reads. What it opens, it opens for our own pages alone: it is sent from nowhere
//! else (`SameSite=Strict`), and what changes anything has to come from this origin.

use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Where the page comes by TLS. The prefix has browsers refuse it from any other host.
const NAME: &str = "__Host-banyan";

/// Without TLS. Cookies are shared by all ports of a host, so the port is in the name.
const PLAIN_NAME: &str = "banyan";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The key or token in the cookie of a request.
pub(crate) fn credential(headers: &HeaderMap) -> Option<&str> {
    let plain = plain_name(headers);
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == NAME || *name == plain).map(|(_, value)| value)
}

/// Whether a page of this very origin has sent the request, as the browser says.
pub(crate) fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    // Browsers from before 2023 send the origin alone.
    let origin = text(ORIGIN).and_then(|origin| origin.split_once("://"));
    origin.is_some_and(|(_, host)| text(HOST).is_some_and(|here| here.eq_ignore_ascii_case(host)))
}

/// Puts the key or token into the browser, for so many seconds or until it is closed.
pub(crate) fn set(
    headers: &HeaderMap,
    public_url: &str,
    credential: &str,
    seconds: Option<i64>,
) -> HeaderValue {
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let (name, secure) = match public_url.starts_with("https://") {
        true => (NAME.to_owned(), "; Secure"),
        false => (plain_name(headers), ""),
    };
    let cookie = format!("{name}={credential}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
    // Keys and tokens are letters, digits and a few signs; nothing else opens anything.
    HeaderValue::from_str(&cookie).expect("what was taken as a key or token is plain text")
}

/// Takes it away again.
pub(crate) fn clear(headers: &HeaderMap, public_url: &str) -> HeaderValue {
    set(headers, public_url, "", Some(0))
}

fn plain_name(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())) {
        Some((_, port)) => format!("{PLAIN_NAME}-{port}"),
        None => PLAIN_NAME.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn it_is_found_among_others_and_by_its_port() {
        let both = headers(&[("host", "127.0.0.1:3000"), ("cookie", "a=b; banyan-3001=no; banyan-3000=yes")]);
        assert_eq!(credential(&both), Some("yes"));
        let secure = headers(&[("host", "shop.example"), ("cookie", "__Host-banyan=t.o.k")]);
        assert_eq!(credential(&secure), Some("t.o.k"));
        assert_eq!(credential(&headers(&[("host", "shop.example"), ("cookie", "banyan-3000=t")])), None);
    }

    #[test]
    fn a_request_is_from_here_when_the_browser_says_so() {
        for (from_here, pairs) in [
            (true, vec![("sec-fetch-site", "same-origin")]),
            (false, vec![("sec-fetch-site", "same-site"), ("host", "a.b"), ("origin", "https://a.b")]),
            (false, vec![("sec-fetch-site", "cross-site")]),
            (false, vec![("sec-fetch-site", "none")]),
            (true, vec![("host", "a.b:1"), ("origin", "http://A.b:1")]),
            (false, vec![("host", "a.b:1"), ("origin", "http://a.b:2")]),
            (false, vec![("host", "a.b"), ("origin", "null")]),
            (false, vec![("host", "a.b")]),
        ] {
            assert_eq!(is_from_here(&headers(&pairs)), from_here, "{pairs:?}");
        }
    }

    #[test]
    fn no_script_reads_it_and_tls_keeps_it_to_one_host() {
        let here = headers(&[("host", "127.0.0.1:3000")]);
        let plain = set(&here, "http://127.0.0.1:3000", "t", Some(60));
        assert_eq!(plain, "banyan-3000=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=60");
        let secure = set(&here, "https://shop.example", "t", None);
        assert_eq!(secure, "__Host-banyan=t; Path=/; HttpOnly; SameSite=Strict; Secure");
    }
}
