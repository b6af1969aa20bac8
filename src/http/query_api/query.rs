//! `query`, `query_range` and `format_query`.

use axum::extract::State;
use axum::response::Response;

use crate::http::query_api::answer::{Answer, ApiError};
use crate::http::query_api::form::Form;
use crate::http::query_api::parameters::{duration, limit, limits, optional_time, required_time};
use crate::http::query_api::router::QueryApi;
use crate::http::query_api::{json, value};
use crate::promql::{Job, Output, Query, TimeRange, ValueType};

/// The value at one moment.
pub(crate) async fn instant(State(api): State<QueryApi>, form: Form) -> Result<Response, ApiError> {
    let limit = limit(&form)?;
    let time = optional_time(&form, "time")?.unwrap_or_else(|| api.now());
    let limits = limits(&form, api.engine.limits())?;
    let work = move |job: &Job| {
        let query = parse(&form)?;
        Ok(answer(job.evaluator().instant(&query, time)?, limit))
    };
    api.answer(limits, work).await
}

/// The values over a range.
pub(crate) async fn range(State(api): State<QueryApi>, form: Form) -> Result<Response, ApiError> {
    let limit = limit(&form)?;
    let range = time_range(&form)?;
    let limits = limits(&form, api.engine.limits())?;
    check_points(range, limits.max_points)?;
    let work = move |job: &Job| {
        let query = parse(&form)?;
        let kind = query.expr().value_type();
        if !matches!(kind, ValueType::Scalar | ValueType::Vector) {
            let fault = format!(
                "invalid expression type {:?} for range query, must be Scalar or instant Vector",
                kind.describe()
            );
            return Err(ApiError::parameter("query", fault));
        }
        Ok(answer(job.evaluator().range(&query, range)?, limit))
    };
    api.answer(limits, work).await
}

/// The query as upstream's formatter writes it.
pub(crate) async fn format(State(api): State<QueryApi>, form: Form) -> Result<Response, ApiError> {
    let work = move |_: &Job| {
        let pretty = parse(&form)?.prettify();
        Ok(Answer::new(|out| json::string(out, &pretty)))
    };
    api.answer(api.engine.limits(), work).await
}

pub(crate) fn parse(form: &Form) -> Result<Query, ApiError> {
    Query::parse(form.get("query")).map_err(|fault| ApiError::parameter("query", fault))
}

fn answer(output: Output, limit: usize) -> Answer {
    let Output { mut value, annotations } = output;
    let truncated = value::truncate(&mut value, limit);
    Answer::annotated(&annotations, truncated, |out| value::write(out, &value))
}

fn time_range(form: &Form) -> Result<TimeRange, ApiError> {
    let (start, end) = (required_time(form, "start")?, required_time(form, "end")?);
    if end < start {
        return Err(ApiError::parameter("end", "end timestamp must not be before start time"));
    }
    let text = form.get("step");
    let step = duration(text).map_err(|fault| ApiError::parameter("step", fault))?;
    if step <= 0 {
        return Err(ApiError::parameter(
            "step",
            "zero or negative query resolution step widths are not accepted. Try a positive integer",
        ));
    }
    Ok(TimeRange { start, end, step })
}

fn check_points(range: TimeRange, most: usize) -> Result<(), ApiError> {
    let steps = (i128::from(range.end) - i128::from(range.start)) / i128::from(range.step);
    if usize::try_from(steps).is_ok_and(|steps| steps <= most) {
        return Ok(());
    }
    Err(ApiError::bad_data(format!(
        "exceeded maximum resolution of {} points per timeseries. Try decreasing the query resolution (?step=XX)",
        in_thousands(most)
    )))
}

/// `11,000`
fn in_thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_grouped() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (11_000, "11,000"), (1_234_567, "1,234,567")]
        {
            assert_eq!(in_thousands(number), text);
        }
    }

    #[test]
    fn eleven_thousand_steps_are_the_most() {
        let steps = |steps: i64| check_points(TimeRange { start: 0, end: steps * 10, step: 10 }, 11_000);
        assert!(steps(11_000).is_ok());
        assert!(steps(11_001).is_err());
        let all = TimeRange { start: i64::MIN, end: i64::MAX, step: 1 };
        assert!(check_points(all, 11_000).is_err());
    }
}
