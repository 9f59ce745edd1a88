//! Writes the Rust table of the built files.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Writes the table of every file in `dist` to `to`, ordered by path.
pub(crate) fn write(dist: &Path, to: &Path) -> Result<(), String> {
    let dist = dist
        .canonicalize()
        .map_err(|error| format!("Cannot read the built pages in {}: {error}", dist.display()))?;
    let mut files = Vec::new();
    collect(&dist, &mut files).map_err(|error| format!("Cannot list {}: {error}", dist.display()))?;

    let mut assets = Vec::new();
    for file in files.iter().filter(|file| !is_compressed(file)) {
        assets.push((web_path(&dist, file), file));
    }
    assets.sort();
    for page in ["index.html", "not-found.html"] {
        if !assets.iter().any(|(path, _)| path == page) {
            return Err(format!("There is no {page} in {}.", dist.display()));
        }
    }

    let mut code = String::from("static ASSETS: &[Asset] = &[\n");
    for (path, file) in assets {
        code.push_str(&entry(&path, file)?);
    }
    code.push_str("];\n");
    fs::write(to, code).map_err(|error| format!("Cannot write {}: {error}", to.display()))
}

fn entry(path: &str, file: &Path) -> Result<String, String> {
    let identity = fs::read(file).map_err(|error| format!("Cannot read {}: {error}", file.display()))?;
    let content_type = content_type(path)?;
    let mut code = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        code,
        "    Asset {{\n        path: {path:?},\n        content_type: {content_type:?},\n        \
         etag: {etag:?},\n        immutable: {immutable},\n        identity: {identity},\n        \
         gzip: {gzip},\n        brotli: {brotli},\n    }},",
        // Weak, because the three encodings share it.
        etag = format!("W/\"{:016x}\"", fnv1a(&identity)),
        immutable = path.starts_with("assets/"),
        identity = include(file),
        gzip = include_if_there(file, "gz"),
        brotli = include_if_there(file, "br"),
    );
    Ok(code)
}

fn include(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display().to_string())
}

fn include_if_there(file: &Path, suffix: &str) -> String {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    let file = PathBuf::from(name);
    if file.is_file() { format!("Some({})", include(&file)) } else { "None".to_owned() }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn is_compressed(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "br" || extension == "gz")
}

fn web_path(dist: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(dist).unwrap_or(file);
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn content_type(path: &str) -> Result<&'static str, String> {
    Ok(match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => return Err(format!("{path}: no content type is known for it; add one to build/embed.rs.")),
    })
}

/// FNV-1a, 64 bits: it only has to tell one build's file from another's.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
