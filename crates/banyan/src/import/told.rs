//! What came of a file, for people or for programs.

use app::import::Tally;
use serde_json::{Value, json};

use super::input::Input;
use super::listed::Listed;
use super::{LineError, Look};
use crate::Failure;
use crate::counted::Counted;
use crate::print::{note, say};

/// What was done about a file without errors.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// It was looked at.
    Looked,
    /// What was new was written.
    Imported,
}

/// Where, and of what, it is told.
pub(super) struct Told<'f> {
    pub(super) file: &'f Input,
    pub(super) names: [&'static str; 2],
    pub(super) json: bool,
}

impl Told<'_> {
    pub(super) fn tally(&self, look: &Look, done: Done) -> Result<(), Failure> {
        if self.json {
            return self.json(look, done);
        }
        warn(&look.warnings);
        let Tally { new, already_there } = look.found;
        let (file, new) = (self.file, Counted(new, self.names));
        match done {
            Done::Looked => {
                say!("{file}: {new} to import, {already_there} already there; nothing was written")
            }
            Done::Imported => say!("{file}: {new} imported, {already_there} already there"),
        }
    }

    pub(super) fn errors(&self, look: &Look) -> Result<(), Failure> {
        if self.json {
            return self.json(look, Done::Looked);
        }
        warn(&look.warnings);
        for error in &look.errors.first {
            note!("{error}");
        }
        and_more(&look.errors);
        let errors = Counted(look.errors.count, ["error", "errors"]);
        note!("banyan: {}: {errors}; nothing was written", self.file);
        Ok(())
    }

    fn json(&self, look: &Look, done: Done) -> Result<(), Failure> {
        say!(
            "{}",
            json!({
                "file": self.file.to_string(),
                "new": look.found.new,
                "already_there": look.found.already_there,
                "written": done == Done::Imported,
                "error_count": look.errors.count,
                "errors": lines(&look.errors),
                "warning_count": look.warnings.count,
                "warnings": lines(&look.warnings),
            })
        )
    }
}

fn warn(warnings: &Listed) {
    for warning in &warnings.first {
        note!("warning: {warning}");
    }
    and_more(warnings);
}

fn and_more(listed: &Listed) {
    if listed.more() > 0 {
        note!("… and {} more", listed.more());
    }
}

fn lines(listed: &Listed) -> Value {
    let line =
        |error: &LineError| json!({"line": error.line, "column": error.column, "detail": error.detail});
    listed.first.iter().map(line).collect()
}
