//! Spans around one's own work.

use std::io;

use tower_watch_layers::traced::{DbSpan, MessageSpan, spanned, traced, traced_fn};

use crate::harness::Spans;

#[tokio::test]
async fn a_future_has_a_span_that_says_whether_it_failed() {
    let (spans, _guard) = Spans::watch();
    assert_eq!(traced("charge", async { Ok::<_, io::Error>(1) }).await.unwrap(), 1);
    traced("refuse", async { Err::<(), _>(io::Error::other("no money")) }).await.unwrap_err();
    assert_eq!(spanned("think", async { 42 }).await, 42);
    assert!(!spans.named("charge").fields.contains_key("otel.status_code"));
    let failed = spans.named("refuse");
    assert_eq!(failed.field("otel.status_code"), "ERROR");
    assert_eq!(failed.field("otel.status_description"), "no money");
    assert_eq!(failed.field("error.type"), "std::io::error::Error");
    assert_eq!(spans.closed().len(), 3);
}

#[test]
fn a_function_has_one_too() {
    let (spans, _guard) = Spans::watch();
    traced_fn("inner", || Err::<(), _>("x".repeat(5_000))).unwrap_err();
    assert_eq!(spans.only().field("otel.status_description").len(), 1_024);
}

#[tokio::test]
async fn spans_nest_and_a_future_that_is_dropped_closes_its_own() {
    let (spans, _guard) = Spans::watch();
    traced("outer", async { spanned("inner", async { Ok::<_, io::Error>(()) }).await }).await.unwrap();
    assert_eq!(spans.named("inner").parent, Some(spans.named("outer").mark.context.span_id.to_string()));
    drop(spanned("given up", std::future::pending::<()>()));
    assert_eq!(spans.named("given up").mark.link, None);
}

#[tokio::test]
async fn a_database_call_has_the_conventions_names() {
    let (spans, _guard) = Spans::watch();
    let query = "SELECT * FROM orders WHERE card = '4111 1111' AND id = 7 -- for ada";
    let call = DbSpan::new("postgresql", "SELECT")
        .collection("orders")
        .namespace("shop")
        .query_text(query)
        .server("db.internal", 5432);
    call.run(async { Err::<(), _>("timeout") }).await.unwrap_err();
    let span = spans.only();
    for (name, value) in [
        ("otel.name", "SELECT orders"),
        ("otel.kind", "client"),
        ("db.system.name", "postgresql"),
        ("db.operation.name", "SELECT"),
        ("db.collection.name", "orders"),
        ("db.namespace", "shop"),
        ("db.query.text", "SELECT * FROM orders WHERE card = ? AND id = ? "),
        ("server.address", "db.internal"),
        ("server.port", "5432"),
        ("otel.status_code", "ERROR"),
        ("error.type", "&str"),
    ] {
        assert_eq!(span.field(name), value, "{name}");
    }
}

#[test]
fn what_was_not_said_is_not_shown() {
    let (spans, _guard) = Spans::watch();
    DbSpan::new("redis", "GET").run_fn(|| Ok::<_, io::Error>(())).unwrap();
    let names: Vec<_> = spans.only().fields.into_keys().collect();
    assert_eq!(names, ["db.operation.name", "db.system.name", "otel.kind", "otel.name"]);
    let (spans, _guard) = Spans::watch();
    DbSpan::new("mysql", "SELECT")
        .parameterized_query_text("SELECT 1 FROM t WHERE a = ?")
        .span()
        .in_scope(|| ());
    assert_eq!(spans.only().field("db.query.text"), "SELECT 1 FROM t WHERE a = ?");
}

#[test]
fn a_batch_says_how_many() {
    let (spans, _guard) = Spans::watch();
    let received =
        MessageSpan::receive("rabbitmq", "mails").batch(3).consumer_group("senders").body_bytes(100);
    received.run_fn(|| Ok::<_, io::Error>(())).unwrap();
    let span = spans.only();
    assert_eq!((span.name(), span.field("otel.kind")), ("receive mails", "client"));
    assert_eq!(span.field("messaging.batch.message_count"), "3");
    assert_eq!(span.field("messaging.consumer.group.name"), "senders");
    assert_eq!(span.field("messaging.message.body.size"), "100");
}
