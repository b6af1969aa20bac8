//! A layer that is made, and used, before there is a recorder. In a process of its own, as the facade's recorder is
//! installed once and for all.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Waker};

use http::{Request, Response};
use http_body_util::Full;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tower::{Layer, ServiceExt, service_fn};
use tower_watch_layers::context::{ContextObserver, RequestContext, TenantPolicy};
use tower_watch_layers::observe::{ObserveLayer, Settings};
use tower_watch_layers::red::{Label, RedConfig, RedObserver, TenantMetrics};
use tower_watch_layers::route::Routes;

/// What the recorder holds: counters, gauges, how many samples, and whether the metric was described. Taken out.
fn take(snapshotter: &Snapshotter) -> BTreeMap<String, (f64, bool)> {
    snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, unit, help, value)| {
            let mut labels: Vec<_> =
                key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            labels.sort();
            let value = match value {
                DebugValue::Counter(count) => f64::from(u32::try_from(count).unwrap()),
                DebugValue::Gauge(level) => level.0,
                DebugValue::Histogram(samples) => f64::from(u32::try_from(samples.len()).unwrap()),
            };
            let series = format!("{}{{{}}}", key.key().name(), labels.join(","));
            (series, (value, unit.is_some() && help.is_some()))
        })
        .collect()
}

#[test]
fn a_layer_binds_when_a_recorder_is_installed() {
    let config = RedConfig::new()
        .with_tenants(TenantMetrics::new())
        .with_label(Label::new("plan").unwrap().values(["gold"]));
    let red = RedObserver::new(&config);
    let observers = (ContextObserver::new().with_tenant(TenantPolicy::default()), red.clone());
    let settings = || Settings::new().with_routes(Routes::new().with_route(|_| Some("/r".into())));
    let (release, gate) = tokio::sync::watch::channel(false);
    let service = ObserveLayer::with_settings(observers, settings()).layer(service_fn(
        move |request: Request<Full<&'static [u8]>>| {
            let mut gate = gate.clone();
            async move {
                RequestContext::of(request.extensions()).unwrap().set_label("plan", "gold");
                if request.uri().path() == "/slow" {
                    gate.wait_for(|open| *open).await.unwrap();
                }
                Ok::<_, Infallible>(Response::new(Full::new(&b""[..])))
            }
        },
    ));
    let request =
        |path: &str| Request::get(path).header("x-tenant-id", "acme").body(Full::new(&b""[..])).unwrap();
    let cx = &mut Context::from_waker(Waker::noop());
    let send = |cx: &mut Context<'_>, path: &str| {
        assert!(pin!(service.clone().oneshot(request(path))).poll(cx).is_ready());
    };

    // Nobody records yet, and nothing minds.
    for _ in 0..3 {
        send(cx, "/r");
    }
    red.record_error(&settings(), &http::Method::GET, "/r", "too_early");
    red.set_active_connections(&settings(), 7);
    let mut begun_before = pin!(service.clone().oneshot(request("/slow")));
    assert!(begun_before.as_mut().poll(cx).is_pending());

    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install().unwrap();
    assert!(take(&snapshotter).is_empty());

    // What began before counts at its end, and not in the gauge that it never raised.
    release.send(true).unwrap();
    assert!(begun_before.as_mut().poll(cx).is_ready());
    let all = take(&snapshotter);
    let requests = "http_requests_total{endpoint=/r,method=GET,plan=gold,status=200}";
    let tenant = "tenant_http_requests_total{status=200,tenant=acme}";
    let in_flight = "http_requests_in_flight{endpoint=/r,method=GET}";
    assert_eq!(all[requests], (1.0, true));
    assert_eq!(all[tenant], (1.0, true));
    assert_eq!(all[in_flight], (0.0, true));

    for _ in 0..2 {
        send(cx, "/r");
    }
    red.set_active_connections(&settings(), 7);
    let all = take(&snapshotter);
    assert_eq!(all[requests].0, 2.0);
    assert_eq!(all[tenant].0, 2.0);
    assert_eq!(all[in_flight].0, 0.0);
    assert_eq!(all["active_connections{}"], (7.0, true));
    assert!(!all.keys().any(|series| series.contains("too_early")));
}
