//! Runs the service.

use std::sync::Arc;
use std::time::Duration;

use app::months;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use server::{RateLimits, Server, Site};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::ServeSettings;
use crate::greeting::greet;
use crate::listen::local_url;
use crate::{Failure, log, open};

/// How often measurements are folded into the buckets.
const METRICS_UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Bounds of the duration buckets, in seconds.
const DURATION_BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

pub(crate) async fn run(settings: ServeSettings) -> Result<(), Failure> {
    log::begin(settings.log_format, log::OF_SERVERS)?;
    // Whoever reads the greeting may stop the server in the next moment.
    let stop = told_to_stop()?;
    let app = open::app(&settings.database, &settings.foundation, settings.rules).await?;
    let app = Arc::new(app);
    if let Some(exposure) = app.store().exposure()? {
        tracing::warn!("{exposure}");
    }
    if let Some(days) = settings.rules.close_after_days {
        tokio::spawn(months::close_by_themselves(Arc::downgrade(&app), days));
    }
    let listener = settings.listen.bind().await?;
    let url = local_url(&listener)?;
    greet(&app, &url, &settings.database).await?;
    let site = Site {
        app,
        public_url: settings.public_url.map_or(url, |url| url.to_string()),
        limits: RateLimits::default(),
        trusted_proxies: settings.trusted_proxies,
        cors_origins: settings.cors_origins,
    };
    serve(site, listener, stop).await
}

/// Serves the application until it is told to stop.
pub(crate) async fn serve(
    site: Site,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Failure> {
    let app = Arc::clone(&site.app);
    let served = Server::new(site, Some(metrics()?)).run(listener, stop).await;
    app.stop().await;
    Ok(served?)
}

fn metrics() -> Result<PrometheusHandle, Failure> {
    let durations = Matcher::Suffix("_seconds".into());
    let recorder = PrometheusBuilder::new().set_buckets_for_metric(durations, &DURATION_BUCKETS)?;
    let handle = recorder.install_recorder()?;
    // Folds what was measured into the buckets, which otherwise only a scrape does.
    tokio::spawn({
        let handle = handle.clone();
        async move {
            let mut every = tokio::time::interval(METRICS_UPKEEP_EVERY);
            loop {
                every.tick().await;
                handle.run_upkeep();
            }
        }
    });
    Ok(handle)
}

/// Ready when the process is interrupted or terminated, from now on.
pub(crate) fn told_to_stop() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
