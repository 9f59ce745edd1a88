//! `/healthz`, `/readyz` and `/metrics`

use std::time::Duration;

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
        "clock": "ok",
        "connections": "ok",
        "database": "ok",
        "files": "ok",
        "grants": "ok",
        "migrations": "ok",
        "pooling": "ok"
      },
      "status": "ready"
    }
    "#);
}

#[tokio::test]
async fn a_jump_of_the_clock_is_told_and_keeps_nobody_from_selling() {
    let world = World::new().await;
    let clock = async || {
        let ready = world.anonymous.get("/readyz").await;
        assert_eq!((ready.status, ready.field("/status").as_str()), (200, "ready"));
        ready.field("/checks/clock")
    };
    // The lookout has looked once.
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(clock().await, "ok");
    world.advance(Duration::from_hours(1));
    let told = async {
        while clock().await == "ok" {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("the lookout looks four times a second");
    let told = clock().await;
    assert!(told.starts_with("the clock jumped from 2026-01-01T00:00:00"), "{told}");
    assert!(told.ends_with("to 2026-01-01T01:00:00Z"), "{told}");
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
