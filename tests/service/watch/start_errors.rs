//! A builder that is asked for what cannot be says all of it at once, each with its field and the mend.

use std::time::Duration;

use tower_watch::layers::context::TenantPolicy;
use tower_watch::layers::red::{Label, TenantMetrics};
use tower_watch::watch::{Problem, WatchBuilder};
use tower_watch::{Endpoints, RoutePolicy, StartError, Watch};

fn refused(builder: WatchBuilder) -> StartError {
    builder.local().start().expect_err("this cannot start")
}

/// What is said of a builder with one mistake.
fn said(change: impl FnOnce(WatchBuilder) -> WatchBuilder) -> String {
    let error = refused(change(Watch::builder("shop"))).to_string();
    let mut lines = error.lines();
    assert_eq!(lines.next(), Some("tower-watch cannot start"));
    let said = lines.next().unwrap_or_default().trim_start().to_owned();
    assert_eq!(lines.next(), None, "one mistake, one line: {error}");
    said
}

#[test]
fn each_names_the_field_and_the_mend() {
    type Change = fn(WatchBuilder) -> WatchBuilder;
    let one: [(&str, Change); 29] = [
        ("service: a service has a name; pass one to Watch::builder", |_| Watch::builder(" ")),
        ("buckets: there is no finite bucket bound; give at least one", |b| b.buckets([])),
        ("buckets: there is no finite bucket bound; give at least one", |b| b.buckets([f64::INFINITY])),
        (
            "buckets: the bucket bound 0.1 is lower than the one before it; list them in increasing order",
            |b| b.buckets([0.5, 0.1]),
        ),
        ("buckets: the bucket bound 0.5 is there twice; leave one out", |b| b.buckets([0.5, 0.5])),
        ("buckets: one bucket bound is NaN; leave it out", |b| b.buckets([0.1, f64::NAN])),
        ("buckets: one bucket bound is infinite; leave it out, the +Inf bucket is always there", |b| {
            b.buckets([f64::NEG_INFINITY, 0.1])
        }),
        (
            "registers: buckets_for(\"\"): the name is empty; name a metric, or use default_buckets for all of them",
            |b| b.registers(|r| r.buckets_for("", [1.0])),
        ),
        (
            "registers: global_label(\"a-b\"): \"a-b\" cannot be a label name; use letters, digits and `_`, \
             no digit first, no leading `__`, and neither `le` nor `quantile`",
            |b| b.registers(|r| r.global_label("a-b", "c")),
        ),
        ("tenant_metrics: idle_after(0): every tenant would be idle at once; give a minute or more", |b| {
            b.tenant_metrics(TenantMetrics::new().idle_after(Duration::ZERO))
        }),
        (
            "label: label \"a-b\": a name starts with a letter or an underscore and goes on with letters, digits \
             and underscores",
            |b| b.label(Label::new("a-b")),
        ),
        (
            "label: label \"__plan\": names that start with two underscores are Prometheus' own; drop one",
            |b| b.label(Label::new("__plan")),
        ),
        ("label: label \"status\": the name is taken; choose another", |b| b.label(Label::new("status"))),
        (
            "prefix: metric prefix \"9lives\": start with a letter or an underscore and go on with letters, \
             digits and underscores",
            |b| b.prefix("9lives"),
        ),
        (
            "prefix: metric prefix \"\": start with a letter or an underscore and go on with letters, digits and \
             underscores",
            |b| b.prefix(""),
        ),
        ("label: label \"plan\": it can take no value; give it a cap above 0, or values", |b| {
            b.label(Label::new("plan").cap(0))
        }),
        ("tenant: allow([]): nobody is allowed; name the tenants, or leave the allowlist out", |b| {
            b.tenant(TenantPolicy::default().allow::<&str>([]))
        }),
        ("tenant: allow([\"a b\"]): a tenant must consist of letters, digits and any of -_.:/+=@~", |b| {
            b.tenant(TenantPolicy::default().allow(["a b"]))
        }),
        ("tenant: allow([\"globex\"]): a tenant has at most 5 characters; see max_len", |b| {
            b.tenant(TenantPolicy::default().allow(["acme", "globex"]).max_len(5))
        }),
        ("tenant: max_len(0): a tenant has 1 to 128 characters", |b| {
            b.tenant(TenantPolicy::default().max_len(0))
        }),
        ("tenant: subdomain_of(\"\"): name the domain, as in \"shop.example\"", |b| {
            b.tenant(TenantPolicy::subdomain_of(""))
        }),
        ("tenant: path_parameter(\"\"): name the parameter, as in \"tenant\" for /t/{tenant}", |b| {
            b.tenant(TenantPolicy::path_parameter(""))
        }),
        ("policy: pattern \"orders\": a path starts with \"/\" or \"*\"", |b| {
            b.policy("orders", RoutePolicy::new())
        }),
        (
            "policy: pattern \"G@T /orders\": what stands before the space must be a method, as in \"GET /users\"",
            |b| b.policy("G@T /orders", RoutePolicy::new()),
        ),
        ("exclude: pattern \"\": a path starts with \"/\" or \"*\"", |b| b.exclude("")),
        (
            "policy: \"POST /orders\" sets the label \"plan\"; declare it with .label(Label::new(\"plan\"))",
            |b| b.policy("POST /orders", RoutePolicy::new().label("plan", "gold")),
        ),
        (
            "endpoints: \"metrics\": a path starts with \"/\" and has no parameter, wildcard, query or space",
            |b| b.endpoints(Endpoints::new().metrics("metrics")),
        ),
        (
            "endpoints: \"/{which}\": a path starts with \"/\" and has no parameter, wildcard, query or space",
            |b| b.endpoints(Endpoints::new().liveness("/{which}")),
        ),
        ("endpoints: the metrics and the liveness probe have one path; move one of them", |b| {
            b.endpoints(Endpoints::new().liveness("/metrics"))
        }),
    ];
    for (expected, change) in one {
        assert_eq!(said(change), expected);
    }
}

