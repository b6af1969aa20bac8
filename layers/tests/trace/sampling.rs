//! How much is sampled.

use std::time::Duration;

use axum::Router;
use axum::routing::get as route;
use http::{HeaderName, Request};
use tower_watch_layers::context::{ContextObserver, RequestContext, TenantPolicy};
use tower_watch_layers::policy::RoutePolicy;
use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::route::Routes;
use tower_watch_layers::trace::{Sampling, SamplingMode, TraceConfig};

use crate::harness::{Bench, SAMPLED, UNSAMPLED, get, get_with, send};

fn share(ratio: f64) -> Ratio {
    Ratio::new(ratio).unwrap()
}

/// A service whose answer says whether it was sampled.
struct Service(Router);

impl Service {
    fn new(bench: &Bench, sampling: &Sampling) -> Self {
        Self::with(bench, sampling, Routes::new())
    }

    fn with(bench: &Bench, sampling: &Sampling, routes: Routes) -> Self {
        let handler = async |context: RequestContext| context.is_sampled().to_string();
        let context = ContextObserver::new().with_tenant(TenantPolicy::default());
        let config = TraceConfig::new().with_sampling(sampling.clone());
        let router = Router::new().route("/", route(handler)).route("/checkout", route(handler));
        Self(router.layer(bench.layer_of(context, config, routes)))
    }

    async fn samples(&self, request: Request<axum::body::Body>) -> bool {
        send(&self.0, request).await.body == "true"
    }

