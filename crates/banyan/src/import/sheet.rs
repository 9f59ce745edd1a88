//! A CSV file with named columns, read line by line. What cannot be read is
//! told with its line and its column.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Chain, Read};
use std::str::FromStr;

use app::metadata::InvalidNotes;
use app::{Calendar, csv_cell};
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use domain::{Metadata, Timestamp};
use server::Moment;

use super::header::{Columns, expect_utf8};
use super::input::Input;
use crate::Failure;
use crate::counted::Counted;

/// Put after the file: the first ends its last line, and what takes the second
/// has no end.
const CLOSING: &[u8] = b"\n\n";

/// Bytes by which it is known how a file is written.
const BEGINNING: usize = 64;

/// What is wrong with one line, or strange about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineError {
    pub(crate) line: u64,
    pub(crate) column: Option<&'static str>,
    pub(crate) detail: String,
}

impl LineError {
    /// What is to be said of a line as a whole.
    pub(crate) fn of_line(line: u64, detail: impl fmt::Display) -> Self {
        Self { line, column: None, detail: detail.to_string() }
    }
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
    reader: Reader<Chain<BufReader<File>, &'static [u8]>>,
    columns: Vec<&'static str>,
    record: ByteRecord,
    bytes: u64,
    /// Whose days begin when.
    calendar: Calendar,
}

impl Sheet {
    pub(crate) fn open(input: &Input, columns: &Columns, calendar: &Calendar) -> Result<Self, Failure> {
        let place = |problem: String| format!("{input}: {problem}");
        let cannot_read = |error| format!("cannot read {input}: {error}");
        let (file, bytes) = input.begin().map_err(cannot_read)?;
        let mut file = BufReader::new(file);
        let beginning = file.fill_buf().map_err(cannot_read)?;
        expect_utf8(&beginning[..beginning.len().min(BEGINNING)]).map_err(place)?;
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

    /// The next line that has more than separators.
    pub(crate) fn next(&mut self) -> Result<Option<Fields<'_>>, Failure> {
        loop {
            if !self.reader.read_byte_record(&mut self.record)? {
                return Ok(None);
            }
            if self.record.iter().any(|field| !field.trim_ascii().is_empty()) {
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
            let found = Counted(u64::try_from(found)?, ["column", "columns"]);
            fields.error(None, format!("has {found}, the header has {expected}; is a quote left open?"));
        }
        Ok(Some(fields))
    }

    /// How many bytes were read, of how many.
    pub(crate) fn position(&self) -> (u64, u64) {
        (self.reader.position().byte(), self.bytes)
    }
}

/// Yes or no in a field, as a person or a spreadsheet writes it.
pub(crate) struct YesOrNo(pub(crate) bool);

impl FromStr for YesOrNo {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" => Ok(Self(true)),
            "false" | "no" => Ok(Self(false)),
            _ => Err("must be true or false, or yes or no"),
        }
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
