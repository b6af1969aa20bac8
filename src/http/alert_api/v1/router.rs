//! The two paths.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use tower_watch_layers::observe::RouteLayer;
use tower_watch_layers::policy::RoutePolicy;

use crate::alert::evaluation::{Board, Kind};
use crate::http::alert_api::v1::filter::Filter;
use crate::http::alert_api::v1::json as own;
use crate::http::alert_api::v1::pages::Pages;
use crate::http::query_api::answer::{Answer, ApiError};
use crate::http::query_api::form::Form;
use crate::http::query_api::json;

/// How all rules do, over HTTP. It guards nothing by itself.
#[derive(Clone, Debug)]
pub(crate) struct RulesApi(Board);

impl RulesApi {
    pub(crate) fn new(board: Board) -> Self {
        Self(board)
    }

    /// The two paths, from `/api/v1` on. They are not observed, also where a watch's layer goes around them.
    pub(crate) fn router<S>(self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let off = RouteLayer::new(RoutePolicy::new().off());
        let paths = Router::new().route("/api/v1/rules", get(rules)).route("/api/v1/alerts", get(alerts));
        paths.layer(off).with_state(self)
    }
}

/// All rules by group.
async fn rules(State(api): State<RulesApi>, form: Form) -> Result<Answer, ApiError> {
    let (filter, pages) = (Filter::new(&form)?, Pages::new(&form)?);
    let groups = api.0.groups();
    let found = groups.iter().filter_map(|group| {
        let rules: Vec<_> = group.rules.iter().filter(|rule| filter.takes(rule)).collect();
        (filter.takes_group(group) && (!rules.is_empty() || group.rules.is_empty())).then_some((group, rules))
    });
    let (page, next) = pages.cut(found.collect())?;
    Ok(Answer::new(|out| {
        out.push_str(r#"{"groups":"#);
        json::array(out, page, |out, (group, rules)| own::group(out, group, &rules, filter.alerts));
        if let Some(next) = next {
            out.push_str(r#","groupNextToken":"#);
            json::string(out, &next);
        }
        out.push('}');
    }))
}

/// All alerts that are pending or fire.
async fn alerts(State(api): State<RulesApi>) -> Answer {
    let groups = api.0.groups();
    let rules = groups.iter().flat_map(|group| &group.rules);
    let alerts = rules.flat_map(|rule| match &rule.kind {
        Kind::Alerting(_, alerts) => alerts.as_slice(),
        Kind::Recording(_) => &[],
    });
    Answer::new(|out| {
        out.push_str(r#"{"alerts":"#);
        json::array(out, alerts, own::alert);
        out.push('}');
    })
}
