//! The web pages of Banyan as compressed bytes, embedded when this crate is built.
//!
//! The build script runs npm on `web/`; here is only the table it leaves. Files
//! under `assets/` carry a hash of their content in their name and may be
//! cached for ever; every other file has to be asked for again, by its `ETag`.

#[cfg(test)]
mod tests;

/// One file of the dashboard, as it goes over the wire.
#[derive(Debug)]
pub struct Asset {
    /// Where it is served, without a leading slash: `assets/index-abc123.js`.
    pub path: &'static str,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The value of `ETag`, weak because all three encodings share it.
    pub etag: &'static str,
    /// Whether the path changes with the content, so that it can be cached for ever.
    pub immutable: bool,
    /// The bytes as they are.
    pub identity: &'static [u8],
    /// The bytes for `Content-Encoding: gzip`, where that is smaller.
    pub gzip: Option<&'static [u8]>,
    /// The bytes for `Content-Encoding: br`, where that is smaller.
    pub brotli: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The file served at `path`, which has no leading slash.
///
/// ```
/// let page = dashboard::asset("index.html").expect("every build has a page");
/// assert_eq!(page.content_type, "text/html; charset=utf-8");
/// assert!(dashboard::asset("../Cargo.toml").is_none());
/// ```
pub fn asset(path: &str) -> Option<&'static Asset> {
    let position = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(position)
}

/// The page that every route of the dashboard answers with; it routes by itself.
pub fn index() -> &'static Asset {
    asset("index.html").expect("the build script refuses a folder without index.html")
}

/// The page that stands where there is nothing.
pub fn not_found() -> &'static Asset {
    asset("not-found.html").expect("the build script refuses a folder without not-found.html")
}
