//! A copy of the books in one file, while others go on working.

use std::path::Path;

use super::{Engine, connect, private};
use crate::{Error, Foundation, Result};

/// Copies the database of a data directory into a file, which must be new or
/// empty. Everything that was answered before this call is in it, and nothing
/// is in it by half.
///
/// Servers go on meanwhile; only their log grows until the copy is made.
pub fn backup(directory: &Path, file: &Path) -> Result<()> {
    // Opening it posts what is left in the journal.
    let engine = Engine::open(directory, &Foundation::default())?;
    copy(engine.path(), file)
}

/// Copies one database file into another. The journal that may lie beside it is
/// not looked at.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let name = to.to_str().ok_or_else(|| {
        let source = std::io::Error::other("the name is not UTF-8, which SQLite needs");
        Error::Directory { path: to.to_owned(), source }
    })?;
    private::make(to)?;
    connect::reader(from)?.execute("vacuum into ?1", [name])?;
    Ok(())
}
