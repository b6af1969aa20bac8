//! Lines for people.

use axum::Router;
use axum::routing::get;
use tower_watch::layers::clock::Clock;
use tower_watch::telemetry::logs::TextLayer;
use tower_watch::{RequestContext, RouterExt, Watch};
use tracing::{info, warn};

use crate::support::{Kept, ask, block_on, get as request, with_layer};

fn text(kept: &Kept) -> TextLayer<Kept> {
    TextLayer::new(kept.clone()).with_clock(Clock::fake().0)
}

#[test]
fn a_line_is_for_people() {
    let kept = Kept::default();
    with_layer(text(&kept), || warn!(user = "ada\x1b[2J", password = "x", "not\npaid"));
    let [line] = &kept.texts()[..] else { panic!() };
    let (ours, trace) = line.split_once(" trace=").unwrap_or((line.trim_end(), ""));
    assert_eq!(
        ours,
        r"00:00:00.000000 WARN  logs::terminal: not\npaid user=ada\u{1b}[2J password=[redacted]"
    );
    assert_eq!(trace, "");
}

#[test]
fn ids_are_short_and_a_request_is_shown_in_one_glance() {
    let kept = Kept::default();
    let trace = with_layer(text(&kept), || {
        let watch = Watch::builder("orders").local().start().unwrap();
        let handler = async |context: RequestContext| {
            info!("here");
            context.trace_id().unwrap().to_string()
        };
        let app = Router::new().route("/orders/{id}", get(handler)).watched(&watch);
        block_on(ask(&app, request("/orders/7"))).1
    });
    let [line, access] = &kept.texts()[..] else { panic!("{:#?}", kept.texts()) };
    assert!(line.contains("here request=") && line.contains(&format!(" trace={}\n", &trace[..8])), "{line}");
    assert!(
        access.contains("INFO  tower_watch::access: GET /orders/{id} path=/orders/7 200 complete"),
        "{access}"
    );
    assert!(access.contains(&format!("trace_id={trace}")), "{access}");
}

#[test]
fn colours_are_there_where_they_are_asked_for() {
    let kept = Kept::default();
    with_layer(text(&kept).with_colour(true), || warn!("painted"));
    assert!(kept.texts()[0].contains("\x1b[33mWARN\x1b[0m"), "{:?}", kept.texts());
}
