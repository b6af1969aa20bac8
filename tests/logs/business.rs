//! Events of the business.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::post;
use serde_json::json;
use tower_watch::telemetry::event;
use tower_watch::telemetry::logs::JsonLayer;
use tower_watch::{RequestContext, RouterExt, Watch};

use crate::support::{Kept, ask, block_on, with_layer, written};

#[test]
fn an_event_has_a_type_a_user_and_data() {
    let line = written(
        |layer| layer,
        || {
            event("order_placed")
                .user("ada")
                .data("amount", 12.5)
                .data("items", 3)
                .data("gift", true)
                .data("note", "say \"hi\"\n")
                .data("card_token", "t-1")
                .data("items", 4)
                .emit();
        },
    )
    .only();
    assert_eq!(line["target"], "tower_watch::business");
    assert_eq!((&line["event_type"], &line["user_id"]), (&"order_placed".into(), &"ada".into()));
    let data = json!({
        "amount": 12.5, "items": 4, "gift": true, "note": "say \"hi\"\n", "card_token": "[redacted]",
    });
    assert_eq!(line["data"], data);
}

#[test]
fn it_carries_the_ids_of_its_request() {
    let kept = Kept::default();
    with_layer(JsonLayer::new(kept.clone()), || {
        let watch = Watch::builder("orders").local().without_access_log().start().unwrap();
        let handler = async |context: RequestContext| {
            context.set_user("ada").unwrap();
            event("order_placed").emit();
            event("gift_sent").user("grace").emit();
        };
        let app = Router::new().route("/orders", post(handler)).watched(&watch);
        let request = Request::post("/orders").header("x-request-id", "r-1");
        block_on(ask(&app, request.body(Body::empty()).unwrap()));
    });
    let [placed, sent] = &kept.lines()[..] else { panic!("{:#?}", kept.texts()) };
    assert_eq!((&placed["request_id"], &placed["user_id"]), (&"r-1".into(), &"ada".into()));
    assert_eq!((&sent["request_id"], &sent["user_id"]), (&"r-1".into(), &"grace".into()));
    assert_eq!(placed["trace_id"], sent["trace_id"]);
}

#[test]
fn an_event_that_only_has_the_name_is_written_as_any_other() {
    let line =
        written(|layer| layer, || tracing::info!(target: "tower_watch::business", data = "{no json", "mine"))
            .only();
    assert_eq!(line["data"], "{no json");
}
