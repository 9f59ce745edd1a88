//! Is the process up, can it do its work, and how much did it do?

use std::sync::Arc;

use app::{Caller, programme};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use domain::Scope;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::Site;
use crate::extract::Who;
use crate::problem::Problem;
use crate::shortage::Shortage;

/// `/healthz`, `/readyz` and `/metrics`.
pub(crate) fn routes(metrics: Option<PrometheusHandle>, shortage: Shortage) -> Router<Arc<Site>> {
    let metrics = move |Who(caller): Who| std::future::ready(show(&caller, metrics.as_ref()));
    Router::new()
        .route("/healthz", get(|| async { Json(json!({"status": "ok"})) }))
        .route("/readyz", get(async move |State(site): State<Arc<Site>>| readiness(&site, &shortage).await))
        .route("/metrics", get(metrics))
}

/// Ready when the database answers and has the schema of this release.
async fn readiness(site: &Site, shortage: &Shortage) -> Response {
    let (database, migrations) = match programme::schema_is_current(&site.app).await {
        Ok(true) => ("ok", "ok"),
        Ok(false) => ("ok", "another release has migrated the database"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            ("the database does not answer", "unknown")
        }
    };
    let (status, word) = match (database, migrations) {
        ("ok", "ok") => (StatusCode::OK, "ready"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    // These are to be looked at, and no reason to take no sales.
    let clock = told(site.app.clock_jump());
    let files = programme::exposure(&site.app).map_or_else(|error| error.to_string(), told);
    let connections = told(shortage.told());
    let checks = json!({
        "database": database,
        "migrations": migrations,
        "clock": clock,
        "files": files,
        "connections": connections,
    });
    (status, Json(json!({"status": word, "checks": checks}))).into_response()
}

fn told(trouble: Option<impl ToString>) -> String {
    trouble.map_or_else(|| "ok".to_owned(), |trouble| trouble.to_string())
}

fn show(caller: &Caller, metrics: Option<&PrometheusHandle>) -> Result<String, Problem> {
    caller.require(Scope::Read)?;
    metrics.map(PrometheusHandle::render).ok_or_else(Problem::not_found)
}
