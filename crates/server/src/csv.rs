//! Rows of comma-separated values (RFC 4180) that spreadsheets can open without harm.

/// Writes a row. What somebody typed must have come through
/// [`app::csv_cell::guard`].
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let mut out = String::new();
        write_row(&mut out, &["1", "", "a b", "a,b", "\"a\"", "a\nb"]);
        assert_eq!(out, "1,,a b,\"a,b\",\"\"\"a\"\"\",\"a\nb\"\r\n");
    }
}
