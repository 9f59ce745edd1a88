//! Runs the JavaScript tests of `e2e/` against a server that is already there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::home::text;
use crate::skip::skip;

/// Where the JavaScript tests are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../e2e").canonicalize().unwrap()
}

/// Runs one file of tests; its output is the failure.
pub(crate) fn run(file: &str, environment: &[(&str, &str)]) {
    let folder = folder();
    install(&folder);
    let mut command = Command::new("node");
    // Clients that were cut off leave timers behind; nobody waits for those.
    command.args(["--test", "--test-force-exit", "--test-reporter=spec", file]).current_dir(folder);
    let output = command.envs(environment.iter().copied()).output().unwrap_or_else(|error| {
        panic!(
            "node cannot be started: {error}. The tests of e2e/ need node 20.19 or newer, as the pages do."
        )
    });
    let told = text(&output.stdout);
    assert!(output.status.success(), "{file} failed:\n{told}{}", text(&output.stderr));
    let passed = told.lines().find_map(|line| line.split_once("pass ")).map(|(_, count)| count.trim());
    assert!(passed.is_some_and(|count| count != "0"), "{file} tested nothing:\n{told}");
    println!("{told}");
}

/// Installs what the lock file says, unless it is installed. Tests that run at
/// the same time wait for the first of them.
fn install(folder: &Path) {
    let lock = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e-install.lock")).unwrap();
    lock.lock().unwrap();
    let changed = |file: &str| fs::metadata(folder.join(file)).and_then(|metadata| metadata.modified()).ok();
    let wanted = changed("package-lock.json").expect("the lock file is there");
    if changed("node_modules/.package-lock.json").is_some_and(|installed| installed >= wanted) {
        return;
    }
    let output = Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(folder).output();
    let output = output.expect("npm comes with node");
    assert!(output.status.success(), "npm ci: {}{}", text(&output.stdout), text(&output.stderr));
}

/// A Python that has the clients of `e2e/requirements.txt`, made where there is none;
/// `None`, said loudly, where this machine cannot make one.
pub(crate) fn python() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e-python");
    let lock = File::create(home.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let (wanted, has) = (folder().join("requirements.txt"), home.join("requirements.txt"));
    let python = home.join("bin/python");
    if fs::read(&has).is_ok_and(|has| has == fs::read(&wanted).unwrap()) {
        return Some(python);
    }
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home).output();
    if !made.as_ref().is_ok_and(|made| made.status.success()) {
        skip("the Python clients", "python3 -m venv does not work: apt-get install python3-venv");
        return None;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&wanted);
    let installed = pip.output().unwrap();
    assert!(installed.status.success(), "pip: {}{}", text(&installed.stdout), text(&installed.stderr));
    fs::copy(&wanted, &has).unwrap();
    Some(python)
}
