//! The traces of a watch: its presets, the handle to what is sampled, and the environment, which has the last word.
//!
//! A process cannot change its own environment safely, so the tests of that run this binary once more.

use std::convert::Infallible;
use std::process::{Command, Output};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use axum::routing::get;
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_watch::layers::trace::SamplingMode;
use tower_watch::testing::Clock;
use tower_watch::{Preset, Ratio, RequestContext, RoutePolicy, RouterExt, Sampling, TraceConfig, Watch};

use crate::clients::get as ask_for;

fn share(ratio: f64) -> Ratio {
    Ratio::new(ratio).unwrap()
}

/// Says whether a request was sampled; that it is not traced, without traces.
fn app() -> Router {
    let tell = async |context: RequestContext| match context.trace_id() {
        Some(_) => context.is_sampled().to_string(),
        None => "not traced".to_owned(),
    };
    Router::new().route("/", get(tell)).route("/checkout", get(tell))
}

#[tokio::test]
async fn a_preset_says_how_much() {
    for (preset, ratio) in [(Preset::Development, 1.0), (Preset::Production, 0.1), (Preset::Fleet, 0.1)] {
        let watch = Watch::builder("shop").preset(preset).local().start().unwrap();
        assert_eq!(watch.sampling().mode(), SamplingMode::ParentBased(share(ratio)), "{preset:?}");
    }
}

#[tokio::test]
async fn it_is_changed_and_raised_through_the_watch() {
    let (clock, hand) = Clock::fake();
    let watch = Watch::builder("shop").clock(clock).local().start().unwrap();
    let app = app().watched(&watch);
    assert_eq!(ask_for(&app, "/").await.1, "true");
    watch.sampling().set_ratio(Ratio::NONE);
    assert_eq!(ask_for(&app, "/").await.1, "false");
    watch.sampling().raise(Ratio::ALL, Duration::from_secs(60));
    assert_eq!(ask_for(&app, "/").await.1, "true");
    hand.advance(Duration::from_secs(60));
    assert_eq!(ask_for(&app, "/").await.1, "false");
}

#[tokio::test]
async fn what_is_configured_is_what_the_watch_hands_out() {
    let sampling = Sampling::parent_based(share(0.5));
    let watch = Watch::builder("shop")
        .preset(Preset::Production)
        .traces(TraceConfig::production().with_sampling(sampling.clone()))
        .policy("/checkout", RoutePolicy::new().sampling(Ratio::ALL))
        .local()
        .start()
        .unwrap();
    watch.sampling().set_ratio(Ratio::NONE);
    assert_eq!(sampling.ratio(), Ratio::NONE);
    let app = app().watched(&watch);
    assert_eq!(ask_for(&app, "/").await.1, "false");
    assert_eq!(ask_for(&app, "/checkout").await.1, "true");
}

#[tokio::test]
async fn without_traces_there_are_no_ids() {
    let watch = Watch::builder("shop").without_traces().local().start().unwrap();
    watch.sampling().raise(Ratio::ALL, Duration::from_secs(60));
    assert_eq!(ask_for(&app().watched(&watch), "/").await.1, "not traced");
}

/// Runs [`child`] with these variables.
fn with(variables: &[(&str, &str)]) -> Output {
    run("watch::traces::child", variables)
}

fn run(child: &str, variables: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args([child, "--exact", "--ignored", "--nocapture"])
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// Starts a watch whose builder says that half is sampled, and prints how it is decided.
#[test]
#[ignore = "needs the environment that another test runs it with"]
#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn child() {
    let config = TraceConfig::new().with_sampling(Sampling::parent_based(share(0.5)));
    match Watch::builder("shop").traces(config).local().start() {
        Ok(watch) => println!("MODE {:?}", watch.sampling().mode()),
        Err(error) => println!("ERROR {error}"),
    }
}

