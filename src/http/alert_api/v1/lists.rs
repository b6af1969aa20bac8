//! The answers of the two paths.

use axum::extract::State;

use crate::alert::RuleKind;
use crate::http::alert_api::AlertApi;
use crate::http::alert_api::v1::filter::Filter;
use crate::http::alert_api::v1::json as own;
use crate::http::alert_api::v1::pages::Pages;
use crate::http::query_api::answer::{Answer, ApiError};
use crate::http::query_api::form::Form;
use crate::http::query_api::json;

/// All rules by group.
pub(crate) async fn rules(State(api): State<AlertApi>, form: Form) -> Result<Answer, ApiError> {
    let (filter, pages) = (Filter::new(&form)?, Pages::new(&form)?);
    let groups = api.alerts.rules();
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
pub(crate) async fn alerts(State(api): State<AlertApi>) -> Answer {
    let groups = api.alerts.rules();
    let rules = groups.iter().flat_map(|group| &group.rules);
    let alerts = rules.flat_map(|rule| match &rule.kind {
        RuleKind::Alerting(_, alerts) => alerts.as_slice(),
        RuleKind::Recording(_) => &[],
    });
    Answer::new(|out| {
        out.push_str(r#"{"alerts":"#);
        json::array(out, alerts, own::alert);
        out.push('}');
    })
}
