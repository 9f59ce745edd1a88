//! Rows of comma-separated values (RFC 4180) that spreadsheets can open without harm.

/// Writes a row. What somebody typed must have come through [`text`].
pub(crate) fn write_row(out: &mut String, cells: &[impl AsRef<str>]) {
    for (number, cell) in cells.iter().map(AsRef::as_ref).enumerate() {
        if number > 0 {
            out.push(',');
        }
        if cell.contains([',', '"', '\r', '\n']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}

/// A text that a spreadsheet shows and does not run: a leading `'` tells it that
/// what follows is no formula.
pub(crate) fn text(typed: &str) -> String {
    match typed.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{typed}"),
        false => typed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let mut out = String::new();
        write_row(&mut out, &["1", "", "a b", "a,b", "\"a\"", "a\nb"]);
        assert_eq!(out, "1,,a b,\"a,b\",\"\"\"a\"\"\",\"a\nb\"\r\n");
    }

    #[test]
    fn nothing_that_was_typed_is_run_as_a_formula() {
        for typed in ["=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(text(typed), format!("'{typed}"));
        }
        for typed in ["", "Asha Rao", "'=1", "1-1", "अर्जुन"] {
            assert_eq!(text(typed), typed);
        }
    }
}
