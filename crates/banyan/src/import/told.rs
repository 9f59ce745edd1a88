//! What came of a file, for people or for programs.

use std::path::Path;

use app::import::Tally;
use serde_json::json;

use super::Look;

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
    pub(super) file: &'f Path,
    pub(super) what: &'static str,
    pub(super) json: bool,
}

impl Told<'_> {
    pub(super) fn tally(&self, found: Tally, done: Done) {
        if self.json {
            return self.json(&Look { found, ..Look::default() }, done);
        }
        let Tally { new, already_there } = found;
        let (file, what) = (self.file.display(), self.what);
        match done {
            Done::Looked => {
                println!(
                    "{file}: {new} {what} to import, {already_there} already there; nothing was written"
                );
            }
            Done::Imported => println!("{file}: {new} {what} imported, {already_there} already there"),
        }
    }

    pub(super) fn errors(&self, look: &Look) {
        if self.json {
            return self.json(look, Done::Looked);
        }
        for error in &look.errors {
            eprintln!("{error}");
        }
        let more = look.error_count.saturating_sub(u64::try_from(look.errors.len()).unwrap_or(u64::MAX));
        if more > 0 {
            eprintln!("… and {more} more");
        }
        eprintln!("banyan: {}: {} errors; nothing was written", self.file.display(), look.error_count);
    }

    fn json(&self, look: &Look, done: Done) {
        let errors: Vec<_> = look
            .errors
            .iter()
            .map(|error| json!({"line": error.line, "column": error.column, "detail": error.detail}))
            .collect();
        println!(
            "{}",
            json!({
                "file": self.file,
                "new": look.found.new,
                "already_there": look.found.already_there,
                "written": done == Done::Imported,
                "error_count": look.error_count,
                "errors": errors,
            })
        );
    }
}
