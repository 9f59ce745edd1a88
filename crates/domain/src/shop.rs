//! What a shop keeps with us of its own: its number of a member, and a few notes.
//! None of it is read by any rule.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::unseen;

/// The shop's own number of a member, unique among all members; it may change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId(Arc<str>);

impl ExternalId {
    /// The most characters it may have.
    pub const MAX_CHARS: usize = 64;

    /// A number as it was written down once, whatever else was taken for one then.
    pub fn stored(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.into()))
    }

    /// It, as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ExternalId {
    type Err = InvalidExternalId;

    fn from_str(text: &str) -> Result<Self, InvalidExternalId> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > Self::MAX_CHARS || unseen::find(text).is_some() {
            return Err(InvalidExternalId);
        }
        Ok(Self(text.into()))
    }
}

/// The text cannot be a shop's number of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 characters on one line, such as \"customer-17\"")]
pub struct InvalidExternalId;

/// Notes of a shop by their names: a few short texts.
///
/// ```
/// use domain::Metadata;
///
/// let notes = Metadata::default().with("cart", Some("17")).unwrap();
/// let notes = notes.with("shop", Some("Pune")).unwrap().with("cart", None).unwrap();
/// assert_eq!(notes.iter().collect::<Vec<_>>(), [("shop", "Pune")]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// The most notes.
    pub const MAX: usize = 20;

    /// The most characters of a name.
    pub const NAME_MAX_CHARS: usize = 40;

    /// The most characters of a note.
    pub const NOTE_MAX_CHARS: usize = 500;

    /// Notes as they were written down once, whatever was taken for notes then.
    pub fn stored(notes: BTreeMap<String, String>) -> Self {
        Self(notes)
    }

    /// The same with this note, or without it.
    pub fn with(mut self, name: &str, note: Option<&str>) -> Result<Self, InvalidMetadata> {
        let Some(note) = note else {
            self.0.remove(name);
            return Ok(self);
        };
        if name.is_empty() || name.chars().count() > Self::NAME_MAX_CHARS || unseen::find(name).is_some() {
            return Err(InvalidMetadata::Name);
        }
        let breaks_text = |char: char| char.is_control() && !matches!(char, '\n' | '\t');
        if note.chars().count() > Self::NOTE_MAX_CHARS || note.chars().any(breaks_text) {
            return Err(InvalidMetadata::Note);
        }
        self.0.insert(name.to_owned(), note.to_owned());
        if self.0.len() > Self::MAX { Err(InvalidMetadata::TooMany) } else { Ok(self) }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every name with its note, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, note)| (name.as_str(), note.as_str()))
    }
}

/// Why a note cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMetadata {
    /// There are as many as there can be.
    #[error("must have at most 20 keys")]
    TooMany,
    /// Its name is empty, too long, or not on one line.
    #[error("must have a key of 1 to 40 characters on one line")]
    Name,
    /// It is too long, or has control characters.
    #[error("must be a text of at most 500 characters")]
    Note,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_ids_are_trimmed_short_and_visible() {
        for (text, id) in
            [("customer-17", "customer-17"), (" 42 ", "42"), ("Żabka/7", "Żabka/7"), ("a b", "a b")]
        {
            assert_eq!(text.parse::<ExternalId>().unwrap().as_str(), id);
        }
        assert!("é".repeat(64).parse::<ExternalId>().is_ok());
        for text in ["", " ", "a\nb", "a\0", "a\u{200b}b", "\u{202e}abc", "a\u{2028}b", &"x".repeat(65)] {
            assert_eq!(text.parse::<ExternalId>(), Err(InvalidExternalId), "{text:?}");
        }
        assert_ne!("a".parse::<ExternalId>(), "A".parse(), "as the shop writes it");
    }

    #[test]
    fn notes_are_few_and_short() {
        let none = Metadata::default;
        let long = |chars: usize| "é".repeat(chars);
        assert!(none().with(&long(40), Some(&long(500))).is_ok());
        assert!(none().with("empty", Some("")).is_ok());
        for (name, note, why) in [
            ("", "x", InvalidMetadata::Name),
            (&long(41), "x", InvalidMetadata::Name),
            ("a\nb", "x", InvalidMetadata::Name),
            ("a", &long(501), InvalidMetadata::Note),
            ("a", "x\0", InvalidMetadata::Note),
        ] {
            assert_eq!(none().with(name, Some(note)), Err(why), "{name:?} {note:?}");
        }
        let full =
            (0..20).try_fold(none(), |notes, number| notes.with(&format!("k{number}"), Some("x"))).unwrap();
        assert_eq!(full.clone().with("one more", Some("x")), Err(InvalidMetadata::TooMany));
        assert!(full.clone().with("k3", Some("another")).is_ok());
        assert!(full.with("k3", None).unwrap().with("one more", Some("x")).is_ok());
    }
}
