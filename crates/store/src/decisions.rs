//! The decisions of a purchase as one short line of text, the same on every
//! engine.
//!
//! A level is `LETTER[EARNER]:RATE[:AMOUNT]`, levels are separated by spaces and
//! start at level 1. The letter is the outcome's, in upper case when the earner
//! was active. `P17:500:10000 i3:100` reads: user 17 was paid 10000 paise at 500
//! basis points; user 3 was inactive. An empty line decides nothing.

use std::fmt::Write;

use domain::{Decision, Earner, Level, Money, Outcome, Rate, UserId};

use crate::Decided;

const LETTERS: [(Outcome, char); 6] = [
    (Outcome::Paid, 'P'),
    (Outcome::Capped, 'C'),
    (Outcome::RoundsToZero, 'Z'),
    (Outcome::Inactive, 'I'),
    (Outcome::NoReferrer, 'N'),
    (Outcome::BelowThreshold, 'B'),
];

pub(crate) fn encode(decisions: &[Decision]) -> String {
    let mut text = String::with_capacity(16 * decisions.len());
    for decision in decisions {
        if !text.is_empty() {
            text.push(' ');
        }
        let (_, letter) = LETTERS[decision.outcome as usize];
        let written = match decision.earner {
            Some(Earner { user, active: true }) => write!(text, "{letter}{user}"),
            Some(Earner { user, active: false }) => write!(text, "{}{user}", letter.to_ascii_lowercase()),
            None => write!(text, "{letter}"),
        };
        written.and_then(|()| write!(text, ":{}", decision.rate.basis_points())).expect("a String takes all");
        if decision.amount != Money::ZERO {
            write!(text, ":{}", decision.amount.paise()).expect("a String takes all");
        }
    }
    text
}

pub(crate) fn decode(text: &str) -> Option<Vec<Decision>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let mut levels = Level::all();
    text.split(' ').map(|token| decode_level(levels.next()?, token)).collect()
}

/// Who was active, without reading the rest of the line.
pub(crate) fn decode_decided(text: &[u8]) -> Option<Decided> {
    let mut decided = Decided::default();
    if text.is_empty() {
        return Some(decided);
    }
    for token in text.split(|byte| *byte == b' ') {
        let [letter, earner, ..] = token else { return None };
        let is_letter = |(_, l): &(Outcome, char)| *l == char::from(letter.to_ascii_uppercase());
        LETTERS.iter().find(|letter| is_letter(letter))?;
        decided.push(letter.is_ascii_uppercase() && earner.is_ascii_digit())?;
    }
    Some(decided)
}

fn decode_level(level: Level, token: &str) -> Option<Decision> {
    let mut parts = token.split(':');
    let who = parts.next()?;
    let rate = Rate::from_basis_points(parts.next()?.parse().ok()?).ok()?;
    let amount = parts.next().map_or(Some(0), |paise| paise.parse().ok())?;
    if parts.next().is_some() {
        return None;
    }

    let letter = who.chars().next()?;
    let (outcome, _) = LETTERS.into_iter().find(|(_, l)| *l == letter.to_ascii_uppercase())?;
    let earner = match &who[letter.len_utf8()..] {
        "" => None,
        id => Some(Earner { user: UserId::new(id.parse().ok()?), active: letter.is_ascii_uppercase() }),
    };
    Some(Decision { level, earner, outcome, rate, amount: Money::from_paise(amount) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Plan;
    use domain::commission::decide;

    #[test]
    fn every_outcome_reads_back() {
        let earner = |id, active| Earner { user: UserId::new(id), active };
        let capped = Plan { max_commission: Some(Money::from_paise(1)), ..Plan::default() };
        let from_nothing = Plan { commission_above: Money::ZERO, ..Plan::default() };
        assert_eq!((encode(&[]), decode("")), (String::new(), Some(vec![])));
        assert!(decode_decided(b"").unwrap().is_empty());
        let table = [
            (Plan::default(), 2_000_00, vec![earner(17, true), earner(3, false)], "P17:500:10000 i3:100"),
            (Plan::default(), 1_000_00, vec![earner(17, true), earner(3, false)], "B17:500 b3:100"),
            (Plan::default(), 2_000_00, vec![], "N:500 N:100"),
            (capped, 2_000_00, vec![earner(17, true)], "C17:500:1 N:100"),
            (from_nothing, 1, vec![earner(17, true)], "Z17:500 N:100"),
        ];
        for (plan, paise, upline, text) in table {
            let decisions = decide(&plan, Money::from_paise(paise), &upline);
            assert_eq!(encode(&decisions), text);
            let decided = decode_decided(text.as_bytes()).unwrap();
            for level in Level::all() {
                let decision = decisions.get(level.index());
                let active = decision.map(|decision| decision.earner.is_some_and(|earner| earner.active));
                assert_eq!(decided.active(level), active, "level {level} of {text}");
            }
            assert_eq!(decode(text), Some(decisions));
        }
    }

    #[test]
    fn what_was_never_written_is_not_read() {
        let eleven = ["N:500"; 11].join(" ");
        for text in ["P17", "X17:500", "P17:50000", "P17:500:x", "P17:500:1:1", "Px:500:1", "é:500", &eleven]
        {
            assert_eq!(decode(text), None, "{text}");
        }
        for text in ["P", "X17:500", "P17:500 ", "é:500", &eleven] {
            assert_eq!(decode_decided(text.as_bytes()), None, "{text}");
        }
    }
}
