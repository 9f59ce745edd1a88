//! Is the process up, can it do its work, and how much did it do?

use std::collections::BTreeMap;
use std::sync::Arc;

use app::{Ailment, App, Caller, StoreError, programme};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use domain::Scope;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::extract::Who;
use crate::problem::Problem;
use crate::shortage::Shortage;
use crate::{Site, measured};

/// Said of what could not be looked at.
const UNKNOWN: &str = "unknown";

/// What is wrong, by what was looked at.
pub(crate) type Checks = BTreeMap<&'static str, Vec<String>>;

/// `/healthz`, `/readyz` and `/metrics`.
pub(crate) fn routes(metrics: Option<PrometheusHandle>, shortage: Shortage) -> Router<Arc<Site>> {
    if metrics.is_some() {
        measured::describe();
    }
    let figures = async move |Who(caller): Who, State(site): State<Arc<Site>>| {
        show(&caller, &site, metrics.as_ref()).await
    };
    Router::new()
        .route("/healthz", get(|| async { Json(json!({"status": "ok"})) }))
        .route("/readyz", get(async move |State(site): State<Arc<Site>>| readiness(&site, &shortage).await))
        .route("/metrics", get(figures))
}

/// Ready when the database answers and nothing keeps it from its work.
async fn readiness(site: &Site, shortage: &Shortage) -> Response {
    let mut checks = check(&site.app).await;
    let (status, word) = match checks.values().all(Vec::is_empty) {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    // These are to be looked at, and no reason to take no sales.
    checks.insert("clock", site.app.clock_jump().iter().map(ToString::to_string).collect());
    checks.insert("connections", shortage.told().iter().map(ToString::to_string).collect());
    let files = match programme::exposure(&site.app) {
        Ok(exposure) => exposure.iter().map(ToString::to_string).collect(),
        Err(error) => vec![error.to_string()],
    };
    checks.insert("files", files);
    let told = |words: Vec<String>| if words.is_empty() { "ok".to_owned() } else { words.join("; ") };
    let checks: BTreeMap<_, _> = checks.into_iter().map(|(name, words)| (name, told(words))).collect();
    (status, Json(json!({"status": word, "checks": checks}))).into_response()
}

async fn check(app: &App) -> Checks {
    let database = match programme::ailments(app).await {
        Ok(ailments) => return by_name(&ailments),
        Err(error) => {
            tracing::error!(%error, "not ready");
            match error {
                StoreError::Away(_) => "the database does not answer",
                StoreError::Busy => "the database is busy",
                _ => "the database refuses what it is asked; its words are in the log",
            }
        }
    };
    let checks = [("database", database), ("pooling", UNKNOWN), ("grants", UNKNOWN), ("migrations", UNKNOWN)];
    checks.into_iter().map(|(name, words)| (name, vec![words.to_owned()])).collect()
}

fn by_name(ailments: &[Ailment]) -> Checks {
    let mut checks = Checks::from(["database", "pooling", "grants", "migrations"].map(|name| (name, vec![])));
    for ailment in ailments {
        let name = match ailment {
            Ailment::ReadOnly => "database",
            Ailment::PooledTransactions => "pooling",
            Ailment::MissingGrant { .. } => "grants",
            Ailment::OtherSchema => "migrations",
        };
        checks.entry(name).or_default().push(ailment.to_string());
    }
    if ailments.contains(&Ailment::PooledTransactions) {
        // Nobody can tell who would answer.
        checks.extend(["grants", "migrations"].map(|name| (name, vec![UNKNOWN.to_owned()])));
    }
    checks
}

async fn show(caller: &Caller, site: &Site, metrics: Option<&PrometheusHandle>) -> Result<String, Problem> {
    caller.require(Scope::Read)?;
    let metrics = metrics.ok_or_else(Problem::not_found)?;
    measured::look(&site.app, &check(&site.app).await);
    Ok(metrics.render())
}
