//! Fields of any type, each as what it is in JSON, and no key twice.

use std::error::Error;
use std::fmt;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use serde_json::{Value, json};
use tower_watch::layers::clock::Clock;
use tower_watch::layers::redact::Redaction;
use tower_watch::telemetry::Identity;
use tower_watch::telemetry::logs::{JsonLayer, Keys};
use tower_watch::{RequestContext, RouterExt, Watch};
use tracing::{error, info, warn};

use crate::support::{Kept, ask, block_on, with_layer, written};

#[test]
fn a_value_is_written_as_what_it_is() {
    let line = written(
        |layer| layer,
        || {
            info!(
                whole = -3,
                natural = u64::MAX,
                wide = u128::MAX,
                narrow = 7_u128,
                real = 0.1,
                large = 1e300,
                nan = f64::NAN,
                below = f64::NEG_INFINITY,
                yes = true,
                text = "a \"b\" \\ c\n",
                shown = %"d",
                debugged = ?Some("e"),
                dotted.name = 1,
                none = None::<u64>,
                "ordered {}",
                3
            );
        },
    )
    .only();
    for (key, expected) in [
        ("message", json!("ordered 3")),
        ("level", json!("INFO")),
        ("target", json!("logs::fields")),
        ("whole", json!(-3)),
        ("natural", json!(u64::MAX)),
        ("wide", json!(u128::MAX.to_string())),
        ("narrow", json!(7)),
        ("real", json!(0.1)),
        ("large", json!(1e300)),
        ("nan", json!("NaN")),
        ("below", json!("-Infinity")),
        ("yes", json!(true)),
        ("text", json!("a \"b\" \\ c\n")),
        ("shown", json!("d")),
        ("debugged", json!("Some(\"e\")")),
        ("dotted.name", json!(1)),
    ] {
        assert_eq!(line[key], expected, "{key} in {line:#}");
    }
    assert_eq!(line.get("none"), None, "what has no value has no key");
}

#[test]
fn a_line_says_when_and_by_whom() {
    let (clock, hand) = Clock::fake();
    hand.advance(std::time::Duration::from_micros(1_234_567));
    let mut identity = Identity::new("orders \"1\"");
    identity.environment = Some("staging".to_owned());
    let kept = written(|layer| layer.with_clock(clock).with_identity(identity), || info!("hello"));
    assert_eq!(
        kept.texts(),
        [concat!(
            r#"{"timestamp":"2026-01-01T00:00:01.234567Z","level":"INFO","target":"logs::fields","#,
            r#""message":"hello","service":"orders \"1\"","environment":"staging"}"#,
            "\n"
        )]
    );
}

#[test]
fn no_key_stands_twice() {
    let mut identity = Identity::new("orders");
    identity.environment = Some("test".to_owned());
    let line = written(
        |layer| layer.with_identity(identity),
        || {
            let _span = tracing::info_span!("work").entered();
            info!(
                timestamp = 1,
                level = 2,
                target = 3,
                service = 4,
                environment = 5,
                trace_id = 6,
                fields.level = 7,
                exception = 8,
                request_id = "mine",
                "taken"
            );
        },
    )
    .only();
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["service"], "orders");
    for (key, expected) in [
        ("fields.timestamp", 1),
        ("fields.level", 2),
        ("fields.target", 3),
        ("fields.service", 4),
        ("fields.environment", 5),
        ("fields.trace_id", 6),
        ("fields.level_", 7),
        ("fields.exception", 8),
    ] {
        assert_eq!(line[key], expected, "{key} in {line:#}");
    }
    assert_eq!(line["trace_id"].as_str().unwrap().len(), 32);
    assert_eq!(line["request_id"], "mine", "outside of all requests the key is free");
}

#[derive(Debug)]
struct Refused {
    #[expect(dead_code, reason = "it is there to be shown by Debug")]
    password: &'static str,
    cause: Declined,
}

#[derive(Debug)]
struct Declined;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("payment refused for token=abc")
    }
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("card declined")
    }
}

impl Error for Declined {}
impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

#[test]
fn an_error_brings_the_chain_of_its_causes() {
    let refused = Refused { password: "hunter2", cause: Declined };
    let kept = written(
        |layer| layer,
        || {
            let (first, second): (&(dyn Error + 'static), &(dyn Error + 'static)) = (&refused, &Declined);
            error!(error = first, also = second, "not paid");
        },
    );
    let line = kept.only();
    let expected = json!({
        "type": "Refused", "message": "payment refused for token=[redacted]", "causes": ["card declined"],
    });
    assert_eq!(line["exception"], expected);
    assert_eq!(line["also"], json!({"type": "Declined", "message": "card declined", "causes": []}));
    assert!(!kept.texts()[0].contains("hunter2"));
}

#[test]
fn an_error_that_is_its_own_cause_has_an_end() {
    #[derive(Debug)]
    struct Endless;
    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("again")
        }
    }
    impl Error for Endless {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&Endless)
        }
    }
    let line = written(
        |layer| layer,
        || {
            let endless: &(dyn Error + 'static) = &Endless;
            warn!(error = endless);
        },
    )
    .only();
    assert_eq!(line["exception"]["causes"].as_array().unwrap().len(), 16);
}

