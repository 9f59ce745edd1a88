//! Tests that need a program this machine may lack.

use std::env;
use std::path::{Path, PathBuf};

/// Where this program is, looked for as a shell does.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program)).find(|file| is_program(file))
}

/// Whether a file of this name is there.
pub(crate) fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// Says loudly that a test did not run. Where `BANYAN_TESTS_FORBID_SKIPS` is 1,
/// as on a build server, that is a failure.
pub(crate) fn skip(what: &str, why: &str) {
    let line = format!("SKIPPED {what}: {why}");
    assert_ne!(env::var("BANYAN_TESTS_FORBID_SKIPS").as_deref(), Ok("1"), "{line}");
    // Past the capture of test output: a skip that nobody sees is a lie.
    let shown = std::io::Write::write_all(&mut std::io::stderr(), format!("\n{line}\n").as_bytes());
    shown.expect("standard error takes a line");
}
