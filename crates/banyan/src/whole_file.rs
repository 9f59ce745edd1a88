//! A file that is there whole or not at all, and for its owner alone.

use std::fs::File;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::Failure;

/// What becomes of a file that has the name already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// It stays, and nothing is written.
    Stays,
    /// It is replaced.
    Goes,
}

/// A file that gets its name when it is whole.
pub(crate) struct WholeFile {
    draft: NamedTempFile,
    path: PathBuf,
    earlier: Earlier,
}

impl WholeFile {
    /// Begins it beside its place, unless that is taken: nobody waits for what cannot
    /// be kept in the end.
    pub(crate) fn begin(path: &Path, earlier: Earlier) -> Result<Self, Failure> {
        if earlier == Earlier::Stays && path.exists() {
            return Err(format!("{} is there already; name another file", path.display()).into());
        }
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let draft = NamedTempFile::new_in(directory.unwrap_or(Path::new(".")));
        let draft = draft.map_err(|error| cannot_write(path, error))?;
        Ok(Self { draft, path: path.to_owned(), earlier })
    }

    /// Where it lies meanwhile.
    pub(crate) fn draft(&self) -> &Path {
        self.draft.path()
    }

    /// What is written to this comes to stand in it.
    pub(crate) fn writer(&self) -> Result<File, Failure> {
        self.draft.as_file().try_clone().map_err(|error| cannot_write(&self.path, error))
    }

    /// Gives it its name, when it is on disk.
    pub(crate) fn keep(self) -> Result<(), Failure> {
        let Self { draft, path, earlier } = self;
        draft.as_file().sync_all().map_err(|error| cannot_write(&path, error))?;
        let kept = match earlier {
            Earlier::Stays => draft.persist_noclobber(&path),
            Earlier::Goes => draft.persist(&path),
        };
        kept.map(drop).map_err(|error| cannot_write(&path, error.error))
    }
}

fn cannot_write(path: &Path, error: std::io::Error) -> Failure {
    format!("cannot write {}: {error}", path.display()).into()
}
