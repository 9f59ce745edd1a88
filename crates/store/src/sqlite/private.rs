//! Files for their owner alone: how they are made, and which of those that were
//! there before are not.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// What the group and others may do.
const OTHERS: u32 = 0o077;

/// Makes a directory that its owner alone can enter, unless it is there.
pub(super) fn create_directory(directory: &Path) -> Result<()> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|source| Error::Directory { path: directory.to_owned(), source })
}

/// Opens a file to read and write; one that has to be made is its owner's alone.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Makes an empty file for SQLite, unless there is one, and leaves it closed: to
/// close a database that is open takes its locks away. What SQLite makes beside it
/// has the same permissions.
pub(super) fn make(path: &Path) -> Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(Error::Directory { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// Files of a data directory that others on this machine can get at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    directory: PathBuf,
    names: Vec<String>,
}

/// Says it with the command that mends it.
impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; `{}` keeps them out", self.what(), self.mend())
    }
}

impl Exposure {
    /// The files of this directory that others can get at, if there are any.
    pub fn of(directory: &Path) -> Result<Option<Self>> {
        let names = exposed(directory);
        let mut names = names.map_err(|source| Error::Directory { path: directory.to_owned(), source })?;
        names.sort_unstable();
        Ok((!names.is_empty()).then(|| Self { directory: directory.to_owned(), names }))
    }

    /// What is wrong.
    pub fn what(&self) -> String {
        format!("others on this machine can get at {}", self.names.join(", "))
    }

    /// The command that mends it.
    pub fn mend(&self) -> String {
        format!("chmod -R go= {}", self.directory.display())
    }
}

/// What lies elsewhere and is only shown here, as a mounted secret is, has rules of
/// its own.
fn exposed(directory: &Path) -> io::Result<Vec<String>> {
    let home = fs::metadata(directory)?;
    let mut names = Vec::new();
    if home.mode() & OTHERS == 0 {
        return Ok(names);
    }
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let file = match entry.metadata() {
            Ok(file) => file,
            // It has gone meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if file.is_file() && file.dev() == home.dev() && can_reach(home.mode(), file.mode()) {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

/// Whether the group, or all others, may enter the directory and do something to the file.
fn can_reach(directory: u32, file: u32) -> bool {
    [0o010, 0o001].into_iter().any(|enter| directory & enter != 0 && file & (enter * 7) != 0)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn allow(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_others_can_get_at_is_named_with_what_mends_it() {
        let outer = tempfile::tempdir().unwrap();
        let directory = outer.path().join("data");
        create_directory(&directory).unwrap();
        open(&directory.join("banyan.db")).unwrap();
        fs::write(outer.path().join("secret"), "mounted").unwrap();
        allow(&outer.path().join("secret"), 0o644);
        symlink("../secret", directory.join("token.key")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&directory), mode(&directory.join("banyan.db"))), (0o700, 0o600));

        let told = || Exposure::of(&directory).unwrap().map(|exposure| exposure.names.join(" "));
        for (of_directory, of_file, names) in [
            (0o700, 0o644, None),
            (0o755, 0o600, None),
            (0o710, 0o604, None),
            (0o755, 0o644, Some("banyan.db")),
            (0o750, 0o640, Some("banyan.db")),
            (0o711, 0o602, Some("banyan.db")),
        ] {
            allow(&directory, of_directory);
            allow(&directory.join("banyan.db"), of_file);
            assert_eq!(told().as_deref(), names, "{of_directory:o} {of_file:o}");
        }
        let exposure = Exposure::of(&directory).unwrap().unwrap();
        let mended = std::process::Command::new("sh").arg("-c").arg(exposure.mend()).status().unwrap();
        assert!(mended.success());
        assert_eq!(told(), None);
    }
}
