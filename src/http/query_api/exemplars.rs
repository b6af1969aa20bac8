//! `query_exemplars`: the traces behind the buckets that a query reads.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use axum::extract::State;
use axum::response::Response;

use crate::http::query_api::answer::{Answer, ApiError};
use crate::http::query_api::form::Form;
use crate::http::query_api::json;
use crate::http::query_api::parameters::range_of;
use crate::http::query_api::query::parse;
use crate::http::query_api::router::QueryApi;
use crate::promql::{Expr, Job, Query};
use crate::registers::{Bound, Exemplar, Registers, SeriesKey, SeriesValue};
use crate::series::{Labels, Matcher};

/// The exemplars of all series that the query's selectors find.
pub(crate) async fn exemplars(State(api): State<QueryApi>, form: Form) -> Result<Response, ApiError> {
    let (from, to) = range_of(&form)?;
    if to < from {
        return Err(ApiError::bad_data("end timestamp must not be before start timestamp"));
    }
    let (registers, target) = (api.registers.clone(), api.target.clone());
    let work = move |_: &Job| {
        let selectors = selectors(&parse(&form)?);
        let found = find(&registers, &target, &selectors, from, to);
        Ok(Answer::new(|out| json::array(out, &found, series)))
    };
    api.answer(api.engine.limits(), work).await
}

/// The matchers of every selector in a query.
fn selectors(query: &Query) -> Vec<Vec<Matcher>> {
    let mut all = Vec::new();
    query.expr().visit(&mut |expr| match expr {
        Expr::Selector(selector) => all.push(selector.matchers.clone()),
        Expr::Matrix(matrix) => all.push(matrix.selector.matchers.clone()),
        _ => {}
    });
    all
}

/// Exemplars with their times, by series.
type Found = BTreeMap<Labels, Vec<(i64, Exemplar)>>;

fn find(registers: &Registers, target: &Labels, selectors: &[Vec<Matcher>], from: i64, to: i64) -> Found {
    let mut found = Found::new();
    for series in registers.snapshot().iter() {
        let SeriesValue::Histogram(histogram) = &series.value else { continue };
        for ((bound, _), exemplar) in histogram.buckets.iter().zip(&histogram.exemplars) {
            let Some(exemplar) = exemplar else { continue };
            let time = millis(exemplar);
            if !(from..=to).contains(&time) {
                continue;
            }
            let labels = bucket(&series.key, target, *bound);
            let passes = |matchers: &Vec<Matcher>| {
                matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name())))
            };
            if selectors.iter().any(passes) {
                found.entry(labels).or_default().push((time, *exemplar));
            }
        }
    }
    found
}

/// The series of one bucket, as the store has it.
fn bucket(key: &SeriesKey, target: &Labels, bound: f64) -> Labels {
    let name = format!("{}_bucket", key.name());
    let bound = Bound(bound).to_string();
    // What stands later counts, and a metric's own label before one of the target.
    let own = key.labels().chain([("__name__", name.as_str()), ("le", bound.as_str())]);
    Labels::new(target.iter().chain(own))
}

fn millis(exemplar: &Exemplar) -> i64 {
    let since = exemplar.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn series(out: &mut String, (labels, exemplars): (&Labels, &Vec<(i64, Exemplar)>)) {
    out.push_str(r#"{"seriesLabels":"#);
    json::labels(out, labels.iter());
    out.push_str(r#","exemplars":"#);
    json::array(out, exemplars, |out, (time, exemplar)| {
        let trace: String = exemplar.trace_id.to_string();
        out.push_str(r#"{"labels":"#);
        json::labels(out, [("trace_id", trace.as_str())]);
        out.push_str(r#","value":"#);
        json::value(out, exemplar.value);
        out.push_str(r#","timestamp":"#);
        json::timestamp(out, *time);
        out.push('}');
    });
    out.push('}');
}
