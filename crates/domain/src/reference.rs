//! References make retries safe.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The caller's own id for a purchase, a refund, a payout or a registration.
///
/// It is unique for ever within its kind: the second request with the same
/// reference is answered from the first and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(Arc<str>);

impl Reference {
    /// The most characters a reference may have.
    pub const MAX_CHARS: usize = 255;

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let printable = text.bytes().all(|b| matches!(b, b' '..=b'~'));
        if !printable || text.is_empty() || text.len() > Self::MAX_CHARS || text.trim() != text {
            return Err(InvalidReference);
        }
        Ok(Self(text.into()))
    }
}

/// The text cannot be a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 255 printable ASCII characters without surrounding spaces, such as \"order-1001\"")]
pub struct InvalidReference;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_short_printable_ascii() {
        for text in ["1", "order-1001", "Order 1001/a", &"x".repeat(255)] {
            assert_eq!(text.parse::<Reference>().unwrap().as_str(), text);
        }
        for text in ["", " a", "a ", "a\nb", "é", &"x".repeat(256)] {
            assert_eq!(text.parse::<Reference>(), Err(InvalidReference), "{text}");
        }
    }
}