#[test]
fn all_are_listed_at_once() {
    let error = refused(
        Watch::builder("")
            .prefix("a b")
            .buckets([0.2, 0.1])
            .label(Label::new("le"))
            .label(Label::new("9"))
            .policy("nowhere", RoutePolicy::new())
            .policy("/x", RoutePolicy::new().label("plan", "gold").label("team", "web"))
            .exclude("no where")
            .endpoints(Endpoints::new().metrics("?").liveness("/a b"))
            .registers(|registers| registers.global_label("9", "x").expire_idle("a-b", Duration::ZERO)),
    );
    let fields: Vec<_> = error.problems().iter().map(Problem::field).collect();
    let of_the_calls = ["service", "prefix", "buckets", "label", "label", "policy", "exclude"];
    assert_eq!(fields[..7], of_the_calls, "{error}");
    let mut of_the_whole = fields[7..].to_vec();
    of_the_whole.sort_unstable();
    let expected = ["endpoints", "endpoints", "policy", "policy", "registers", "registers", "registers"];
    assert_eq!(of_the_whole, expected, "{error}");
    assert_eq!(error.to_string().lines().count(), 1 + fields.len());
    assert!(error.problems().iter().all(|problem| !problem.message().is_empty()));
}

/// What was refused leaves no trace: the same settings without the mistake start.
#[test]
fn what_is_mended_starts() {
    let builder = || Watch::builder("shop").local().tenant(TenantPolicy::default()).prefix("shop");
    assert!(builder().buckets([]).start().is_err());
    let policy = RoutePolicy::new().label("plan", "gold");
    let mended = builder().buckets([0.1]).policy("/orders", policy).label(Label::new("plan")).start();
    assert_eq!(mended.map(|watch| watch.service().to_owned()), Ok("shop".to_owned()));
}
