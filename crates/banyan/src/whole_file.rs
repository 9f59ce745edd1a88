//! A file that is there whole or not at all, and for its owner alone.

use std::fs::File;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::Failure;

/// A file that gets its name when it is whole.
pub(crate) struct WholeFile {
    draft: NamedTempFile,
    path: PathBuf,
}

impl WholeFile {
    /// Begins it beside its place.
    pub(crate) fn begin(path: &Path) -> Result<Self, Failure> {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let draft = NamedTempFile::new_in(directory.unwrap_or(Path::new(".")));
        Ok(Self { draft: draft.map_err(|error| cannot_write(path, error))?, path: path.to_owned() })
    }

    /// Where it lies meanwhile.
    pub(crate) fn draft(&self) -> &Path {
        self.draft.path()
    }

    /// What is written to this comes to stand in it.
    pub(crate) fn writer(&self) -> Result<File, Failure> {
        self.draft.as_file().try_clone().map_err(|error| cannot_write(&self.path, error))
    }

    /// Gives it its name, and that of another file if that has it.
    pub(crate) fn replace(self) -> Result<(), Failure> {
        let Self { draft, path } = self.on_disk()?;
        draft.persist(&path).map(drop).map_err(|error| cannot_write(&path, error.error))
    }

    /// Gives it its name, unless there is a file of that name.
    pub(crate) fn create(self) -> Result<(), Failure> {
        let Self { draft, path } = self.on_disk()?;
        draft.persist_noclobber(&path).map(drop).map_err(|error| cannot_write(&path, error.error))
    }

    fn on_disk(self) -> Result<Self, Failure> {
        self.draft.as_file().sync_all().map_err(|error| cannot_write(&self.path, error))?;
        Ok(self)
    }
}

fn cannot_write(path: &Path, error: std::io::Error) -> Failure {
    format!("cannot write {}: {error}", path.display()).into()
}
