//! The trace across a message queue.

use std::collections::HashMap;

use tower_watch_layers::spans::current;
use tower_watch_layers::traced::{MessageSpan, extract, inject, spanned, traced_fn};
use tower_watch_layers::w3c::parse_traceparent;

use crate::harness::Spans;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn message() -> HashMap<String, String> {
    HashMap::from([
        ("traceparent".to_owned(), PARENT.to_owned()),
        ("tracestate".to_owned(), "vendor=1".to_owned()),
        ("baggage".to_owned(), "plan=gold".to_owned()),
    ])
}

#[test]
fn a_consumer_continues_the_senders_trace() {
    let (spans, _guard) = Spans::watch();
    let remote = extract(&message()).unwrap();
    remote.span("process orders").in_scope(|| {
        let now = current().unwrap();
        assert_eq!(now.trace_id.to_string(), &PARENT[3..35]);
        assert!(now.sampled);
        traced_fn("pack", || Ok::<_, std::fmt::Error>(())).unwrap();
    });
    let (work, message) = (spans.named("pack"), spans.named("process orders"));
    assert_eq!(message.mark.context.parent.unwrap().to_string(), &PARENT[36..52]);
    assert_eq!(message.parent, None, "its parent is elsewhere");
    assert_eq!(work.mark.context.parent, Some(message.mark.context.span_id));
    assert_eq!(message.field("otel.kind"), "consumer");
}

#[test]
fn a_consumer_that_links_stays_where_it_is() {
    let (spans, _guard) = Spans::watch();
    let remote = extract(&message()).unwrap();
    traced_fn("poll the queue", || {
        remote.linked_span("process orders").in_scope(|| Ok::<_, std::fmt::Error>(()))
    })
    .unwrap();
    let (around, message) = (spans.named("poll the queue"), spans.named("process orders"));
    assert_eq!(message.mark.context.trace_id, around.mark.context.trace_id);
    assert_eq!(message.mark.context.parent, Some(around.mark.context.span_id));
    assert_eq!(message.mark.link, Some(*remote.parent()));
    remote.linked_span("alone").in_scope(|| ());
    assert_ne!(spans.named("alone").mark.context.trace_id, remote.parent().trace_id);
}

#[test]
fn what_is_injected_is_extracted() {
    let (spans, _guard) = Spans::watch();
    let mut headers = Vec::<(String, Vec<u8>)>::new();
    MessageSpan::send("kafka", "orders")
        .run_fn(|| {
            inject(&mut headers);
            Ok::<_, std::fmt::Error>(())
        })
        .unwrap();
    let remote = extract(&headers).unwrap();
    MessageSpan::process("kafka", "orders").id("7").continuing(&remote).span().in_scope(|| ());
    let (sent, processed) = (spans.named("send orders"), spans.named("process orders"));
    assert_eq!(processed.mark.context.parent, Some(sent.mark.context.span_id));
    assert_eq!(processed.mark.context.trace_id, sent.mark.context.trace_id);
    for (span, kind, operation) in [(&sent, "producer", "send"), (&processed, "consumer", "process")] {
        assert_eq!(span.field("otel.kind"), kind);
        assert_eq!(span.field("messaging.system"), "kafka");
        assert_eq!(span.field("messaging.destination.name"), "orders");
        assert_eq!(span.field("messaging.operation.type"), operation);
    }
    assert_eq!(processed.field("messaging.message.id"), "7");
}

#[test]
fn outside_of_any_trace_nothing_is_injected() {
    let mut headers = HashMap::new();
    inject(&mut headers);
    assert!(headers.is_empty());
}

#[test]
fn a_message_without_a_sound_trace_has_none() {
    assert!(extract(&HashMap::<String, String>::new()).is_none());
    assert!(extract(&HashMap::from([("traceparent".to_owned(), PARENT.to_uppercase())])).is_none());
    assert!(extract(&vec![("traceparent", PARENT), ("Traceparent", PARENT)]).is_none(), "duplicated");
    let mut bad = message();
    bad.insert("tracestate".to_owned(), "B@D".to_owned());
    bad.insert("baggage".to_owned(), "v".repeat(10_000));
    let remote = extract(&bad).unwrap();
    assert!(remote.tracestate().is_none() && remote.baggage().is_none());
    let remote = extract(&message()).unwrap();
    assert_eq!(remote.tracestate().unwrap().get("vendor"), Some("1"));
    assert_eq!(remote.baggage().unwrap().get("plan").as_deref(), Some("gold"));
}

#[tokio::test]
async fn closures_carry_too() {
    let (_spans, _guard) = Spans::watch();
    let mut lines = Vec::new();
    spanned("send", async {
        inject(&mut |name: &'static str, value: &str| lines.push((name, value.to_owned())));
    })
    .await;
    assert!(parse_traceparent(lines[0].1.as_bytes()).is_some());
    let find = |name: &str| lines.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    assert!(extract(&find).is_some());
}
