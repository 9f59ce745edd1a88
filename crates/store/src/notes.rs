//! The notes of a shop, as the JSON text that keeps them; nothing where there are none.

use std::collections::BTreeMap;

use domain::Metadata;

pub(crate) fn encode(notes: &Metadata) -> Option<String> {
    if notes.is_empty() {
        return None;
    }
    let members: BTreeMap<&str, &str> = notes.iter().collect();
    Some(serde_json::to_string(&members).expect("texts make an object"))
}

pub(crate) fn decode(text: Option<&str>) -> Option<Metadata> {
    let Some(text) = text else { return Some(Metadata::default()) };
    serde_json::from_str(text).ok().map(Metadata::stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_read_back_as_they_were() {
        let notes = Metadata::default().with("a \"b\"", Some("é\n,")).unwrap().with("c", Some("")).unwrap();
        let text = encode(&notes).unwrap();
        assert_eq!(text, r#"{"a \"b\"":"é\n,","c":""}"#);
        assert_eq!(decode(Some(&text)), Some(notes));
        assert_eq!((encode(&Metadata::default()), decode(None)), (None, Some(Metadata::default())));
        for text in ["", "[]", r#"{"a":1}"#] {
            assert_eq!(decode(Some(text)), None, "{text}");
        }
    }
}