#[test]
fn the_environment_is_stronger_than_the_builder() {
    let half = SamplingMode::ParentBased(share(0.5));
    for (variables, expected) in [
        (&[][..], half),
        (&[("OTEL_TRACES_SAMPLER", "always_on")][..], SamplingMode::AlwaysOn),
        (&[("OTEL_TRACES_SAMPLER", "always_off")], SamplingMode::AlwaysOff),
        (
            &[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.25")],
            SamplingMode::Ratio(share(0.25)),
        ),
        (&[("OTEL_TRACES_SAMPLER", "parentbased_always_off")], SamplingMode::ParentBased(Ratio::NONE)),
        (&[("OTEL_TRACES_SAMPLING_RATIO", "0.25")], SamplingMode::ParentBased(share(0.25))),
        (&[("OTEL_SDK_DISABLED", "true")], SamplingMode::AlwaysOff),
    ] {
        let output = String::from_utf8(with(variables).stdout).unwrap();
        assert!(output.contains(&format!("MODE {expected:?}")), "{variables:?}: {output}");
    }
}

const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Prints what comes in of a caller's headers, and what goes out to a host that is trusted.
#[tokio::test]
#[ignore = "needs the environment that another test runs it with"]
#[expect(clippy::print_stdout, reason = "the parent reads it")]
async fn child_that_calls() {
    let watch = Watch::builder("shop").local().start().unwrap();
    let sent = service_fn(async |request: Request<()>| {
        let names = ["traceparent", "tracestate", "baggage"];
        let sent = names.into_iter().filter(|name| request.headers().contains_key(*name));
        Ok::<_, Infallible>(Response::new(sent.collect::<Vec<_>>().join(",")))
    });
    let config = watch.client_config().with_trusted_host("stock").unwrap();
    let client = watch.client_with(config).layer(sent);
    let call = async move |context: RequestContext| {
        let is_in = context.trace_id().unwrap().to_string() == CALLER[3..35];
        let sent = client.clone().oneshot(Request::get("http://stock/7").body(()).unwrap()).await.unwrap();
        let sent = sent.into_body().collect().await.unwrap().to_bytes();
        format!("CONTINUED {is_in} SENT {};", str::from_utf8(&sent).unwrap())
    };
    let app = Router::new().route("/", get(call)).watched(&watch);
    let request = Request::get("/").header("traceparent", CALLER).header("tracestate", "a=1");
    let answer = app.oneshot(request.header("baggage", "b=2").body(Body::empty()).unwrap()).await.unwrap();
    println!("{:?}", to_bytes(answer.into_body(), 1_000).await.unwrap());
}

#[test]
fn the_environment_says_which_headers_carry_a_trace() {
    for (propagators, expected) in [
        ("", "CONTINUED true SENT traceparent,tracestate,baggage;"),
        ("baggage, tracecontext", "CONTINUED true SENT traceparent,tracestate,baggage;"),
        ("tracecontext", "CONTINUED true SENT traceparent,tracestate;"),
        ("baggage", "CONTINUED false SENT baggage;"),
        ("none", "CONTINUED false SENT ;"),
    ] {
        let output = run("watch::traces::child_that_calls", &[("OTEL_PROPAGATORS", propagators)]);
        let output = String::from_utf8(output.stdout).unwrap();
        assert!(output.contains(expected), "{propagators:?}: {output}");
    }
    let output = with(&[("OTEL_PROPAGATORS", "b3")]);
    let output = String::from_utf8(output.stdout).unwrap();
    let named = "  OTEL_PROPAGATORS: Zipkin's b3 headers are not read; give `tracecontext`";
    assert!(output.contains(named), "{output}");
}

#[test]
fn nonsense_in_the_environment_is_named_at_the_start() {
    let output = with(&[("OTEL_TRACES_SAMPLER", "jaeger_remote"), ("OTEL_TRACES_SAMPLING_RATIO", "10%")]);
    let output = String::from_utf8(output.stdout).unwrap();
    for line in [
        "ERROR tower-watch cannot start",
        "  OTEL_TRACES_SAMPLING_RATIO: \"10%\" is no share; give a number from 0 to 1, as in 0.1",
        "  OTEL_TRACES_SAMPLER: \"jaeger_remote\" asks a Jaeger server, which is not supported",
        "Give always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio",
    ] {
        assert!(output.contains(line), "{line}\n{output}");
    }
}
