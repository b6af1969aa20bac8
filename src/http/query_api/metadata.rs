//! `metadata`: the type, help and unit of each metric.

use axum::extract::State;
use axum::response::Response;
use metrics::Unit;

use crate::http::query_api::answer::{Answer, ApiError};
use crate::http::query_api::form::Form;
use crate::http::query_api::json;
use crate::http::query_api::router::QueryApi;
use crate::promql::Job;
use crate::registers::MetricMetadata;

/// What is known of each metric, or of one.
pub(crate) async fn metadata(State(api): State<QueryApi>, form: Form) -> Result<Response, ApiError> {
    let limit = most(&form, "limit")?;
    // A name has one type, help and unit here, since one process tells them.
    let per_metric = most(&form, "limit_per_metric")?;
    let registers = api.registers.clone();
    let work = move |_: &Job| {
        let asked = form.get("metric");
        let known = registers.metadata();
        let shown = known.iter().filter(|metric| asked.is_empty() || metric.name == asked).take(limit);
        Ok(Answer::new(|out| {
            json::object(out, shown.map(|metric| (&metric.name, metric)), |out, metric| {
                json::array(out, [metric].into_iter().take(per_metric), entry);
            });
        }))
    };
    api.answer(api.engine.limits(), work).await
}

/// A limit in upstream's words for this one path; a negative one is none.
fn most(form: &Form, name: &str) -> Result<usize, ApiError> {
    match form.get(name) {
        "" => Ok(usize::MAX),
        text => match text.parse::<i64>() {
            Ok(limit) => Ok(usize::try_from(limit).unwrap_or(usize::MAX)),
            Err(_) => Err(ApiError::bad_data(format!("{name} must be a number"))),
        },
    }
}

fn entry(out: &mut String, metric: &MetricMetadata) {
    let unit = metric.unit.filter(|unit| *unit != Unit::Count).map_or("", |unit| unit.as_str());
    json::labels(out, [("type", metric.kind.as_str()), ("help", metric.help.as_str()), ("unit", unit)]);
}
