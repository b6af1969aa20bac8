//! Headers, which nobody shows.

use tower_watch::telemetry::otlp::OtlpConfig;

use crate::world::{plan, problems, traces};

const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318");

#[test]
fn names_are_shown_and_values_are_not() {
    let headers =
        ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20aHVzaA==, x-tenant = hush ,,x-empty=");
    let shown = traces(&[], &[ENDPOINT, headers]);
    assert_eq!(
        shown,
        "http/protobuf to http://c:4318/v1/traces within 10s, with authorization and x-tenant and x-empty"
    );
    let debugged = format!("{:?}", plan(&[], &[ENDPOINT, headers]).unwrap());
    assert!(debugged.contains("x-tenant"), "{debugged}");
    for secret in ["hush", "aHVzaA", "Basic"] {
        assert!(!debugged.contains(secret), "{debugged}");
    }
}

#[test]
fn a_signals_own_headers_stand_for_the_general_ones() {
    let variables = [
        ENDPOINT,
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-all=1"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-traces=1"),
    ];
    assert!(traces(&[], &variables).ends_with(", with x-traces"));
}

#[test]
fn they_are_added_to_those_of_the_one_destination_of_the_program() {
    let one = OtlpConfig::new("http://a:4318").header("x-own", "1");
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "x-all=1");
    assert!(traces(std::slice::from_ref(&one), &[headers]).ends_with(", with x-own and x-all"));
    let error = plan(&[one.clone(), one], &[headers]).unwrap_err().to_string();
    assert!(error.contains("OTEL_EXPORTER_OTLP_HEADERS: the program has several destinations"), "{error}");
}

#[test]
fn a_wrong_one_is_named_by_its_place_and_never_shown() {
    for (list, expected) in [
        ("hush", "member 1: there is no `=`"),
        ("a=b,hush", "member 2: there is no `=`"),
        ("=hush", "member 1: there is no name"),
        ("a=hush%2", "member 1: a `%` is not followed"),
        ("a=hush%ff", "member 1: a `%` is not followed"),
        ("a b=hush", "header 1: its name is none"),
        ("a=hush%0d%0ax: y", "header 1: its value has a control character"),
        ("a=b,content-type=hush", "header 2: it is set by the protocol itself"),
    ] {
        let problems = problems(&[ENDPOINT, ("OTEL_EXPORTER_OTLP_HEADERS", list)]);
        let [(name, message)] = &problems[..] else { panic!("{list}: {problems:?}") };
        assert_eq!(name, "OTEL_EXPORTER_OTLP_HEADERS");
        assert!(message.starts_with(expected), "{list}: {message}");
        assert!(!message.contains("hush"), "{message}");
    }
}
