//! All routes in one place, and the loop that serves them.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::{Router, middleware};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use utoipa_swagger_ui::SwaggerUi;

use crate::compression::compressed;
use crate::connection::{Connections, Remote};
use crate::entrance::behind_entrance;
use crate::gate::behind_gate;
use crate::problem::Problem;
use crate::query::{self, QueryFields};
use crate::realtime::Realtime;
use crate::shortage::Shortage;
use crate::{Site, api, health, pages};

/// How long requests may finish after the server was told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// A site that can be served.
pub struct Server {
    routes: Router,
    realtime: Realtime,
    shortage: Shortage,
}

impl Server {
    /// The site with its API, its sockets and its pages.
    pub fn new(site: Site, metrics: Option<PrometheusHandle>) -> Self {
        let realtime = Realtime::new(Arc::clone(&site.app));
        let client = behind_gate(pages::socket_io_client(), Arc::clone(&site.app));
        let sockets = site.cors_origins.open(realtime.routes().merge(client));
        let (proxies, shortage) = (site.trusted_proxies.clone(), Shortage::default());
        let routes = without_sockets(site, metrics, shortage.clone()).merge(sockets);
        Self { routes: behind_entrance(routes, proxies), realtime, shortage }
    }

    /// Serves until `stop` is ready, then lets open requests finish and closes
    /// every socket.
    pub async fn run(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
        let visits = self.realtime.visits();
        let stop = async move {
            stop.await;
            drop(stopping);
            // At the transport: some clients take a packet that says so for good-bye. Open
            // polls would hold the server until they time out.
            visits.close_all();
        };
        let service = self.routes.into_make_service_with_connect_info::<Remote>();
        let serving =
            axum::serve(Connections::new(listener, self.shortage), service).with_graceful_shutdown(stop);
        tokio::select! {
            served = serving.into_future() => served,
            () = async { drop(stopped.await); tokio::time::sleep(DRAIN).await } => Ok(()),
            () = self.realtime.walk() => Ok(()),
        }
    }
}

/// Everything that answers HTTP, without the sockets.
pub fn router(site: Site, metrics: Option<PrometheusHandle>) -> Router {
    let proxies = site.trusted_proxies.clone();
    behind_entrance(without_sockets(site, metrics, Shortage::default()), proxies)
}

fn without_sockets(site: Site, metrics: Option<PrometheusHandle>, shortage: Shortage) -> Router {
    let (routes, document) = api::routes().split_for_parts();
    // Links to pages come with what others hang on them, and probes with what a
    // balancer adds: neither asks for anything by it.
    let fields = Arc::new(QueryFields::of(&document, &["/metrics"]));
    let docs = Router::from(SwaggerUi::new("/api/docs").url("/api/openapi.json", document));
    let routes = routes
        .merge(health::routes(metrics, shortage))
        .layer(middleware::from_fn_with_state(fields, query::pass))
        .merge(docs.layer(middleware::map_response(pages::guard)));
    // The pages are compressed already.
    let routes = compressed(routes)
        .merge(pages::routes())
        .fallback(pages::nothing_here)
        .method_not_allowed_fallback(|| async {
            let detail = "This address does not take this method; `Allow` names those it takes.";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed", detail)
        });
    let (app, cors) = (Arc::clone(&site.app), site.cors_origins.clone());
    cors.open(behind_gate(routes.with_state(Arc::new(site)), app))
}
