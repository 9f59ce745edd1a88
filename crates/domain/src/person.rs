//! Names and e-mail addresses of members.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::unseen::{self, Unseen};

/// What a member is called: 1 to 100 characters on one line. Copies share them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The most characters a name may have.
    pub const MAX_CHARS: usize = 100;

    /// A name as it was written down once, whatever else was taken for a name then.
    pub fn stored(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.into()))
    }

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
        if length == 0 || length > Self::MAX_CHARS {
            return Err(InvalidName::Length);
        }
        match unseen::find_in_prose(text) {
            Some(unseen) => Err(InvalidName::Unseen(unseen)),
            None => Ok(Self(text.into())),
        }
    }
}

/// The text cannot be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// It is empty or too long.
    #[error("must be 1 to 100 characters on one line")]
    Length,
    /// It would look like another name.
    #[error("must have no character that nobody sees; it has {0}: type it instead of pasting it")]
    Unseen(Unseen),
}

/// An e-mail address. Two are equal when they are the same in lower case and in
/// Unicode's composed form (NFC), without what nobody sees.
#[derive(Clone, Debug)]
pub struct Email {
    written: String,
    /// By what it is compared, where that is something else.
    compared: Option<Box<str>>,
}

impl Email {
    /// The most bytes an address may have (RFC 5321, 4.5.3.1.3, less its brackets).
    pub const MAX_BYTES: usize = 254;

    /// An address as it was written down once, whatever else was taken for one then.
    ///
    /// ```
    /// let stored = domain::Email::stored("asha\u{200b}@example.com").unwrap();
    /// assert_eq!(Ok(stored), "asha@example.com".parse());
    /// ```
    pub fn stored(text: &str) -> Option<Self> {
        let compared = if text.is_ascii() { None } else { Some(nfc(&unseen::strip(&text.to_lowercase()))) };
        let compared = compared.filter(|compared| compared != text).map(Into::into);
        text.contains('@').then(|| Self { written: text.to_owned(), compared })
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// What is equal for equal addresses.
    pub fn compared(&self) -> &str {
        self.compared.as_deref().unwrap_or(&self.written)
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.compared() == other.compared()
    }
}

impl Eq for Email {}

impl Hash for Email {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.compared().hash(state);
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Accepts `something@some.where`; whether the address works only a mail can tell.
impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let text = nfc(&text.trim().to_lowercase());
        if let Some(unseen) = unseen::find(&text) {
            return Err(InvalidEmail::Unseen(unseen));
        }
        let (local, host) = text.split_once('@').ok_or(InvalidEmail::Form)?;
        let well_formed = !local.is_empty()
            && host.split('.').all(|label| !label.is_empty())
            && host.contains('.')
            && !local.chars().chain(host.chars()).any(stands_around_addresses);
        if !well_formed || text.len() > Self::MAX_BYTES {
            return Err(InvalidEmail::Form);
        }
        Ok(Self { written: text, compared: None })
    }
}

/// What mail programs and web pages put around an address and between two of them
/// (RFC 5322, 3.2.3, `specials` but for the dot).
fn stands_around_addresses(char: char) -> bool {
    char.is_whitespace() || "()<>[]:;@\\,\"".contains(char)
}

fn nfc(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

/// The text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// It has not the form of one, or more than it.
    #[error("must be an e-mail address such as \"asha@example.com\"")]
    Form,
    /// It would look like another address.
    #[error("must have no character that nobody sees; it has {0}: type it instead of pasting it")]
    Unseen(Unseen),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_addresses_are_equal() {
        let address: Email = " Asha@Example.COM ".parse().unwrap();
        assert_eq!(
            (address.as_str(), Ok(&address)),
            ("asha@example.com", "asha@example.com".parse().as_ref())
        );
        let composed: Email = "zo\u{eb}@example.com".parse().unwrap();
        let decomposed: Email = "Zoe\u{308}@example.com".parse().unwrap();
        assert_eq!((decomposed.as_str(), &decomposed), ("zo\u{eb}@example.com", &composed));
    }

    #[test]
    fn what_was_written_once_stays_as_it_is_and_is_compared_as_it_is_seen() {
        for (stored, seen) in [
            ("asha@example.com", "asha@example.com"),
            ("zoe\u{308}@example.com", "zo\u{eb}@example.com"),
            ("\u{feff}zed\u{200b}@example.com", "zed@example.com"),
            ("<asha@example.com>", "<asha@example.com>"),
        ] {
            let email = Email::stored(stored).unwrap();
            assert_eq!((email.as_str(), email.compared()), (stored, seen));
            assert_eq!(Some(email), Email::stored(seen));
        }
        assert_eq!(Name::stored("A\u{202e}sha\n").unwrap().as_str(), "A\u{202e}sha\n");
        assert_eq!((Name::stored(""), Email::stored("asha")), (None, None), "nobody ever wrote that");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "asha",
            "@example.com",
            "asha@",
            "a@b",
            "a@b@c.d",
            "a b@c.d",
            "a@b..c",
            "a@.b",
            "a\u{a0}@b.c",
            "<a@b.c>",
            "mailto:a@b.c",
            "Asha <a@b.c>",
            "a@b.c, d@e.f",
            "a@b.c;d@e.f",
            "\"a\"@b.c",
            "a@[1.2.3.4]",
            "(asha)a@b.c",
        ] {
            assert_eq!(text.parse::<Email>(), Err(InvalidEmail::Form), "{text}");
        }
        assert!(format!("{}@example.com", "a".repeat(250)).parse::<Email>().is_err());
        for unseen in ['\n', '\0', '\u{200b}', '\u{200d}', '\u{202e}', '\u{2028}', '\u{2066}', '\u{feff}'] {
            for text in [format!("zed{unseen}@example.com"), format!("zed@exam{unseen}ple.com")] {
                let refused = text.parse::<Email>().unwrap_err().to_string();
                assert!(refused.contains(&format!("U+{:04X}", u32::from(unseen))), "{refused}");
            }
        }
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(" Asha  Rao ".parse::<Name>().unwrap().as_str(), "Asha  Rao");
        assert!("आशा".repeat(25).parse::<Name>().is_ok());
        for text in ["", "   ", &"x".repeat(101)] {
            assert_eq!(text.parse::<Name>(), Err(InvalidName::Length), "{text}");
        }
    }

    #[test]
    fn names_are_what_is_seen_of_them() {
        assert!("മോഹന്\u{200d}".parse::<Name>().is_ok());
        for text in
            ["a\nb", "a\u{0}b", "Ad\u{200b}min", "\u{202e}nimda", "a\u{2029}b", "Asha\u{200d}", "\u{3164}"]
        {
            let refused = text.parse::<Name>().unwrap_err();
            assert!(matches!(refused, InvalidName::Unseen(_)), "{text:?}");
        }
    }
}
