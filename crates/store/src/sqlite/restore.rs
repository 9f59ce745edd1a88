//! A backup in the place of a database.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{backup, connect, journal, private};
use crate::{Database, Error, Result};

/// The files that a database consists of. The books are taken away first and
/// come last, so that parts of two databases are never taken for one.
pub(super) const PARTS: [&str; 5] =
    ["banyan.db", "banyan.db-wal", "banyan.db-shm", journal::FILES[0], journal::FILES[1]];

/// Where a copy lies until it takes the place of the database.
const DRAFT: &str = "restoring";

/// A backup, copied and ready to take the place of a database. Until it does,
/// the database stands as it was; when this is dropped, the copy is gone.
#[derive(Debug)]
pub struct Restore {
    directory: PathBuf,
    draft: PathBuf,
    _held: File,
}

impl Restore {
    /// Copies a backup into a data directory, which is made if there is none.
    ///
    /// Fails with [`Error::InUse`] while any process has the database open; none
    /// can open it before this is dropped. Fails with [`Error::Foreign`] when
    /// the file is something else than a backup.
    pub fn prepare(file: &Path, directory: &Path) -> Result<Self> {
        if !connect::is_ours(file) {
            return Err(Error::Foreign(file.to_owned()));
        }
        private::create_directory(directory)?;
        let held = connect::hold_alone(directory)?;
        let draft = directory.join(DRAFT);
        if draft.exists() {
            remove(&draft)?;
        }
        private::create_directory(&draft)?;
        let restore = Self { directory: directory.to_owned(), draft, _held: held };
        backup::copy(file, &connect::path_in(&restore.draft))?;
        Ok(restore)
    }

    /// The copy, to be looked at. It must be closed again before [`Restore::finish`].
    pub fn database(&self) -> Database {
        Database::Sqlite(self.draft.clone())
    }

    /// Puts the copy in its place. What was there is kept beside it: answers
    /// where, if there was anything.
    pub fn finish(self) -> Result<Option<PathBuf>> {
        let replaced = if connect::path_in(&self.directory).exists() {
            let aside = (1..).map(|number| self.directory.join(format!("replaced-{number}")));
            let aside = aside.into_iter().find(|aside| !aside.exists()).expect("numbers do not end");
            private::create_directory(&aside)?;
            move_parts(PARTS.iter(), &self.directory, &aside)?;
            Some(aside)
        } else {
            None
        };
        move_parts(PARTS.iter().rev(), &self.draft, &self.directory)?;
        Ok(replaced)
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next one.
        drop(remove(&self.draft));
    }
}

/// Passes unless the database was taken away and the copy never came: a new,
/// empty one in its place would be taken for the copy.
pub(super) fn expect_none_cut_off(directory: &Path) -> Result<()> {
    let path = directory.join(DRAFT);
    if !path.exists() {
        return Ok(());
    }
    Err(Error::Directory { path, source: io::Error::other("a restore was cut off; run it again") })
}

fn move_parts<'a>(parts: impl Iterator<Item = &'a &'a str>, from: &Path, to: &Path) -> Result<()> {
    for part in parts {
        match fs::rename(from.join(part), to.join(part)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::Directory { path: to.join(part), source: error });
            }
            _ => {}
        }
    }
    for directory in [from, to] {
        let synced = File::open(directory).and_then(|directory| directory.sync_all());
        synced.map_err(|source| Error::Directory { path: directory.to_owned(), source })?;
    }
    Ok(())
}

fn remove(draft: &Path) -> Result<()> {
    fs::remove_dir_all(draft).map_err(|source| Error::Directory { path: draft.to_owned(), source })
}
