//! Runs npm in a copy of `web/`, so that the source tree stays as it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };
const NEEDED: &str = "It needs node 20.19 or newer (22.12 or newer of the 22s) and npm, to build the \
    pages in web/.\nInstall node, or set DASHBOARD_DIST to a folder that holds the built pages.";

/// Copies `sources` from `web` to `work`, builds there, and returns the folder
/// with the built pages.
pub(crate) fn build(web: &Path, sources: &[&str], work: &Path) -> Result<PathBuf, String> {
    check_node()?;
    for source in sources {
        replace(&web.join(source), &work.join(source))
            .map_err(|error| format!("Cannot copy web/{source}: {error}"))?;
    }
    install(work)?;
    npm(work, &["run", "build"])?;
    Ok(work.join("dist"))
}

fn check_node() -> Result<(), String> {
    let output = Command::new("node")
        .arg("--version")
        .output()
        .map_err(|error| format!("node cannot be started: {error}.\n{NEEDED}"))?;
    let version = String::from_utf8_lossy(&output.stdout);
    if is_new_enough(version.trim()) {
        Ok(())
    } else {
        Err(format!("The node found is {}.\n{NEEDED}", version.trim()))
    }
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|part| part.parse().ok());
    let (major, minor): (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    match major {
        20 => minor >= 19,
        22 => minor >= 12,
        _ => major > 22,
    }
}

/// Installs only when the lock file differs from the one installed last: it is
/// the slow step and the one that needs a network.
fn install(work: &Path) -> Result<(), String> {
    let installed = work.join("node_modules/.installed-lock.json");
    let lock = fs::read(work.join("package-lock.json")).map_err(|error| error.to_string())?;
    if fs::read(&installed).is_ok_and(|last| last == lock) {
        return Ok(());
    }
    npm(work, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    fs::write(installed, lock).map_err(|error| error.to_string())
}

fn npm(work: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(NPM)
        .args(arguments)
        .current_dir(work)
        .output()
        .map_err(|error| format!("npm cannot be started: {error}.\n{NEEDED}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "`npm {}` failed:\n{}{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    ))
}

/// Makes `to` equal to `from`, a file or a folder; what was deleted goes too.
fn replace(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_file() {
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        fs::copy(from, to)?;
        return Ok(());
    }
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        replace(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
