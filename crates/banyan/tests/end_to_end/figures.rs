//! What a node tells of itself to Prometheus, and what is made of it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::cluster::{Cluster, Isolation, another_cluster};
use crate::home::{Home, Server, text};
use crate::http::Request;
use crate::postgres::{SHOP, control_in};
use crate::skip::{on_path, skip};

/// Sells, is refused, and answers the figures after it.
fn figures_of(server: &Server, key: &str) -> String {
    let asha = server.register(key, "Asha Rao", None);
    let bina = server.register(key, "Bina Shah", Some(&asha.code));
    let order = json!({"user_id": bina.id, "amount": "2000"});
    Request::post("/api/purchases", order).by(key).send(&server.url).expect(201);
    assert_eq!(Request::get("/api/users/999").by(key).send(&server.url).status, 404);
    let handshake = "/socket.io/?EIO=4&transport=polling";
    assert_eq!(Request::get(handshake).send(&server.url).status, 200);
    assert_eq!(Request::get(format!("{handshake}&sid=nobody")).send(&server.url).status, 400);
    assert_eq!(Request::get("/socket.io/?EIO=2&transport=polling").send(&server.url).status, 400);
    let figures = Request::get("/metrics").by(key).send(&server.url);
    assert_eq!(figures.status, 200);
    for line in [
        "http_problems_total{code=\"user_not_found\"} 1",
        "banyan_batch_purchases_count 1",
        "banyan_batch_duration_seconds_count 1",
        "banyan_queue_purchases 0",
        "banyan_queue_limit 4096",
        "banyan_ready{check=\"database\"} 1",
        "banyan_ready{check=\"grants\"} 1",
        "banyan_sockets 1",
        "banyan_sockets_unknown 1",
        "banyan_socket_refusals_total{reason=\"unknown_session\"} 1",
        "banyan_socket_refusals_total{reason=\"bad_handshake\"} 1",
    ] {
        assert!(figures.body.lines().any(|told| told == line), "{line} is not in\n{}", figures.body);
    }
    figures.body
}

/// Passes what promtool finds nothing in.
fn check(figures: &str) {
    let Some(promtool) = on_path("promtool") else {
        return skip("what promtool says of the figures", "there is none: apt-get install prometheus");
    };
    let mut command = Command::new(promtool);
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut checking = command.spawn().unwrap();
    checking.stdin.take().unwrap().write_all(figures.as_bytes()).unwrap();
    let output = checking.wait_with_output().unwrap();
    let told = [text(&output.stdout), text(&output.stderr)].concat();
    assert!(output.status.success() && told.is_empty(), "{told}\n{figures}");
}

#[test]
fn promtool_finds_nothing_in_the_figures_of_a_node() {
    let home = Home::new();
    let server = home.serve();
    let figures = figures_of(&server, &home.key(&["read", "users:write", "purchases:write"]));
    for name in ["banyan_unposted_purchases 0", "banyan_database_bytes "] {
        assert!(figures.contains(name), "{name} is not in\n{figures}");
    }
    check(&figures);
    server.stop();
}

#[test]
fn promtool_finds_nothing_in_the_figures_of_a_node_on_postgresql() {
    let Some(home) = Home::in_postgres(Isolation::ReadCommitted) else { return };
    let server = home.serve();
    let figures = figures_of(&server, &home.key(&SHOP));
    for name in ["banyan_database_connections{state=\"idle\"}", "banyan_database_connections_limit 16"] {
        assert!(figures.contains(name), "{name} is not in\n{figures}");
    }
    check(&figures);
    server.stop();
}

#[test]
fn the_figures_can_be_read_while_the_database_is_away() {
    let Some(cluster) = another_cluster() else { return };
    let cluster: &'static Cluster = Box::leak(Box::new(cluster));
    let home = std::mem::ManuallyDrop::new(Home::on(cluster, Isolation::ReadCommitted));
    let server = home.serve();
    let figures = Request::get("/metrics").by(&home.key(&SHOP));
    assert_eq!(figures.send(&server.url).status, 200);
    control_in(cluster, &cluster.home, &["stop", "-m", "immediate"]);
    // Longer than a key is trusted while the database can be asked.
    thread::sleep(Duration::from_secs(2));
    let away = figures.send(&server.url);
    assert_eq!(away.status, 200);
    assert!(away.body.contains("banyan_ready{check=\"database\"} 0"), "{}", away.body);
    assert_eq!(Request::get("/readyz").send(&server.url).status, 503);
    server.stop();
}

/// The names of figures in a file of the repository.
fn named_in(file: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let names = words.filter(|word| word.starts_with("banyan_") || word.starts_with("http_"));
    let plain = |name: &str| {
        ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|part| name.strip_suffix(part))
            .unwrap_or(name)
            .to_owned()
    };
    names.map(plain).collect()
}

#[test]
fn what_is_watched_exists_and_what_exists_is_documented() {
    let known = named_in("crates/server/src/measured.rs");
    assert!(known.len() > 20, "{known:?}");
    for file in ["deploy/prometheus/alerts.yaml", "deploy/prometheus/dashboard.json", "docs/deploy.md"] {
        let named = named_in(file);
        assert!(!named.is_empty() && named.is_subset(&known), "{file}: {:?}", named.difference(&known));
    }
    let documented = named_in("docs/deploy.md");
    assert!(known.is_subset(&documented), "{:?}", known.difference(&documented));
}
