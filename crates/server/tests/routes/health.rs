//! `/healthz`, `/readyz` and `/metrics`

use insta::assert_snapshot;
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::world::World;

#[tokio::test]
async fn anybody_may_ask_whether_the_process_is_up_and_ready() {
    let world = World::new().await;
    assert_snapshot!(world.anonymous.get("/healthz").await, @r#"
    200 {
      "status": "ok"
    }
    "#);
    assert_snapshot!(world.anonymous.get("/readyz").await, @r#"
    200 {
      "checks": {
        "database": "ok",
        "migrations": "ok"
      },
      "status": "ready"
    }
    "#);
}

#[tokio::test]
async fn metrics_need_the_scope_read() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let world = World::with_metrics(Some(recorder.handle())).await;
    for (actor, status) in [
        (&world.anonymous, 401),
        (&world.member, 403),
        (&world.service("users:write purchases:write payouts:write").await, 403),
        (&world.service("read").await, 200),
        (&world.admin, 200),
        (&world.owner, 200),
    ] {
        assert_eq!(actor.get("/metrics").await.status, status);
    }
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_never_by_path() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let world = World::with_metrics(Some(recorder.handle())).await;
    for _ in 0..3 {
        world.member.get("/api/users/1").await;
    }
    world.member.get("/api/users/4").await;
    world.anonymous.get("/secret/path").await;
    let metrics = world.owner.get("/metrics").await;
    let text = metrics.text();
    for line in [
        r#"http_requests_total{method="GET",route="/api/users/{user_id}",status="200"} 3"#,
        r#"http_requests_total{method="GET",route="/api/users/{user_id}",status="403"} 1"#,
        r#"http_requests_total{method="GET",route="-",status="404"} 1"#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(text.contains("http_request_duration_seconds"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn a_site_that_counts_nothing_has_no_metrics() {
    let world = World::new().await;
    assert_eq!(world.owner.get("/metrics").await.status, 404);
}
