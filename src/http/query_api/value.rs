//! A result as JSON.

use crate::http::query_api::json;
use crate::http::query_api::unread::MOST_BYTES;
use crate::promql::{InstantSample, Point, RangeSeries, Value};

/// Cuts a result to its first `limit` series, and says whether there were more; 0 is no limit.
pub(crate) fn truncate(value: &mut Value, limit: usize) -> bool {
    let most = if limit == 0 { usize::MAX } else { limit };
    match value {
        Value::Vector(samples) => {
            let truncated = samples.len() > most;
            samples.truncate(most);
            truncated
        }
        Value::Matrix(series) => {
            let truncated = series.len() > most;
            series.truncate(most);
            truncated
        }
        Value::Scalar(_) | Value::String(..) => false,
    }
}

/// Writes a result with its type. Of one that is too long to be sent it writes little more than could be.
pub(crate) fn write(out: &mut String, value: &Value) {
    let kind = match value {
        Value::Scalar(_) => "scalar",
        Value::String(..) => "string",
        Value::Vector(_) => "vector",
        Value::Matrix(_) => "matrix",
    };
    out.push_str(r#"{"resultType":"#);
    json::string(out, kind);
    out.push_str(r#","result":"#);
    match value {
        Value::Scalar(number) => {
            out.push('[');
            json::scalar_timestamp(out, number.time);
            out.push(',');
            json::scalar_value(out, number.value);
            out.push(']');
        }
        Value::String(time, text) => {
            out.push('[');
            json::scalar_timestamp(out, *time);
            out.push(',');
            json::string(out, text);
            out.push(']');
        }
        Value::Vector(samples) => json::array(out, samples, while_short(sample)),
        Value::Matrix(all) => json::array(out, all, while_short(series)),
    }
    out.push('}');
}

/// Writes nothing more once the answer cannot be sent.
fn while_short<T>(mut write: impl FnMut(&mut String, T)) -> impl FnMut(&mut String, T) {
    move |out, item| {
        if out.len() <= MOST_BYTES {
            write(out, item);
        }
    }
}

fn sample(out: &mut String, sample: &InstantSample) {
    out.push_str(r#"{"metric":"#);
    json::labels(out, sample.labels.iter());
    out.push_str(r#","value":"#);
    point(out, &sample.point);
    out.push('}');
}

fn series(out: &mut String, series: &RangeSeries) {
    out.push_str(r#"{"metric":"#);
    json::labels(out, series.labels.iter());
    out.push_str(r#","values":"#);
    json::array(out, &series.points, point);
    out.push('}');
}

fn point(out: &mut String, point: &Point) {
    out.push('[');
    json::timestamp(out, point.time);
    out.push(',');
    json::value(out, point.value);
    out.push(']');
}
