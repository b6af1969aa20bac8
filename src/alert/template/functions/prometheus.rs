//! The functions of rules
//! (<https://prometheus.io/docs/prometheus/latest/configuration/template_reference/>).

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::alert::template::functions::humanize;
use crate::alert::template::functions::shared::{number, text, upper};
use crate::alert::template::functions::{Arity, Function};
use crate::alert::template::go;
use crate::alert::template::run::Context;
use crate::alert::template::value::{ListKind, MapKind, Struct, Value};
use crate::promql::units::UNITS;

/// The label that holds a text that is a series' value.
const STRING_VALUE: &str = "__value__";

pub(crate) static FUNCTIONS: [Function; 23] = [
    Function::plain("query", Arity::Exactly(1), query),
    Function::plain("first", Arity::Exactly(1), |_, values| match &values[0] {
        Value::List(list) if list.kind == ListKind::Samples => {
            list.items.first().cloned().ok_or_else(|| "the query has no result".to_owned())
        }
        other => Err(format!("it takes what query returns, and not {}", other.type_name())),
    }),
    Function::plain("label", Arity::Exactly(2), |_, values| {
        label(text(&values[0])?, &values[1]).map(Value::text)
    }),
    Function::plain("value", Arity::Exactly(1), |_, values| {
        sample(&values[0]).map(|sample| sample.field("Value").cloned().unwrap_or(Value::Nil))
    }),
    Function::plain("strvalue", Arity::Exactly(1), |_, values| {
        label(STRING_VALUE, &values[0]).map(Value::text)
    }),
    Function::plain("sortByLabel", Arity::Exactly(2), sort_by_label),
    Function::plain("title", Arity::Exactly(1), |_, values| Ok(Value::text(title(text(&values[0])?)))),
    Function::plain("humanize", Arity::Exactly(1), |_, values| {
        Ok(Value::text(humanize::metric(number(&values[0])?)))
    }),
    Function::plain("humanize1024", Arity::Exactly(1), |_, values| {
        Ok(Value::text(humanize::binary(number(&values[0])?)))
    }),
    Function::plain("humanizePercentage", Arity::Exactly(1), |_, values| {
        Ok(Value::text(humanize::percentage(number(&values[0])?)))
    }),
    Function::plain("humanizeTimestamp", Arity::Exactly(1), |_, values| {
        let seconds = number(&values[0])?;
        match seconds.is_finite() {
            true => Ok(Value::text(go::show(&time(seconds)?)?)),
            false => Ok(Value::text(go::general(seconds, 4))),
        }
    }),
    Function::plain("toTime", Arity::Exactly(1), |_, values| time(number(&values[0])?)),
    Function::plain("toDuration", Arity::Exactly(1), |_, values| duration(number(&values[0])?)),
    #[expect(clippy::cast_precision_loss, reason = "milliseconds fit until the year 287396")]
    Function::plain("now", Arity::Exactly(0), |context, _| Ok(Value::Float(context.time as f64 / 1_000.0))),
    Function::plain("parseDuration", Arity::Exactly(1), |_, values| {
        parse_duration(text(&values[0])?).map(Value::Float)
    }),
    Function::plain("stripPort", Arity::Exactly(1), |_, values| {
        let address = text(&values[0])?;
        Ok(Value::text(split(address).map_or(address, |(host, _)| host)))
    }),
    Function::plain("stripDomain", Arity::Exactly(1), |_, values| {
        Ok(Value::text(strip_domain(text(&values[0])?)))
    }),
    Function::plain("graphLink", Arity::Exactly(1), |_, values| Ok(Value::text(link(text(&values[0])?, 0)))),
    Function::plain("tableLink", Arity::Exactly(1), |_, values| Ok(Value::text(link(text(&values[0])?, 1)))),
    Function::plain("args", Arity::AtLeast(0), |_, values| {
        Value::any_map(
            values.iter().enumerate().map(|(at, value)| (Arc::from(format!("arg{at}")), value.clone())),
        )
    }),
    Function::plain("externalURL", Arity::Exactly(0), |context, _| Ok(Value::text(context.external_url))),
    Function::plain("pathPrefix", Arity::Exactly(0), |context, _| {
        Ok(Value::text(path(context.external_url)))
    }),
    Function::plain("urlQueryEscape", Arity::Exactly(1), |_, values| {
        Ok(Value::text(go::query_escape(text(&values[0])?)))
    }),
];

fn query(context: &mut Context<'_>, values: &[Value]) -> Result<Value, String> {
    // A query is worth many nodes.
    context.spend(1_000)?;
    let expression = text(&values[0])?;
    let Some(query) = &mut context.query else { return Err("there is nothing to query here".to_owned()) };
    let result = query(expression)?;
    context.spend(result.len())?;
    let samples = result.into_iter().map(|(labels, value)| {
        let labels = Value::map(MapKind::Plain, labels.iter());
        Value::record("template.sample", vec![("Labels", labels), ("Value", Value::Float(value))])
    });
    Ok(Value::list(ListKind::Samples, samples))
}

