//! What a line says.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full};
use tower::ServiceExt;
use tower_layer::Layer;
use tower_watch_layers::access::{AccessLog, AccessLogLayer, TARGET};
use tower_watch_layers::context::{PeerAddr, RequestContext};
use tower_watch_layers::peer::ClientAddress;
use tower_watch_layers::w3c::TraceContext;
use tracing::Level;

use crate::kept::{Kept, block_on, exchange, layer};

const SOON: Duration = Duration::from_micros(1_234);

#[test]
fn one_event_at_the_end_outside_of_all_spans() {
    let request = Request::get("/orders/7?token=x").version(Version::HTTP_2).header("x-request-id", "r-1");
    let line = exchange(AccessLog::new(), request, 200, SOON).only();
    assert_eq!((line.level, &*line.target, line.is_root), (Level::INFO, TARGET, true));
    for (field, expected) in [
        ("message", "request finished"),
        ("method", "GET"),
        ("route", "unmatched"),
        ("path", ""),
        ("query", ""),
        ("status", "200"),
        ("grpc_status", ""),
        ("outcome", "complete"),
        ("error_type", ""),
        ("duration_ms", "1.234"),
        ("head_ms", "1.234"),
        ("bytes_in", "0"),
        ("bytes_out", "6"),
        ("request_id", "r-1"),
        ("tenant", ""),
        ("trace_id", ""),
        ("protocol_version", "2"),
        ("client_address", ""),
        ("user_agent", ""),
    ] {
        assert_eq!(line.field(field), expected, "{field} of {line:#?}");
    }
}

#[test]
fn what_identifies_a_person_is_shown_where_asked_for_and_cleaned() {
    let all = AccessLog::new().with_path().with_query().with_user_agent();
    let all = all.with_client_address(ClientAddress::Truncated);
    let request = Request::get("/orders/7?page=1&token=x&p%61ssword=y&X-Amz-Signature=z")
        .header("user-agent", http::HeaderValue::from_bytes(b"curl\t\xc2\x9b31m/8\xff").unwrap())
        .extension(PeerAddr("203.0.113.77:4711".parse().unwrap()));
    let line = exchange(all, request, 200, SOON).only();
    for (field, expected) in [
        ("path", "/orders/7"),
        ("query", "page=1&token=[redacted]&p%61ssword=[redacted]&X-Amz-Signature=[redacted]"),
        ("client_address", "203.0.113.0"),
        ("user_agent", "curl/8\u{fffd}"),
    ] {
        assert_eq!(line.field(field), expected, "{field} of {line:#?}");
    }
}

#[test]
fn a_streamed_body_ends_with_its_last_frame_or_when_it_is_dropped() {
    let kept = Kept::default();
    kept.within(|| {
        let (layer, hand) = layer(AccessLog::new());
        let slow = hand.clone();
        let service = layer.layer(tower::service_fn(async |request: Request<Full<Bytes>>| {
            let context = RequestContext::of(request.extensions()).unwrap();
            context.slot().set_trace(TraceContext::root(true));
            context.set_tenant("acme").unwrap();
            context.set_user("ada").unwrap();
            let frames = Full::new(Bytes::from_static(b"0123456789"));
            // Without a length it is a stream.
            Ok::<_, Infallible>(Response::new(frames.map_frame(|frame| frame).boxed()))
        }));
        block_on(async {
            for is_read in [true, false] {
                let response = service.clone().oneshot(Request::new(Full::default())).await.unwrap();
                assert_eq!(kept.lines().len(), usize::from(!is_read), "no line before the end");
                slow.advance(Duration::from_millis(50));
                if is_read {
                    response.into_body().collect().await.unwrap();
                }
            }
        });
    });
    let [read, dropped] = &kept.lines()[..] else { panic!("{:#?}", kept.lines()) };
    assert_eq!((read.field("outcome"), read.field("bytes_out")), ("complete", "10"));
    assert_eq!((dropped.field("outcome"), dropped.field("bytes_out")), ("body_dropped", "0"));
    for line in [read, dropped] {
        assert_eq!((line.field("head_ms"), line.field("duration_ms")), ("0.0", "50.0"));
        assert_eq!((line.field("tenant"), line.field("user_id")), ("acme", "ada"));
        assert_eq!((line.field("trace_id").len(), line.field("span_id").len()), (32, 16));
    }
}

#[test]
fn two_layers_leave_one_line() {
    let kept = Kept::default();
    kept.within(|| {
        let inner = AccessLogLayer::default().layer(tower::service_fn(async |_: Request<Full<Bytes>>| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }));
        let service = AccessLogLayer::default().layer(inner);
        block_on(service.oneshot(Request::new(Full::default()))).unwrap();
    });
    kept.only();
}