#[test]
fn secrets_are_left_out() {
    let nested = r#"{"user":"ada","credentials":{"api_key":"k-1"},"cookie":["a=1"]}"#;
    let kept = written(
        |layer| layer.with_redaction(Redaction::new().with_key("iban")),
        || {
            let cause: &(dyn Error + 'static) = &Declined;
            info!(
                password = "p-1",
                db_password = 123_456,
                Authorization = "Bearer b-1",
                iban = ?Some("DE-1"),
                secret_error = cause,
                body = nested,
                url = "/login?user=ada&token=t-1",
                "with {}",
                r#"{"access_token": "t-2"}"#
            );
        },
    );
    let line = kept.only();
    for key in ["password", "db_password", "Authorization", "iban", "secret_error"] {
        assert_eq!(line[key], "[redacted]", "{key}");
    }
    let body: Value = serde_json::from_str(line["body"].as_str().unwrap()).unwrap();
    let expected = json!({"user": "ada", "credentials": {"api_key": "[redacted]"}, "cookie": "[redacted]"});
    assert_eq!(body, expected);
    assert_eq!(line["url"], "/login?user=ada&token=[redacted]");
    assert_eq!(line["message"], r#"with {"access_token": "[redacted]"}"#);
    for secret in ["p-1", "123456", "b-1", "DE-1", "k-1", "a=1", "t-1", "t-2", "declined"] {
        assert!(!kept.texts()[0].contains(secret), "{secret} in {line:#}");
    }
}

#[test]
fn what_the_line_says_anyway_is_not_said_twice() {
    let mut identity = Identity::new("orders");
    identity.environment = Some("staging".to_owned());
    let layer = |layer: JsonLayer<Kept>| layer.with_identity(identity);
    let kept = written(layer, || {
        info!(service = "orders", environment = %"staging", level = "INFO", target = "logs::fields", "the same");
        info!(service = "mail", environment = %"production", level = 3, "others");
    });
    let [same, others] = &kept.lines()[..] else { panic!("{:#?}", kept.texts()) };
    let extra: Vec<_> = same.as_object().unwrap().keys().filter(|key| key.starts_with("fields.")).collect();
    assert!(extra.is_empty(), "{same:#}");
    assert_eq!((&same["service"], &same["environment"]), (&json!("orders"), &json!("staging")));
    assert_eq!((&others["service"], &others["fields.service"]), (&json!("orders"), &json!("mail")));
    assert_eq!((&others["fields.environment"], &others["fields.level"]), (&json!("production"), &json!(3)));
}

#[test]
fn an_id_of_the_own_request_is_not_said_twice() {
    for (keys, key) in [(Keys::plain(), "request_id"), (Keys::ecs(), "http.request.id")] {
        let kept = Kept::default();
        with_layer(JsonLayer::new(kept.clone()).with_keys(keys), || {
            let watch = Watch::builder("orders").local().without_access_log().start().unwrap();
            let handler = async |context: RequestContext| {
                context.set_user("7").unwrap();
                let trace_id = context.trace_id().unwrap().to_string();
                info!(request_id = "r-1", user_id = 7, trace_id, span_id = ?"another", "the same");
                info!(request_id = ?format_args!("r-1"), user_id = 8, "half of it");
                info!(request_id = "r-2", "another request's");
            };
            let app = Router::new().route("/", get(handler)).watched(&watch);
            let request = Request::get("/").header("x-request-id", "r-1").body(Body::empty()).unwrap();
            block_on(ask(&app, request));
        });
        let [same, half, other] = &kept.lines()[..] else { panic!("{:#?}", kept.texts()) };
        let beside = |line: &Value| {
            let line = line.as_object().unwrap();
            let fields = line.iter().filter(|(key, _)| key.starts_with("fields."));
            fields.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(beside(same), r#"fields.span_id="\"another\"""#, "{same:#}");
        assert_eq!(
            (beside(half).as_str(), beside(other).as_str()),
            ("fields.user_id=8", r#"fields.request_id="r-2""#)
        );
        assert_eq!((&same[key], &other[key]), (&json!("r-1"), &json!("r-1")));
    }
}

#[derive(Debug)]
struct Long(String, Option<Box<Long>>);

impl fmt::Display for Long {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Long {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

#[test]
fn a_long_error_with_long_causes_is_cut_as_values_are() {
    let long = || "x".repeat(20_000);
    let chain = (0..15).fold(Long(long(), None), |cause, _| Long(long(), Some(Box::new(cause))));
    for keys in [Keys::plain(), Keys::ecs()] {
        let kept = written(|layer| layer.with_keys(keys), || error!(error = &chain as &dyn Error, "no"));
        kept.only();
        assert!(kept.texts()[0].len() < 70_000, "{} bytes", kept.texts()[0].len());
        assert!(kept.texts()[0].contains("…[cut]"));
    }
}