fn sample(value: &Value) -> Result<&Struct, String> {
    match value {
        Value::Struct(record) if record.name == "template.sample" => Ok(record),
        other => {
            Err(format!("it takes one result of a query (first gives it), and not {}", other.type_name()))
        }
    }
}

fn label<'v>(name: &str, value: &'v Value) -> Result<&'v str, String> {
    let sample = sample(value)?;
    let Some(Value::Map(labels)) = sample.field("Labels") else { return Ok("") };
    Ok(labels.entries.get(name).and_then(Value::as_text).unwrap_or(""))
}

fn sort_by_label(_: &mut Context<'_>, values: &[Value]) -> Result<Value, String> {
    let name = text(&values[0])?;
    let Value::List(list) = &values[1] else {
        return Err(format!("it takes what query returns, and not {}", values[1].type_name()));
    };
    let mut items = list.items.to_vec();
    for item in &items {
        sample(item)?;
    }
    items.sort_by(|a, b| label(name, a).ok().cmp(&label(name, b).ok()));
    Ok(Value::list(list.kind, items))
}

fn time(seconds: f64) -> Result<Value, String> {
    let nanos = seconds * 1e9;
    #[expect(clippy::cast_possible_truncation, reason = "checked")]
    let milliseconds =
        (nanos.is_finite() && nanos.abs() < 9.2e18).then_some((nanos as i64).div_euclid(1_000_000));
    let timestamp = milliseconds.and_then(|time| Timestamp::from_millisecond(time).ok());
    let timestamp = timestamp.ok_or_else(|| format!("{} is no time in seconds", go::float(seconds)))?;
    Ok(Value::Time(timestamp.to_zoned(TimeZone::UTC)))
}

fn duration(seconds: f64) -> Result<Value, String> {
    let nanos = seconds * 1e9;
    if !nanos.is_finite() || nanos.abs() >= 9.2e18 {
        return Err(format!("{} is no duration in seconds", go::float(seconds)));
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked")]
    Ok(Value::Duration(nanos as i64))
}

/// The first letter of each word in upper case.
fn title(text: &str) -> String {
    let mut inside = false;
    let step = |char: char| {
        let titled = if inside { char } else { upper(char) };
        // What Go takes for the inside of a word: letters, digits, underscores, and all of Unicode that is no space.
        inside = char.is_alphanumeric() || char == '_' || !(char.is_ascii() || char.is_whitespace());
        titled
    };
    text.chars().map(step).collect()
}

/// The seconds of a duration in Prometheus' form, `1h30m`.
fn parse_duration(text: &str) -> Result<f64, String> {
    let fault =
        || format!("{text:?} is no duration; one is written 1h30m, of y, w, d, h, m, s and ms in this order");
    if text == "0" {
        return Ok(0.0);
    }
    let (mut rest, mut milliseconds, mut units) = (text, 0_i64, UNITS.iter());
    while !rest.is_empty() {
        let digits = rest.find(|char: char| !char.is_ascii_digit()).ok_or_else(fault)?;
        let count: i64 = rest[..digits].parse().map_err(|_| fault())?;
        rest = &rest[digits..];
        let end = rest.find(|char: char| char.is_ascii_digit()).unwrap_or(rest.len());
        let unit = units.by_ref().find(|unit| unit.name == &rest[..end]).ok_or_else(fault)?;
        rest = &rest[end..];
        let part = count.checked_mul(unit.milliseconds);
        milliseconds = part.and_then(|part| milliseconds.checked_add(part)).ok_or_else(fault)?;
    }
    if text.is_empty() {
        return Err(fault());
    }
    #[expect(clippy::cast_precision_loss, reason = "as Go converts it")]
    Ok(milliseconds as f64 / 1_000.0)
}

/// The host and the port of `host:port` or `[host]:port`.
fn split(address: &str) -> Option<(&str, &str)> {
    let (host, port) = address.rsplit_once(':')?;
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) if !inner.contains(['[', ']']) => Some((inner, port)),
        _ if host.contains([':', '[', ']']) || port.contains(['[', ']']) => None,
        _ => Some((host, port)),
    }
}

fn strip_domain(address: &str) -> String {
    let (host, port) = split(address).unwrap_or((address, ""));
    if host.parse::<IpAddr>().is_ok() {
        return address.to_owned();
    }
    let host = host.split('.').next().unwrap_or("");
    match port {
        "" => host.to_owned(),
        _ if host.contains([':', '%']) => format!("[{host}]:{port}"),
        _ => format!("{host}:{port}"),
    }
}

fn link(expression: &str, tab: u8) -> String {
    format!("/graph?g0.expr={}&g0.tab={tab}", go::query_escape(expression))
}

/// The path of a URL.
fn path(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, after)| after);
    let path = if after.len() == url.len() { after } else { after.find('/').map_or("", |at| &after[at..]) };
    path.split(['?', '#']).next().unwrap_or("")
}
