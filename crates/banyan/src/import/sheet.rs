//! A CSV file with named columns, read line by line. What cannot be read is
//! told with its line and its column.

use std::fmt;
use std::fs::File;
use std::io::{Chain, Read};
use std::path::Path;
use std::str::FromStr;

use app::metadata::InvalidNotes;
use app::{Calendar, csv_cell};
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use domain::{Metadata, Timestamp};
use server::Moment;

use crate::Failure;

/// Put after the file: the first ends its last line, and what takes the second
/// has no end.
const CLOSING: &[u8] = b"\n\n";

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
    fn find(&self, header: &ByteRecord) -> Result<Vec<&'static str>, String> {
        let header = header.iter().map(|name| String::from_utf8_lossy(name.trim_ascii()));
        let known = header.map(|name| self.all().find(|column| *column == name).ok_or(name));
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

/// What is wrong with one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineError {
    pub(crate) line: u64,
    pub(crate) column: Option<&'static str>,
    pub(crate) detail: String,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, detail } = self;
        match column {
            Some(column) => write!(f, "line {line}, {column}: {detail}"),
            None => write!(f, "line {line}: {detail}"),
        }
    }
}

/// An open file, its header read.
pub(crate) struct Sheet {
    reader: Reader<Chain<File, &'static [u8]>>,
    columns: Vec<&'static str>,
    record: ByteRecord,
    bytes: u64,
    /// Whose days begin when.
    calendar: Calendar,
}

impl Sheet {
    pub(crate) fn open(path: &Path, columns: &Columns, calendar: &Calendar) -> Result<Self, Failure> {
        let place = |problem: String| format!("{}: {problem}", path.display());
        let cannot_read = |error| format!("cannot read {}: {error}", path.display());
        let file = File::open(path).map_err(cannot_read)?;
        let bytes = file.metadata().map_err(cannot_read)?.len();
        // A line ends with its line feed; only so can lines be counted, whatever
        // blank ones and carriage returns there are.
        let mut reader = ReaderBuilder::new()
            .terminator(Terminator::Any(b'\n'))
            .flexible(true)
            .from_reader(file.chain(CLOSING));
        let header = reader.byte_headers().map_err(|error| place(error.to_string()))?;
        let columns = columns.find(header).map_err(place)?;
        Ok(Self { reader, columns, record: ByteRecord::new(), bytes, calendar: calendar.clone() })
    }

    /// The next line that is not blank.
    pub(crate) fn next(&mut self) -> Result<Option<Fields<'_>>, Failure> {
        loop {
            if !self.reader.read_byte_record(&mut self.record)? {
                return Ok(None);
            }
            if self.record.len() > 1 || !self.record.as_slice().trim_ascii().is_empty() {
                break;
            }
        }
        let parts = self.record.as_slice().split(|byte| *byte == b'\n').count();
        // A quote that is left open takes the last line feeds, too.
        let end = self.bytes + CLOSING.len() as u64;
        let parts = if self.reader.position().byte() < end { parts } else { parts - 1 };
        let line = self.reader.position().line().saturating_sub(u64::try_from(parts)?);
        let (columns, calendar) = (&self.columns, &self.calendar);
        let mut fields = Fields { columns, calendar, record: &self.record, line, errors: Vec::new() };
        let (found, expected) = (self.record.len(), self.columns.len());
        if found != expected {
            fields.error(
                None,
                format!("has {found} columns, the header has {expected}; is a quote left open?"),
            );
        }
        Ok(Some(fields))
    }

    /// How many bytes were read, of how many.
    pub(crate) fn position(&self) -> (u64, u64) {
        (self.reader.position().byte(), self.bytes)
    }
}

/// The notes of a shop in a field: a JSON object of texts.
pub(crate) struct Notes(pub(crate) Metadata);

impl FromStr for Notes {
    type Err = InvalidNotes;

    fn from_str(text: &str) -> Result<Self, InvalidNotes> {
        app::metadata::read(text).map(Self)
    }
}

/// The fields of one line, and what is wrong with them.
pub(crate) struct Fields<'s> {
    columns: &'s [&'static str],
    calendar: &'s Calendar,
    record: &'s ByteRecord,
    pub(crate) line: u64,
    pub(crate) errors: Vec<LineError>,
}

impl<'s> Fields<'s> {
    /// A field as the type that reads it. What cannot be read is noted.
    pub(crate) fn read<T: FromStr<Err: ToString>>(&mut self, column: &'static str) -> Option<T> {
        let text = self.text(column)?;
        text.parse().map_err(|error: T::Err| self.error(Some(column), error.to_string())).ok()
    }

    /// A field that may be empty, or missing with its column.
    pub(crate) fn read_optional<T: FromStr<Err: ToString>>(&mut self, column: &'static str) -> Option<T> {
        if self.is_blank(column) { None } else { self.read(column) }
    }

    /// A time or a day that may be empty, or missing with its column.
    pub(crate) fn read_moment(&mut self, column: &'static str) -> Option<Timestamp> {
        self.read_optional::<Moment>(column).map(|moment| moment.by(self.calendar))
    }

    /// Whether a field is empty, or missing with its column.
    pub(crate) fn is_blank(&self, column: &'static str) -> bool {
        self.field(column).trim_ascii().is_empty()
    }

    /// Notes what is wrong with a field, or with the line as a whole.
    pub(crate) fn error(&mut self, column: Option<&'static str>, detail: String) {
        self.errors.push(LineError { line: self.line, column, detail });
    }

    fn field(&self, column: &'static str) -> &'s [u8] {
        let index = self.columns.iter().position(|name| *name == column);
        let field = index.and_then(|index| self.record.get(index)).unwrap_or_default();
        // The carriage return before the line feed.
        field.strip_suffix(b"\r").unwrap_or(field)
    }

    fn text(&mut self, column: &'static str) -> Option<&'s str> {
        match std::str::from_utf8(self.field(column)) {
            Ok(text) => Some(csv_cell::unguard(text)),
            Err(error) => {
                self.error(Some(column), format!("is not UTF-8: {error}"));
                None
            }
        }
    }
}
