//! What is imported: a file, or whatever can be read but once, kept aside so that
//! it can be read twice.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use crate::Failure;

/// Stands for standard input where a file is named.
const STANDARD_INPUT: &str = "-";

/// A text that can be read from its beginning as often as need be.
pub(crate) struct Input {
    file: File,
    place: String,
    name: String,
}

impl Input {
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        if path == Path::new(STANDARD_INPUT) {
            let place = "standard input".to_owned();
            let file = aside(io::stdin().lock()).map_err(|error| format!("cannot read {place}: {error}"))?;
            return Ok(Self { file, place: place.clone(), name: place });
        }
        let place = path.display().to_string();
        let opened = File::open(path).and_then(|file| match file.metadata()?.is_file() {
            true => Ok(file),
            false => aside(file),
        });
        let file = opened.map_err(|error| format!("cannot read {place}: {error}"))?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { file, place, name })
    }

    /// All of it once more, from the beginning, and how many bytes it has.
    pub(crate) fn begin(&self) -> io::Result<(File, u64)> {
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        let bytes = file.metadata()?.len();
        Ok((file, bytes))
    }

    /// What it is called, without where it lies.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// Its place, as it was given.
impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

/// A copy that has no name and goes with this process.
fn aside(mut from: impl Read) -> io::Result<File> {
    let mut copy = tempfile::tempfile()?;
    io::copy(&mut from, &mut copy)?;
    Ok(copy)
}
