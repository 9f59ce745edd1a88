//! All routes in one place, and the loop that serves them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::serve::ListenerExt;
use axum::{Router, middleware};
use metrics_exporter_prometheus::PrometheusHandle;
use socketioxide::SocketIo;
use tokio::net::TcpListener;
use utoipa_swagger_ui::SwaggerUi;

use crate::gate::behind_gate;
use crate::problem::Problem;
use crate::query::{self, QueryFields};
use crate::{Site, api, health, pages, realtime};

/// How long requests may finish after the server was told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// A site that can be served.
pub struct Server {
    routes: Router,
    io: SocketIo,
}

impl Server {
    /// The site with its API, its sockets and its pages.
    pub fn new(site: Site, metrics: Option<PrometheusHandle>) -> Self {
        let app = Arc::clone(&site.app);
        let (socket_io, io) = realtime::layer(Arc::clone(&app));
        // The client's files lie below the path of the protocol, so they are
        // added outside of the layer that takes that path for itself.
        let client = behind_gate(pages::socket_io_client(), app);
        Self { routes: router(site, metrics).layer(socket_io).merge(client), io }
    }

    /// Serves until `stop` is ready, then lets open requests finish and closes
    /// every socket.
    pub async fn run(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        // Without this, small answers wait for the client's acknowledgement of
        // earlier ones: 40 ms on Linux.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
        let io = self.io;
        let stop = async move {
            stop.await;
            drop(stopping);
            // Open polls would hold the server until they time out; a client that
            // takes nothing must not hold it either.
            drop(tokio::time::timeout(DRAIN / 2, io.close()).await);
        };
        let service = self.routes.into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(stop);
        tokio::select! {
            served = serving.into_future() => served,
            () = async { drop(stopped.await); tokio::time::sleep(DRAIN).await } => Ok(()),
        }
    }
}

/// Everything that answers HTTP, without the sockets.
pub fn router(site: Site, metrics: Option<PrometheusHandle>) -> Router {
    let app = Arc::clone(&site.app);
    let (routes, document) = api::routes().split_for_parts();
    // Links to pages come with what others hang on them, and probes with what a
    // balancer adds: neither asks for anything by it.
    let fields = Arc::new(QueryFields::of(&document, &["/metrics"]));
    let docs = SwaggerUi::new("/api/docs").url("/api/openapi.json", document);
    let routes = routes
        .merge(health::routes(metrics))
        .layer(middleware::from_fn_with_state(fields, query::pass))
        .merge(pages::routes())
        .merge(docs)
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async {
            let detail = "This address does not take this method; `Allow` names those it takes.";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed", detail)
        });
    behind_gate(routes.with_state(Arc::new(site)), app)
}
