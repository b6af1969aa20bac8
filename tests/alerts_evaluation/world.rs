//! A watch whose time is a test's, with rules, and series that a test writes.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use tower_watch::Watch;
use tower_watch::alert::AlertSettings;
use tower_watch::alert::rules::RuleGroup;
use tower_watch::http::AlertApi;
use tower_watch::layers::clock::{Clock, FakeClock};
use tower_watch::promql::{Expr, Query};
use tower_watch::series::Labels;

pub(crate) struct World {
    pub(crate) watch: Watch,
    hand: FakeClock,
}

impl World {
    pub(crate) fn new(groups: Vec<RuleGroup>) -> Self {
        let (clock, hand) = Clock::fake();
        let settings = groups.into_iter().fold(AlertSettings::new(), AlertSettings::rule);
        let builder = Watch::builder("shop").local().without_admin().clock(clock).instance("a");
        Self { watch: builder.alerts(settings).start().unwrap(), hand }
    }

    /// Goes on so far, and evaluates what is due.
    pub(crate) fn pass(&self, time: Duration) {
        self.hand.advance(time);
        self.watch.alerts().tick();
    }

    /// This series has this value now.
    pub(crate) fn set(&self, series: &str, value: f64) {
        self.watch.store().unwrap().append(&labels(series), self.watch.now().unwrap(), value).unwrap();
    }

    /// The names of the alerts that fire.
    pub(crate) fn firing(&self) -> Vec<String> {
        let mut names: Vec<_> =
            self.watch.alerts().active().iter().map(|alert| alert.name().to_owned()).collect();
        names.sort();
        names
    }

    /// What the API answers: its status and its JSON.
    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        let app: Router = AlertApi::new(self.watch.alerts().clone()).router();
        let response = app.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }
}

fn labels(series: &str) -> Labels {
    let query = Query::parse(series).unwrap();
    let Expr::Selector(selector) = query.expr() else { panic!("{series} is no series") };
    Labels::new(
        selector.matchers.iter().map(|matcher| (matcher.name().to_owned(), matcher.value().to_owned())),
    )
}
