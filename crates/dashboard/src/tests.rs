use super::{ASSETS, Asset, asset, index, not_found};

/// The page's own text.
fn html(page: &'static Asset) -> &'static str {
    std::str::from_utf8(page.identity).expect("a page is UTF-8")
}

fn named(path: &str) -> &'static Asset {
    asset(path).unwrap_or_else(|| panic!("{path} is missing"))
}

#[test]
fn the_page_is_html_and_is_never_cached_for_ever() {
    assert_eq!(index().content_type, "text/html; charset=utf-8");
    assert!(!index().immutable);
    assert!(index().identity.starts_with(b"<!doctype html>"));
}

#[test]
fn everything_a_page_names_is_there() {
    for (page, least) in [(index(), 3), (not_found(), 2)] {
        let words = html(page).split(['"', '\'']).filter_map(|word| word.strip_prefix('/'));
        let named: Vec<&str> = words.filter(|path| !path.is_empty()).collect();
        assert!(named.len() >= least, "style sheets and an icon: {named:?}");
        for path in named {
            assert!(asset(path).is_some(), "{path} is named by {} and missing", page.path);
        }
    }
}

#[test]
fn the_pages_obey_the_content_security_policy() {
    for html in [index(), not_found()].map(html) {
        assert!(!html.contains("style="), "no inline style");
        assert!(!html.contains("<style"), "no inline style sheet");
        assert_eq!(html.matches("<script").count(), html.matches("src=").count(), "no inline script");
    }
}

#[test]
fn the_page_where_nothing_is_needs_no_script() {
    assert!(!html(not_found()).contains("<script"));
}

#[test]
fn files_with_a_hash_in_their_name_are_immutable_and_no_others() {
    for file in ASSETS {
        assert_eq!(file.immutable, file.path.starts_with("assets/"), "{}", file.path);
    }
    assert!(ASSETS.iter().any(|file| file.immutable));
}

#[test]
fn compressed_forms_are_smaller() {
    for file in ASSETS {
        for encoded in [file.gzip, file.brotli].into_iter().flatten() {
            assert!(encoded.len() < file.identity.len(), "{}", file.path);
        }
    }
    assert!(index().brotli.is_some());
}

#[test]
fn etags_are_quoted_and_differ() {
    let mut etags: Vec<&str> = ASSETS.iter().map(|file| file.etag).collect();
    assert!(etags.iter().all(|etag| etag.starts_with("W/\"") && etag.ends_with('"')));
    etags.sort_unstable();
    etags.dedup();
    assert_eq!(etags.len(), ASSETS.len());
}

#[test]
fn the_socket_io_client_is_there_for_pages_of_others() {
    for path in ["socket.io/socket.io.js", "socket.io/socket.io.min.js", "socket.io/socket.io.esm.min.js"] {
        assert_eq!(named(path).content_type, "text/javascript; charset=utf-8");
        assert!(asset(&format!("{path}.map")).is_some(), "{path}.map is missing");
    }
}

#[test]
fn what_is_shipped_names_its_licences() {
    let text = std::str::from_utf8(named("third-party.txt").identity).expect("UTF-8");
    for package in ["chart.js", "preact", "socket.io-client", "uqr"] {
        assert!(text.contains(&format!("{package} ")), "{package}");
    }
}

#[test]
fn an_unknown_path_is_none() {
    for path in ["", "/", "nothing.js", "/index.html", "../Cargo.toml", "assets"] {
        assert!(asset(path).is_none(), "{path}");
    }
}
