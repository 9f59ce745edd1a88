//! Builds `web/` with npm and writes `assets.rs`, which embeds the result.
//!
//! `DASHBOARD_DIST=folder` embeds a folder that was built before, so that no
//! node is needed; a relative folder is taken from the root of the workspace.

mod embed;
mod npm;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What this build script depends on, in `web/`. Folders are watched whole, so
/// nothing that a build writes may be in this list: cargo would never rest.
const SOURCES: [&str; 10] = [
    ".npmrc",
    "build",
    "index.html",
    "not-found.html",
    "package.json",
    "package-lock.json",
    "public",
    "src",
    "tsconfig.json",
    "vite.config.js",
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\nThe dashboard could not be built.\n\n{message}\n");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is set by cargo")?);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");

    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-env-changed=DASHBOARD_DIST");
    let prebuilt = env::var_os("DASHBOARD_DIST").filter(|folder| !folder.is_empty());
    let dist = if let Some(folder) = prebuilt {
        let dist = workspace.join(folder);
        println!("cargo::rerun-if-changed={}", dist.display());
        dist
    } else {
        let web = workspace.join("web");
        for source in SOURCES {
            println!("cargo::rerun-if-changed={}", web.join(source).display());
        }
        npm::build(&web, &SOURCES, &out_dir.join("web"))?
    };
    embed::write(&dist, &out_dir.join("assets.rs"))
}
