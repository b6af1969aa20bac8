//! Values of every type and of every intent.

use std::error::Error;
use std::fmt;

use tower_watch_layers::recording::{FieldValue, Limits};
use tower_watch_layers::redact::Redaction;
use tower_watch_layers::spans::SpanLayer;
use tracing::{info, info_span};
use tracing_subscriber::prelude::*;

use crate::harness::{record, record_in, text};

#[test]
fn values_keep_their_types() {
    let recording = record(async |_| {
        let _ = info_span!(
            "q",
            a = true,
            b = -3,
            c = 3_u8,
            d = 0.5,
            e = "text",
            f = ?Some(1),
            g = %"shown",
            h = u128::MAX
        );
    });
    use FieldValue::{Bool, F64, I64, U64};
    let expected = [
        ("a", Bool(true)),
        ("b", I64(-3)),
        ("c", U64(3)),
        ("d", F64(0.5)),
        ("e", text("text")),
        ("f", text("Some(1)")),
        ("g", text("shown")),
        ("h", text("340282366920938463463374607431768211455")),
    ];
    assert_eq!(recording.spans()[0].fields, expected);
}

#[test]
fn control_characters_are_data() {
    let recording = record(async |_| info!(agent = "a\n\u{1b}[31mb\0", "a\nb"));
    let event = &recording.events()[0];
    assert_eq!(event.message, "a\nb");
    assert_eq!(event.fields, [("agent", text("a\n\u{1b}[31mb\0"))]);
}

#[test]
fn an_event_without_a_message_goes_by_its_name() {
    let recording = record(async |_| info!(name: "cache.miss", key = 1));
    assert_eq!(recording.events()[0].message, "cache.miss");
}

#[derive(Debug)]
struct Failure(&'static str, Option<Box<Self>>);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

#[test]
fn an_error_comes_with_its_causes() {
    let recording = record(async |_| {
        let cause = Failure("connection refused", None);
        let error = Failure("no answer", Some(Box::new(Failure("query failed", Some(Box::new(cause))))));
        info!(error = &error as &dyn Error, "failed");
    });
    let expected = [("error", text("no answer: query failed: connection refused"))];
    assert_eq!(recording.events()[0].fields, expected);
}

/// An error that is its own cause.
#[derive(Debug)]
struct Ring;

impl fmt::Display for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("round")
    }
}

impl Error for Ring {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&Self)
    }
}

#[test]
fn a_ring_of_causes_comes_to_an_end() {
    let recording = record(async |_| info!(error = &Ring as &dyn Error, "failed"));
    let FieldValue::Text(text) = &recording.events()[0].fields[0].1 else { panic!("no text") };
    assert_eq!(text.matches("round").count(), 17);
}

#[test]
fn values_are_cut_at_a_character() {
    let layer = SpanLayer::new().with_limits(Limits::new().with_value_bytes(10));
    let recording = record_in(tracing_subscriber::registry().with(layer), async |_| {
        info!(whole = "0123456789", long = "012345678é", many = ?vec![1_000_000; 100_000], "a longer message");
    });
    let event = &recording.events()[0];
    assert_eq!(event.message, "a longer m");
    let expected = [("whole", text("0123456789")), ("long", text("012345678")), ("many", text("[1000000, "))];
    assert_eq!(event.fields, expected);
    assert_eq!(recording.cut_values(), 3);
}

/// Counts how often it is looked at.
struct Secret;

impl fmt::Debug for Secret {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("a secret was looked at");
    }
}

#[test]
fn secrets_are_not_even_looked_at() {
    let layer = SpanLayer::new().with_redaction(Redaction::new().with_key("pin"));
    let recording = record_in(tracing_subscriber::registry().with(layer), async |_| {
        // The second time the answer is remembered.
        for _ in 0..2 {
            let span =
                info_span!("q", db_password = ?Secret, pin = 1234, later_token = tracing::field::Empty);
            span.record("later_token", "hunter2");
            span.in_scope(|| info!(cookie = "hunter2", pie = "apple", "none in the message"));
        }
    });
    let spans = recording.spans();
    let redacted = || text("[redacted]");
    let expected = [("db_password", redacted()), ("pin", redacted()), ("later_token", redacted())];
    for span in &spans {
        assert_eq!(span.fields, expected);
        assert_eq!(span.events[0].fields, [("cookie", redacted()), ("pie", text("apple"))]);
    }
    assert_eq!(spans.len(), 2);
    assert!(!format!("{recording:?}{spans:?}").contains("hunter2"));
}

struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half of")?;
        panic!("in a value");
    }
}

#[test]
fn a_value_that_panics_costs_only_itself() {
    let recording = record(async |_| {
        let span = info_span!("q", before = 1, value = ?Panics, after = "there");
        span.in_scope(|| info!("it goes on"));
    });
    let span = &recording.spans()[0];
    let fields: Vec<_> = span.fields.iter().map(|(name, _)| *name).collect();
    assert_eq!(fields, ["before", "value", "after"]);
    assert_eq!(span.fields[1].1, text("[panicked while it was formatted]"));
    assert_eq!(span.fields[2].1, text("there"));
    assert_eq!(span.events.len(), 1);
}
