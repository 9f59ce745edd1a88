//! The first line of a CSV file: which columns there are, or why this is no file
//! that can be read.

use csv::ByteRecord;

/// Which columns a file may have.
pub(crate) struct Columns {
    /// Those that must be there.
    pub(crate) required: &'static [&'static str],
    /// Those that are read when they are there.
    pub(crate) optional: &'static [&'static str],
    /// Those that an export writes, and that say nothing to an import.
    pub(crate) ignored: &'static [&'static str],
}

impl Columns {
    fn all(&self) -> impl Iterator<Item = &'static str> {
        [self.required, self.optional, self.ignored].into_iter().flatten().copied()
    }

    /// The header's columns by name, when it has what it must and nothing unknown.
    /// A spreadsheet may have changed their case.
    pub(super) fn find(&self, header: &ByteRecord) -> Result<Vec<&'static str>, String> {
        let header: Vec<_> = header.iter().map(|name| String::from_utf8_lossy(name.trim_ascii())).collect();
        expect_commas(&header)?;
        let known = header.into_iter().map(|name| {
            let column = self.all().find(|column| column.eq_ignore_ascii_case(&name));
            column.ok_or(name)
        });
        let found = known.collect::<Result<Vec<_>, _>>().map_err(|name| {
            let columns: Vec<_> = self.all().collect();
            format!("there is no column {name:?}; the columns are {}", columns.join(", "))
        })?;
        if let Some(missing) = self.required.iter().find(|column| !found.contains(column)) {
            return Err(format!("the column \"{missing}\" is missing"));
        }
        let twice = found.iter().enumerate().find(|(number, name)| found[..*number].contains(name));
        match twice {
            Some((_, name)) => Err(format!("the column \"{name}\" is there twice")),
            None => Ok(found),
        }
    }
}

/// Passes a header whose columns are separated by commas.
fn expect_commas(header: &[impl AsRef<str>]) -> Result<(), String> {
    let first = header.first().map(AsRef::as_ref).unwrap_or_default();
    if first.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep=")) {
        return Err("its first line, \"sep=…\", is for one program alone: take that line out, and separate \
                    the columns by commas"
            .into());
    }
    let other = [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")];
    match other.into_iter().find(|(separator, _)| header.len() == 1 && first.contains(*separator)) {
        Some((_, name)) => {
            Err(format!("its columns are separated by {name}: save it as CSV that is separated by commas"))
        }
        None => Ok(()),
    }
}

/// Passes the beginning of a file that is not in UTF-16, in which every other byte
/// of a header is zero.
pub(super) fn expect_utf8(beginning: &[u8]) -> Result<(), String> {
    let marked = beginning.starts_with(b"\xff\xfe") || beginning.starts_with(b"\xfe\xff");
    match marked || beginning.contains(&0) {
        true => {
            Err("it is in UTF-16: save it as \"CSV UTF-8\", or convert it with `iconv -f UTF-16 -t UTF-8`"
                .into())
        }
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: Columns =
        Columns { required: &["name", "email"], optional: &["is_active"], ignored: &["user_id"] };

    #[test]
    fn a_header_names_known_columns_in_any_case_and_order() {
        let found = COLUMNS.find(&ByteRecord::from(vec!["Is_Active", " EMAIL ", "name"]));
        assert_eq!(found.unwrap(), ["is_active", "email", "name"]);
        for (header, told) in [
            (vec!["name"], "the column \"email\" is missing"),
            (vec!["name", "email", "Name"], "the column \"name\" is there twice"),
            (
                vec!["name", "mail"],
                "there is no column \"mail\"; the columns are name, email, is_active, user_id",
            ),
            (vec!["name;email"], "its columns are separated by semicolons"),
            (vec!["name\temail"], "its columns are separated by tabs"),
            (vec!["SEP=", ""], "its first line, \"sep=…\""),
            (vec!["sep=;"], "its first line, \"sep=…\""),
        ] {
            let refused = COLUMNS.find(&ByteRecord::from(header)).unwrap_err();
            assert!(refused.starts_with(told), "{refused}, not {told}");
        }
    }

    #[test]
    fn utf_16_is_known_with_and_without_its_mark() {
        for beginning in [&b"\xff\xfen\0a\0"[..], b"\xfe\xff\0n", b"n\0a\0m\0e\0", b"\0n\0a"] {
            assert!(expect_utf8(beginning).is_err(), "{beginning:?}");
        }
        assert_eq!(expect_utf8(b"\xef\xbb\xbfname,email"), Ok(()));
    }
}
