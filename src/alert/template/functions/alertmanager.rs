//! The functions of notifications
//! (<https://prometheus.io/docs/alerting/latest/notifications/#functions>), and ours.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::alert::Severity;
use crate::alert::template::functions::shared::{lower, text, upper};
use crate::alert::template::functions::{Arity, Function};
use crate::alert::template::go;
use crate::alert::template::output::Output;
use crate::alert::template::run::{Context, between};
use crate::alert::template::value::{ListKind, Value};

pub(crate) static FUNCTIONS: [Function; 12] = [
    Function::plain("title", Arity::Exactly(1), |_, values| Ok(Value::text(title(text(&values[0])?)))),
    Function::plain("trimSpace", Arity::Exactly(1), |_, values| Ok(Value::text(text(&values[0])?.trim()))),
    Function::plain("join", Arity::Exactly(2), join),
    Function::plain("safeUrl", Arity::Exactly(1), |_, values| Ok(Value::text(text(&values[0])?))),
    Function::plain("urlUnescape", Arity::Exactly(1), |_, values| {
        go::query_unescape(text(&values[0])?).map(Value::text)
    }),
    Function::plain("stringSlice", Arity::AtLeast(0), |_, values| {
        values.iter().try_for_each(|value| text(value).map(|_| ()))?;
        Ok(Value::texts(values.iter().cloned()))
    }),
    Function::plain("date", Arity::Exactly(2), |_, values| {
        Ok(Value::text(go::format_time(time(&values[1])?, text(&values[0])?)))
    }),
    Function::plain("tz", Arity::Exactly(2), zone),
    Function::plain("since", Arity::Exactly(1), |context, values| {
        let now = Timestamp::from_millisecond(context.time).unwrap_or_default().to_zoned(TimeZone::UTC);
        Ok(Value::Duration(between(time(&values[0])?, &now)))
    }),
    Function::plain("toJson", Arity::Exactly(1), |_, values| {
        let mut out = Output::new();
        json(&values[0], &mut out)?;
        Ok(Value::text(out.finish()))
    }),
    Function::plain("severityTag", Arity::Exactly(1), |_, values| {
        Ok(Value::text(worst(&values[0])?.map_or("[RESOLVED]", |severity| severity.subject())))
    }),
    Function::plain("severityColor", Arity::Exactly(1), |_, values| {
        Ok(Value::text(worst(&values[0])?.map_or(RESOLVED, |severity| severity.slack_color())))
    }),
];

/// The colour of what is over.
const RESOLVED: &str = "#2eb67d";

fn time(value: &Value) -> Result<&Zoned, String> {
    match value {
        Value::Time(time) => Ok(time),
        other => Err(format!("it takes a time, and not {}", other.type_name())),
    }
}

/// The first letter of each word in upper case, and the others in lower case. An apostrophe is part of a word.
fn title(text: &str) -> String {
    let mut inside = false;
    let step = |char: char| {
        let titled = if inside { lower(char) } else { upper(char) };
        inside = char.is_alphanumeric() || char == '_' || (inside && matches!(char, '\'' | '\u{2019}'));
        titled
    };
    text.chars().map(step).collect()
}

fn join(_: &mut Context<'_>, values: &[Value]) -> Result<Value, String> {
    let separator = text(&values[0])?;
    let Value::List(list) = &values[1] else {
        return Err(format!("it takes a separator and a list of texts, and not {}", values[1].type_name()));
    };
    let mut out = Output::new();
    for (index, item) in list.items.iter().enumerate() {
        out.push(if index == 0 { "" } else { separator })?;
        out.push(text(item)?)?;
    }
    Ok(Value::text(out.finish()))
}

fn zone(_: &mut Context<'_>, values: &[Value]) -> Result<Value, String> {
    let name = text(&values[0])?;
    let time = time(&values[1])?;
    let zone = match name {
        "" | "UTC" => TimeZone::UTC,
        "Local" => TimeZone::system(),
        _ => {
            TimeZone::get(name).map_err(|_| format!("the time zone {name:?} is not known to this system"))?
        }
    };
    Ok(Value::Time(time.with_time_zone(zone)))
}

fn json(value: &Value, out: &mut Output) -> Result<(), String> {
    let quoted = |text: &str| {
        let text = serde_json::to_string(text).map_err(|error| error.to_string())?;
        // As Go writes it, so that it can stand in HTML.
        Ok::<_, String>(text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
    };
    match value {
        Value::Nil => out.push("null"),
        Value::Bool(value) => out.push(if *value { "true" } else { "false" }),
        Value::Int(value) | Value::Duration(value) => out.push(&value.to_string()),
        Value::Float(value) if value.is_finite() => {
            out.push(&serde_json::to_string(value).map_err(|error| error.to_string())?)
        }
        Value::Float(_) => Err("JSON has no NaN and no infinity".to_owned()),
        Value::Text(text) | Value::Safe(text) => out.push(&quoted(text)?),
        Value::Time(time) => {
            out.push(&quoted(&go::format_time(time, "2006-01-02T15:04:05.999999999Z07:00"))?)
        }
        Value::List(list) => {
            out.push("[")?;
            for (index, item) in list.items.iter().enumerate() {
                out.push(if index == 0 { "" } else { "," })?;
                json(item, out)?;
            }
            out.push("]")
        }
        Value::Map(map) => {
            let entries = map.entries.iter().map(|(name, value)| (name.to_string(), value));
            object(entries, out, quoted)
        }
        Value::Struct(record) => {
            // Alertmanager's fields begin with a small letter in JSON, but for those of pairs.
            let is_pair = record.name == "template.Pair";
            let renamed = |name: &'static str| match is_pair {
                true => name.to_owned(),
                false => name[..1].to_ascii_lowercase() + &name[1..],
            };
            object(record.fields.iter().map(|(name, value)| (renamed(name), value)), out, quoted)
        }
    }
}

fn object<'v>(
    entries: impl Iterator<Item = (String, &'v Value)>,
    out: &mut Output,
    quoted: impl Fn(&str) -> Result<String, String>,
) -> Result<(), String> {
    out.push("{")?;
    for (index, (name, value)) in entries.enumerate() {
        out.push(if index == 0 { "" } else { "," })?;
        out.push(&quoted(&name)?)?;
        out.push(":")?;
        json(value, out)?;
    }
    out.push("}")
}

/// How bad an alert is, or the worst that fires of a notification; nothing where it is over.
fn worst(value: &Value) -> Result<Option<Severity>, String> {
    let alerts = match value {
        Value::List(list) if list.kind == ListKind::Alerts => &list.items[..],
        Value::Struct(record) => match record.field("Alerts") {
            Some(Value::List(list)) => &list.items[..],
            _ => std::slice::from_ref(value),
        },
        _ => &[],
    };
    if alerts.is_empty() {
        return Err(format!(
            "it takes a notification, its alerts or one of them, and not {}",
            value.type_name()
        ));
    }
    let firing = alerts.iter().filter_map(|alert| match alert {
        Value::Struct(alert) if alert.field("Status").and_then(Value::as_text) == Some("firing") => {
            Some(alert)
        }
        _ => None,
    });
    let severities = firing.map(|alert| match alert.field("Labels") {
        Some(Value::Map(labels)) => Severity::from(labels.get("severity").as_text().unwrap_or("")),
        _ => Severity::from(""),
    });
    Ok(severities.min_by_key(Severity::rank))
}
