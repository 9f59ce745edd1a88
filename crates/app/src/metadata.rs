//! The notes of a shop as JSON: an object whose values are texts.

use std::fmt;

use domain::{InvalidMetadata, Metadata};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The most keys of a change: all that are there go, and as many come.
const PAIRS_MAX: usize = 2 * Metadata::MAX;

/// What is to become of notes: those that are named are written or, where they are
/// null, taken away. The others stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataChange {
    /// Null: none of the others stays, either.
    anew: bool,
    notes: Vec<(String, Option<String>)>,
}

/// Why a JSON text is no change of notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidNotes {
    /// The key of the note that is meant, where it is one.
    pub key: Option<String>,
    /// What is wrong.
    pub detail: String,
}

impl fmt::Display for InvalidNotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{key:?} {}", self.detail),
            None => f.write_str(&self.detail),
        }
    }
}

impl std::error::Error for InvalidNotes {}

impl MetadataChange {
    /// The change that a JSON text asks for.
    pub fn read(json: &str) -> Result<Self, InvalidNotes> {
        let no_object = |_| {
            let detail = "must be an object of at most 20 texts such as {\"cart\": \"17\"}, each key once";
            InvalidNotes { key: None, detail: detail.into() }
        };
        let Some(Pairs(pairs)) = serde_json::from_str::<Option<Pairs>>(json).map_err(no_object)? else {
            return Ok(Self { anew: true, notes: Vec::new() });
        };
        let note = |(key, value)| match value {
            Value::Null => Ok((key, None)),
            Value::String(text) => Ok((key, Some(text))),
            _ => Err(InvalidNotes { key: Some(key), detail: "must be a text".into() }),
        };
        let notes = pairs.into_iter().map(note).collect::<Result<_, _>>()?;
        Ok(Self { anew: false, notes })
    }

    /// Notes after the change.
    pub fn of(&self, before: &Metadata) -> Result<Metadata, InvalidNotes> {
        let mut after = if self.anew { Metadata::default() } else { before.clone() };
        // What is taken away makes room for what is written.
        let (gone, written): (Vec<_>, Vec<_>) = self.notes.iter().partition(|(_, note)| note.is_none());
        for (key, note) in gone.into_iter().chain(written) {
            let told = |error: InvalidMetadata| InvalidNotes {
                key: (error != InvalidMetadata::TooMany).then(|| key.clone()),
                detail: error.to_string(),
            };
            after = after.with(key, note.as_deref()).map_err(told)?;
        }
        Ok(after)
    }

    /// The keys that it names.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().map(|(key, _)| key.as_str())
    }
}

/// Notes that a JSON text holds.
pub fn read(json: &str) -> Result<Metadata, InvalidNotes> {
    MetadataChange::read(json)?.of(&Metadata::default())
}

/// Notes as a JSON text; an empty one where there are none.
pub fn write(notes: &Metadata) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let members: serde_json::Map<String, Value> =
        notes.iter().map(|(key, note)| (key.to_owned(), note.into())).collect();
    Value::Object(members).to_string()
}

/// The members of an object, none of them twice.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs: Vec<(String, Value)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Value>()? {
                    if pairs.iter().any(|(earlier, _)| *earlier == key) {
                        return Err(serde::de::Error::custom("a key is there twice"));
                    }
                    if pairs.len() >= PAIRS_MAX {
                        return Err(serde::de::Error::custom("too many keys"));
                    }
                    pairs.push((key, value));
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_an_object_of_texts() {
        assert_eq!(write(&read(r#"{"b": "2", "a": "é\n"}"#).unwrap()), r#"{"a":"é\n","b":"2"}"#);
        for json in ["null", "{}", r#"{"a": null}"#] {
            assert_eq!(read(json), Ok(Metadata::default()), "{json}");
        }
        let many: Vec<String> = (0..21).map(|number| format!("\"k{number}\": \"\"")).collect();
        let many = format!("{{{}}}", many.join(","));
        for (json, key) in [
            ("", None),
            ("[]", None),
            ("7", None),
            (r#""text""#, None),
            (r#"{"a": "1", "a": "2"}"#, None),
            (many.as_str(), None),
            (r#"{"a": 1}"#, Some("a")),
            (r#"{"a": true}"#, Some("a")),
            (r#"{"a": {"b": "c"}}"#, Some("a")),
            (r#"{"": "x"}"#, Some("")),
        ] {
            assert_eq!(read(json).unwrap_err().key.as_deref(), key, "{json}");
        }
    }

    #[test]
    fn a_change_touches_what_it_names() {
        let before = read(r#"{"a": "1", "b": "2"}"#).unwrap();
        for (change, after) in [
            (r#"{"b": "3", "c": "4"}"#, r#"{"a":"1","b":"3","c":"4"}"#),
            (r#"{"a": null, "x": null}"#, r#"{"b":"2"}"#),
            ("{}", r#"{"a":"1","b":"2"}"#),
            ("null", ""),
        ] {
            let change = MetadataChange::read(change).unwrap();
            assert_eq!(write(&change.of(&before).unwrap()), after);
        }
    }
}
