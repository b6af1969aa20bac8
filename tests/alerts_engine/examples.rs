//! The three ways to write a rule, as the documentation has them, each fired by requests.

use std::time::Duration;

use http::{Method, StatusCode};
use tower_watch::alert::rules::IntoRules;
use tower_watch::alert::{Alert, AlertSettings, Severity};
use tower_watch::layers::policy::RoutePolicy;
use tower_watch::watch::Preset;

use crate::world::{Recorder, World};

const MINUTE: Duration = Duration::from_secs(60);

fn min(minutes: u32) -> Duration {
    MINUTE * minutes
}

/// A shop that watches for this.
fn shop(rule: impl IntoRules) -> (World, Recorder) {
    let recorder = Recorder::new();
    let settings = AlertSettings::new().rule(rule).receiver("ops", recorder.clone());
    (World::new(settings), recorder)
}

impl World {
    /// So many minutes of 20 requests each, of which some fail, all taking this long.
    async fn serve(&self, minutes: u32, endpoint: &str, failing: u32, taking: Duration) {
        for _ in 0..minutes {
            for request in 0..20 {
                let status = if request < failing { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
                self.watch.record_request(&Method::GET, endpoint, status, taking);
            }
            self.pass(MINUTE).await;
        }
    }
}

const FAST: Duration = Duration::from_millis(20);

#[tokio::test]
async fn promql() {
    let (world, recorder) = shop(
        Alert::rule("HighErrorRate")
            .when("sum(rate(http_requests_total{status=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m])) > 0.05")
            .for_(min(2))
            .severity(Severity::Critical)
            .annotate("summary", "{{ $value | humanizePercentage }} of requests fail"),
    );
    world.serve(5, "/orders", 0, FAST).await;
    assert!(world.firing().is_empty());
    world.serve(6, "/orders", 10, FAST).await;
    assert_eq!(world.firing(), ["HighErrorRate"]);
    let alert = &world.alerts().active()[0];
    assert_eq!(alert.labels.get("severity"), "critical");
    assert!(alert.annotations["summary"].ends_with("% of requests fail"), "{:?}", alert.annotations);
    assert_eq!(recorder.told(), ["firing HighErrorRate"]);
    world.serve(11, "/orders", 0, FAST).await;
    assert!(world.firing().is_empty());
    assert_eq!(recorder.told(), ["resolved HighErrorRate"]);
}

#[tokio::test]
async fn a_metric() {
    let (world, recorder) = shop(Alert::metric("orders_failed_total").rate().over(min(5)).above(0.5));
    let fail = |orders| {
        metrics::with_local_recorder(world.watch.registers(), || {
            metrics::counter!("orders_failed_total").increment(orders);
        });
    };
    fail(0);
    world.pass(MINUTE).await;
    for _ in 0..5 {
        fail(60);
        world.pass(MINUTE).await;
    }
    assert_eq!(world.firing(), ["OrdersFailedRateHigh"]);
    world.pass(min(12)).await;
    assert_eq!(recorder.told(), ["firing OrdersFailedRateHigh", "resolved OrdersFailedRateHigh"]);
}

#[tokio::test]
async fn one_line() {
    let (world, recorder) = shop("http_request_duration p95 > 800ms for 5m on /customers/*, /partners/*");
    world.serve(12, "/orders", 0, min(1)).await;
    assert!(world.firing().is_empty(), "others may be slow");
    world.serve(12, "/customers/{id}", 0, 20 * FAST).await;
    assert!(world.firing().is_empty(), "400 ms");
    world.serve(12, "/partners/{id}/orders", 0, 100 * FAST).await;
    let active = world.alerts().active();
    assert_eq!(active.len(), 1, "{active:?}");
    assert_eq!(active[0].labels.get("endpoint"), "/partners/{id}/orders");
    assert_eq!(recorder.told(), [format!("firing {}", active[0].name())]);
}

#[tokio::test]
async fn it_fires_at_one_threshold_and_ends_at_another() {
    let (world, recorder) = shop(Alert::metric("queue_depth").above(10.0).resolve_below(5.0).named("Full"));
    for (depth, fires) in [(7.0, false), (11.0, true), (7.0, true), (5.0, true), (4.0, false), (7.0, false)] {
        world.queue(depth);
        world.pass(MINUTE).await;
        assert_eq!(!world.firing().is_empty(), fires, "{depth}");
    }
    world.pass(min(6)).await;
    assert_eq!(recorder.told(), ["firing Full", "resolved Full"]);
}

#[tokio::test]
async fn by_every_enabled_notify_and() {
    let (ops, pager) = (Recorder::new(), Recorder::new());
    let lagging = Alert::metric("lag_seconds").above(2.0).by(["queue"]);
    let rule = Alert::metric("depth").above(10.0).by(["queue"]).every(MINUTE).notify("pager").and(lagging);
    let settings = AlertSettings::new()
        .rule(rule.named("Stuck"))
        .rule(Alert::metric("depth").above(0.0).named("Off").enabled(false))
        .receiver("ops", ops.clone())
        .receiver("pager", pager.clone());
    let world = World::new(settings);
    metrics::with_local_recorder(world.watch.registers(), || {
        for (queue, lag) in [("mail", 5.0), ("print", 1.0)] {
            metrics::gauge!("depth", "queue" => queue).set(50.0);
            metrics::gauge!("lag_seconds", "queue" => queue).set(lag);
        }
    });
    world.pass(min(3)).await;
    let active = world.alerts().active();
    let queues: Vec<&str> = active.iter().map(|alert| alert.labels.get("queue")).collect();
    assert_eq!((world.firing(), queues), (vec!["Stuck".to_owned()], vec!["mail"]));
    assert_eq!((ops.told().len(), pager.told()), (0, vec!["firing Stuck".to_owned()]));
}

#[tokio::test]
async fn the_ready_set_knows_which_routes_may_be_slow() {
    let recorder = Recorder::new();
    let settings = AlertSettings::new().receiver("ops", recorder.clone());
    let world = World::built(|builder| {
        builder
            .preset(Preset::Production)
            .policy("/reports/*", RoutePolicy::new().slow(Duration::from_secs(9)))
            .policy("POST /orders", RoutePolicy::new().slow(Duration::from_secs(9)))
            .alerts(settings)
    });
    for _ in 0..30 {
        world.serve(1, "/reports/{id}", 0, 250 * FAST).await;
        world.serve(1, "/orders", 0, FAST).await;
    }
    assert_eq!(world.firing(), ["Watchdog"], "an hour of a service that is well");
    assert_eq!(recorder.told(), ["firing Watchdog"]);
    world.serve(12, "/orders", 0, 250 * FAST).await;
    let mut firing = world.firing();
    firing.sort();
    assert_eq!(firing, ["SlowRequests", "Watchdog"]);
}
