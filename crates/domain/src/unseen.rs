//! Characters that nobody sees. Two texts that differ by one look the same, and
//! some turn the text around them; so no input has them.

use std::fmt;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// A character that is not seen, named by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unseen(char);

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "U+{:04X}", u32::from(self.0))
    }
}

/// The first character of a text that is not seen.
pub(crate) fn find(text: &str) -> Option<Unseen> {
    text.chars().find(|char| is_unseen(*char)).map(Unseen)
}

/// The same for text in a human language, where some of them shape what is seen.
pub(crate) fn find_in_prose(text: &str) -> Option<Unseen> {
    let before = std::iter::once(' ').chain(text.chars());
    let mut pairs = before.zip(text.chars());
    pairs.find(|(before, char)| is_unseen(*char) && !shapes(*before, *char)).map(|(_, char)| Unseen(char))
}

/// The text as it is seen.
pub(crate) fn strip(text: &str) -> String {
    text.chars().filter(|char| !is_unseen(*char)).collect()
}

fn is_unseen(char: char) -> bool {
    let breaks = matches!(
        CodePointMapData::<GeneralCategory>::new().get(char),
        GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator
    );
    breaks || is_blank(char) || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(char)
}

/// Annotations and the empty cell of Braille, which Unicode does not call ignorable.
fn is_blank(char: char) -> bool {
    matches!(char, '\u{fff9}'..='\u{fffb}' | '\u{2800}')
}

/// Joiners, as many scripts and emoji need them, and selectors of one of several
/// forms: they belong to the sign before them. Latin letters take neither.
fn shapes(before: char, char: char) -> bool {
    let after_sign = !before.is_ascii() && !before.is_whitespace() && !is_unseen(before);
    match char {
        '\u{200c}' | '\u{200d}' => after_sign || is_selector(before),
        _ => after_sign && is_selector(char),
    }
}

fn is_selector(char: char) -> bool {
    matches!(char, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{180b}'..='\u{180d}' | '\u{180f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_found() {
        let ranges = [
            '\0'..='\u{1f}',
            '\u{7f}'..='\u{9f}',
            '\u{ad}'..='\u{ad}',
            '\u{200b}'..='\u{200f}',
            '\u{2028}'..='\u{202e}',
            '\u{2060}'..='\u{206f}',
            '\u{2800}'..='\u{2800}',
            '\u{3164}'..='\u{3164}',
            '\u{fe0f}'..='\u{fe0f}',
            '\u{feff}'..='\u{feff}',
            '\u{fff9}'..='\u{fffb}',
            '\u{e0000}'..='\u{e007f}',
        ];
        for char in ranges.into_iter().flatten() {
            assert_eq!(find(&format!("a{char}b")), Some(Unseen(char)), "{char:?}");
            assert_eq!(find_in_prose(&format!("a{char}b")), Some(Unseen(char)), "{char:?}");
            assert_eq!(strip(&format!("a{char}b")), "ab");
        }
        assert_eq!(Unseen('\u{200b}').to_string(), "U+200B");
        for seen in ["Asha Rao", "Zoë", "a\u{a0}b", "आशा", "\u{600}1", "木", "🎃"] {
            assert_eq!((find(seen), find_in_prose(seen)), (None, None), "{seen:?}");
        }
    }

    #[test]
    fn what_shapes_the_sign_before_it_belongs_to_a_name_and_nothing_else_does() {
        // Malayalam, Persian, a flame in a heart, a kanji in one of its forms.
        for name in ["മോഹന്\u{200d}", "می\u{200c}نا", "❤\u{fe0f}\u{200d}🔥", "辻\u{e0101}"]
        {
            assert_eq!(find_in_prose(name), None, "{name:?}");
            assert!(find(name).is_some(), "{name:?}");
        }
        for (name, unseen) in [
            ("Asha\u{200d}", '\u{200d}'),
            ("\u{200c}آشا", '\u{200c}'),
            ("आ\u{200d}\u{200d}", '\u{200d}'),
            ("आ \u{200d}", '\u{200d}'),
            ("आ\u{200b}", '\u{200b}'),
            ("आ\u{202e}", '\u{202e}'),
            ("A\u{fe0f}", '\u{fe0f}'),
        ] {
            assert_eq!(find_in_prose(name), Some(Unseen(unseen)), "{name:?}");
        }
    }
}
