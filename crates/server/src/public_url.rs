//! How the site is reached from outside: what referral links begin with.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;

/// An address of a site, `https://shop.example` or `https://shop.example/club`,
/// without a slash at the end.
///
/// ```
/// use server::PublicUrl;
///
/// let url: PublicUrl = "HTTPS://shop.example/".parse().unwrap();
/// assert_eq!(url.to_string(), "https://shop.example");
/// assert!("shop.example".parse::<PublicUrl>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let uri: Uri = text.trim().parse().map_err(|_| InvalidPublicUrl)?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or(InvalidPublicUrl)?;
        let scheme = scheme.to_ascii_lowercase();
        // What would be cut off a link, or be shown to everybody in it.
        let more = uri.query().is_some() || text.contains('#') || authority.as_str().contains('@');
        if more || authority.host().is_empty() || !matches!(scheme.as_str(), "http" | "https") {
            return Err(InvalidPublicUrl);
        }
        Ok(Self(format!("{scheme}://{authority}{}", uri.path().trim_end_matches('/'))))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a [`PublicUrl`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be how browsers reach the site, with http or https, such as \"https://members.example.com\"")]
pub struct InvalidPublicUrl;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_what_a_link_can_begin_with() {
        for (text, url) in [
            ("https://shop.example", "https://shop.example"),
            (" http://127.0.0.1:3000/ ", "http://127.0.0.1:3000"),
            ("https://shop.example/club//", "https://shop.example/club"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().to_string(), url);
        }
        for text in [
            "",
            "shop.example",
            "shop.example:443",
            "/club",
            "ftp://shop.example",
            "https://",
            "https:///club",
            "https://asha:secret@shop.example",
            "https://shop.example/?a=b",
            "https://shop.example/#a",
            "https://shop example",
        ] {
            assert_eq!(text.parse::<PublicUrl>(), Err(InvalidPublicUrl), "{text}");
        }
    }
}
