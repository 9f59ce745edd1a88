//! Names and e-mail addresses of members.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What a member is called: 1 to 100 characters on one line. Copies share them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The most characters a name may have.
    pub const MAX_CHARS: usize = 100;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first of its words, by which somebody is known to those she invites.
    ///
    /// ```
    /// let name: domain::Name = "Chetan Gupta".parse().unwrap();
    /// assert_eq!(name.first(), "Chetan");
    /// ```
    pub fn first(&self) -> &str {
        self.0.split_whitespace().next().unwrap_or_default()
    }

    /// The name as a stranger may see it: its first letter.
    ///
    /// ```
    /// let name: domain::Name = "Chetan Gupta".parse().unwrap();
    /// assert_eq!(name.masked(), "C•••");
    /// ```
    pub fn masked(&self) -> String {
        self.0.chars().take(1).chain("•••".chars()).collect()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > Self::MAX_CHARS || text.chars().any(char::is_control) {
            return Err(InvalidName);
        }
        Ok(Self(text.into()))
    }
}

/// The text cannot be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 100 characters on one line")]
pub struct InvalidName;

/// An e-mail address, trimmed and in lower case, so that equal addresses are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// The most bytes an address may have (RFC 5321, 4.5.3.1.3, less its brackets).
    pub const MAX_BYTES: usize = 254;

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Accepts `something@some.where`; whether the address works only a mail can tell.
impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        let (local, host) = text.split_once('@').ok_or(InvalidEmail)?;
        let well_formed = !local.is_empty()
            && !host.contains('@')
            && host.split('.').all(|label| !label.is_empty())
            && host.contains('.')
            && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if !well_formed || text.len() > Self::MAX_BYTES {
            return Err(InvalidEmail);
        }
        Ok(Self(text))
    }
}

/// The text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address such as \"asha@example.com\"")]
pub struct InvalidEmail;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_addresses_are_equal() {
        assert_eq!(" Asha@Example.COM ".parse::<Email>(), "asha@example.com".parse());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in
            ["", "asha", "@example.com", "asha@", "a@b", "a@b@c.d", "a b@c.d", "a@b..c", "a@.b", "a\n@b.c"]
        {
            assert_eq!(text.parse::<Email>(), Err(InvalidEmail), "{text}");
        }
        assert!(format!("{}@example.com", "a".repeat(250)).parse::<Email>().is_err());
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(" Asha  Rao ".parse::<Name>().unwrap().as_str(), "Asha  Rao");
        assert!("आशा".repeat(25).parse::<Name>().is_ok());
        for text in ["", "   ", "a\nb", "a\u{0}b", &"x".repeat(101)] {
            assert_eq!(text.parse::<Name>(), Err(InvalidName), "{text}");
        }
    }
}
