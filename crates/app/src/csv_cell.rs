//! Text in the cells of a spreadsheet. A cell that begins like a formula is run
//! as one, so a member could name herself `=HYPERLINK(…)` and wait for somebody
//! to open an export. See <https://owasp.org/www-community/attacks/CSV_Injection>.

use std::borrow::Cow;

/// What makes a spreadsheet calculate, when a cell begins with it.
const BEGINS_A_FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// The text, with a `'` before it where it would be run. A plain number stays
/// a number. The quotes that CSV itself asks for are not added.
///
/// ```
/// use app::csv_cell::{guard, unguard};
///
/// assert_eq!(guard("=1+1"), "'=1+1");
/// assert_eq!(guard("-61.73"), "-61.73");
/// assert_eq!(unguard("'=1+1"), "=1+1");
/// ```
pub fn guard(text: &str) -> Cow<'_, str> {
    if would_run(text.trim_start_matches('\'')) { format!("'{text}").into() } else { text.into() }
}

/// The text that [`guard`] made this cell of.
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if would_run(text.trim_start_matches('\'')) => text,
        _ => cell,
    }
}

fn would_run(text: &str) -> bool {
    text.starts_with(BEGINS_A_FORMULA) && !is_plain_number(text)
}

fn is_plain_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    digits(whole) && digits(decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_run_is_guarded_and_reads_back() {
        for (text, cell) in [
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+49 30 1", "'+49 30 1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("-", "'-"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("'=1", "''=1"),
            ("''@x", "'''@x"),
        ] {
            assert_eq!((guard(text).as_ref(), unguard(cell)), (cell, text));
        }
    }

    #[test]
    fn what_would_not_run_is_left_alone() {
        for text in ["", "Asha Rao", "'Abd al-Rahman", "-61.73", "-5", "5", "a=b", "'", "'-5", "''"] {
            assert_eq!((guard(text).as_ref(), unguard(text)), (text, text));
        }
    }
}