    /// How many of 2,000 requests are sampled.
    async fn share(&self, path: &str, headers: &[(&'static str, &str)]) -> f64 {
        let mut sampled = 0;
        for _ in 0..2_000 {
            sampled += i32::from(self.samples(get_with(path, headers)).await);
        }
        f64::from(sampled) / 2_000.0
    }
}

/// Five standard deviations: one run in a million fails by chance.
#[track_caller]
fn assert_close(measured: f64, expected: f64) {
    let deviation = (expected * (1.0 - expected) / 2_000.0).sqrt();
    assert!((measured - expected).abs() <= 5.0 * deviation, "{measured} is not {expected}");
}

#[tokio::test]
async fn a_share_is_that_share() {
    let bench = Bench::new();
    for expected in [0.0, 0.1, 0.5, 1.0] {
        let service = Service::new(&bench, &Sampling::parent_based(share(expected)));
        assert_close(service.share("/", &[]).await, expected);
    }
}

#[tokio::test]
async fn the_modes_differ_in_whom_they_follow() {
    use SamplingMode::*;
    let bench = Bench::new();
    for (mode, root, sampled, unsampled) in [
        (AlwaysOn, true, true, true),
        (AlwaysOff, false, false, false),
        (Ratio(share(1.0)), true, true, true),
        (Ratio(share(0.0)), false, false, false),
        (ParentBased(share(1.0)), true, true, false),
        (ParentBased(share(0.0)), false, true, false),
    ] {
        let sampling = Sampling::new(mode);
        assert_eq!(sampling.mode(), mode);
        let service = Service::new(&bench, &sampling);
        assert_eq!(service.samples(get("/")).await, root, "{mode:?}");
        assert_eq!(service.samples(get_with("/", &[("traceparent", SAMPLED)])).await, sampled, "{mode:?}");
        assert_eq!(
            service.samples(get_with("/", &[("traceparent", UNSAMPLED)])).await,
            unsampled,
            "{mode:?}"
        );
    }
}

#[tokio::test]
async fn services_with_one_share_choose_the_same_traces() {
    let bench = Bench::new();
    let services = [0, 1].map(|_| Service::new(&bench, &Sampling::new(SamplingMode::Ratio(share(0.5)))));
    let mut chosen = 0;
    for trace in 0..200_u64 {
        let trace = trace.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let parent = format!("00-0af7651916cd43dd{trace:016x}-b7ad6b7169203331-00");
        let request = || get_with("/", &[("traceparent", &parent)]);
        let first = services[0].samples(request()).await;
        assert_eq!(services[1].samples(request()).await, first, "{parent}");
        chosen += i32::from(first);
    }
    assert!((50..150).contains(&chosen), "{chosen}");
}

#[tokio::test]
async fn a_route_has_its_own_share() {
    let bench = Bench::new();
    let routes =
        Routes::new().with_policy("/checkout".parse().unwrap(), RoutePolicy::new().sampling(Ratio::ALL));
    let service = Service::with(&bench, &Sampling::parent_based(Ratio::NONE), routes);
    assert!(service.samples(get("/checkout")).await);
    assert!(!service.samples(get("/")).await);
    assert!(!service.samples(get_with("/checkout", &[("traceparent", UNSAMPLED)])).await);
}

#[tokio::test]
async fn a_tenant_has_its_own_share() {
    let bench = Bench::new();
    let sampling = Sampling::parent_based(Ratio::NONE).with_tenant("acme", Ratio::ALL);
    let routes =
        Routes::new().with_policy("/checkout".parse().unwrap(), RoutePolicy::new().sampling(share(0.0)));
    let service = Service::with(&bench, &sampling, routes);
    let from = |tenant, path| get_with(path, &[("x-tenant-id", tenant)]);
    assert!(service.samples(from("acme", "/")).await);
    assert!(service.samples(from("acme", "/checkout")).await, "stronger than the route");
    assert!(!service.samples(from("other", "/")).await);
    sampling.set_tenant("acme", None);
    sampling.set_tenant("other", Some(Ratio::ALL));
    assert!(!service.samples(from("acme", "/")).await);
    assert!(service.samples(from("other", "/")).await);
}

#[tokio::test]
async fn a_debug_header_with_the_token_is_always_sampled() {
    let bench = Bench::new();
    let name = HeaderName::from_static("x-debug");
    let sampling =
        Sampling::parent_based(Ratio::NONE).with_debug_header(name.clone(), "0123456789abcdef").unwrap();
    let service = Service::new(&bench, &sampling);
    let with = |token| get_with("/", &[("x-debug", token)]);
    assert!(service.samples(with("0123456789abcdef")).await);
    for wrong in ["", "0", "0123456789abcdeF", "0123456789abcde", "0123456789abcdef0", "1123456789abcdef"] {
        assert!(!service.samples(with(wrong)).await, "{wrong}");
    }
    let unsampled = get_with("/", &[("x-debug", "0123456789abcdef"), ("traceparent", UNSAMPLED)]);
    assert!(service.samples(unsampled).await);
    assert!(!format!("{sampling:?}").contains("0123456789abcdef"));

    let error = Sampling::default().with_debug_header(name, "0123456789abcde").unwrap_err().to_string();
    assert!(error.contains("x-debug") && error.contains("15 characters; give one of at least 16"), "{error}");
    assert!(!error.contains("0123456789"), "{error}");
}

#[tokio::test]
async fn it_can_be_changed_while_requests_run() {
    let bench = Bench::new();
    let sampling = Sampling::parent_based(Ratio::NONE);
    let service = Service::new(&bench, &sampling);
    assert!(!service.samples(get("/")).await);
    sampling.set_ratio(Ratio::ALL);
    assert!(service.samples(get("/")).await);
    assert_eq!(sampling.mode(), SamplingMode::ParentBased(Ratio::ALL));
    sampling.set_mode(SamplingMode::AlwaysOff);
    assert!(!service.samples(get_with("/", &[("traceparent", SAMPLED)])).await);
    sampling.set_ratio(Ratio::ALL);
    assert_eq!(sampling.mode(), SamplingMode::Ratio(Ratio::ALL));
}

#[tokio::test]
async fn what_is_raised_falls_back_by_itself() {
    let bench = Bench::new();
    let sampling = Sampling::parent_based(Ratio::NONE).with_clock(bench.clock.clone());
    let service = Service::new(&bench, &sampling);
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    sampling.raise(Ratio::ALL, minutes(10));
    bench.hand.advance(minutes(10) - Duration::from_nanos(1));
    assert!(service.samples(get("/")).await);
    assert_eq!((sampling.ratio(), sampling.mode()), (Ratio::ALL, SamplingMode::ParentBased(Ratio::NONE)));
    bench.hand.advance(Duration::from_nanos(1));
    assert!(!service.samples(get("/")).await);
    assert_eq!(sampling.ratio(), Ratio::NONE);

    // A second one replaces the first; a change ends it; what is fixed is not raised.
    sampling.raise(Ratio::ALL, minutes(10));
    sampling.raise(share(0.5), minutes(1));
    assert_eq!(sampling.ratio(), share(0.5));
    bench.hand.advance(minutes(2));
    assert_eq!(sampling.ratio(), Ratio::NONE);
    sampling.raise(Ratio::ALL, minutes(10));
    sampling.set_ratio(share(0.25));
    assert_eq!(sampling.ratio(), share(0.25));
    sampling.set_mode(SamplingMode::AlwaysOff);
    sampling.raise(Ratio::ALL, minutes(10));
    assert!(!service.samples(get("/")).await);
}
