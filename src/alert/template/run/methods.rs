//! What can be called on a value with a dot.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::alert::template::go;
use crate::alert::template::value::{List, ListKind, Map, MapKind, Value};

/// Calls a method, where the value has one of this name.
pub(crate) fn call(value: &Value, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
    match value {
        Value::Map(map) if map.kind == MapKind::Kv => labels(map, name, arguments),
        Value::List(list) => lists(list, name),
        Value::Time(time) => moment(time, name, arguments),
        Value::Duration(nanos) => duration(*nanos, name, arguments),
        _ => None,
    }
}

fn pair(name: &Value, value: &Value) -> Value {
    Value::record("template.Pair", vec![("Name", name.clone()), ("Value", value.clone())])
}

/// The labels by name, `alertname` first.
fn sorted(map: &Map) -> Vec<Value> {
    let all = map.entries.iter().map(|(name, value)| (&**name, pair(&Value::Text(name.clone()), value)));
    let (mut first, rest): (Vec<_>, Vec<_>) = all.partition(|(name, _)| *name == "alertname");
    first.extend(rest);
    first.into_iter().map(|(_, pair)| pair).collect()
}

fn field(items: &[Value], name: &str) -> Value {
    let fields = items.iter().filter_map(|item| match item {
        Value::Struct(record) => record.field(name).cloned(),
        _ => None,
    });
    Value::texts(fields)
}

fn labels(map: &Map, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
    let pairs = sorted(map);
    Some(Ok(match name {
        "SortedPairs" => Value::list(ListKind::Pairs, pairs),
        "Names" => field(&pairs, "Name"),
        "Values" => field(&pairs, "Value"),
        "Remove" => {
            let [Value::List(gone)] = arguments else {
                return Some(Err(
                    "Remove takes a list of names: .Remove (stringSlice \"a\" \"b\")".to_owned()
                ));
            };
            let is_gone = |name: &str| gone.items.iter().any(|item| item.as_text() == Some(name));
            let left = map.entries.iter().filter(|(name, _)| !is_gone(name));
            Value::map(MapKind::Kv, left.filter_map(|(name, value)| Some((&**name, value.as_text()?))))
        }
        _ => return None,
    }))
}

fn lists(list: &List, name: &str) -> Option<Result<Value, String>> {
    let with_status = |status: &str| {
        let items = list.items.iter().filter(|item| match item {
            Value::Struct(alert) => alert.field("Status").and_then(Value::as_text) == Some(status),
            _ => false,
        });
        Value::list(ListKind::Alerts, items.cloned())
    };
    Some(Ok(match (list.kind, name) {
        (ListKind::Alerts, "Firing") => with_status("firing"),
        (ListKind::Alerts, "Resolved") => with_status("resolved"),
        (ListKind::Pairs, "Names") => field(&list.items, "Name"),
        (ListKind::Pairs, "Values") => field(&list.items, "Value"),
        _ => return None,
    }))
}

fn moment(time: &jiff::Zoned, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
    let int = |value: i64| Value::Int(value);
    let value = match (name, arguments) {
        ("Format", [layout]) => match layout.as_text() {
            Some(layout) => Value::text(go::format_time(time, layout)),
            None => return Some(Err("Format takes a layout: .Format \"2006-01-02 15:04:05\"".to_owned())),
        },
        ("String", []) => Value::text(go::time(time)),
        ("UTC", []) => Value::Time(time.with_time_zone(TimeZone::UTC)),
        ("Local", []) => Value::Time(time.with_time_zone(TimeZone::system())),
        ("Unix", []) => int(time.timestamp().as_second()),
        ("UnixMilli", []) => int(time.timestamp().as_millisecond()),
        ("UnixNano", []) => int(i64::try_from(time.timestamp().as_nanosecond()).unwrap_or(i64::MAX)),
        ("IsZero", []) => {
            Value::Bool(time.timestamp().as_second() == crate::alert::template::data::ZERO_SECONDS)
        }
        ("Year", []) => int(time.year().into()),
        ("Month", []) => Value::text(go::month(time)),
        ("Day", []) => int(time.day().into()),
        ("Hour", []) => int(time.hour().into()),
        ("Minute", []) => int(time.minute().into()),
        ("Second", []) => int(time.second().into()),
        ("YearDay", []) => int(time.day_of_year().into()),
        ("Weekday", []) => Value::text(go::weekday(time)),
        ("Add", [Value::Duration(nanos)]) => match time.checked_add(SignedDuration::from_nanos(*nanos)) {
            Ok(time) => Value::Time(time),
            Err(_) => return Some(Err("the time is out of range".to_owned())),
        },
        ("Sub", [Value::Time(other)]) => Value::Duration(between(other, time)),
        ("Before", [Value::Time(other)]) => Value::Bool(time.timestamp() < other.timestamp()),
        ("After", [Value::Time(other)]) => Value::Bool(time.timestamp() > other.timestamp()),
        ("Equal", [Value::Time(other)]) => Value::Bool(time.timestamp() == other.timestamp()),
        ("Format" | "Add" | "Sub" | "Before" | "After" | "Equal", _) => {
            return Some(Err(format!("{name} of a time is not given what it takes")));
        }
        _ => return None,
    };
    Some(Ok(value))
}

/// The nanoseconds from one time to another, as many as Go's durations hold.
pub(crate) fn between(from: &jiff::Zoned, to: &jiff::Zoned) -> i64 {
    let nanos = to.timestamp().as_nanosecond() - from.timestamp().as_nanosecond();
    nanos.clamp(i64::MIN.into(), i64::MAX.into()).try_into().unwrap_or(i64::MAX)
}

fn duration(nanos: i64, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
    #[expect(clippy::cast_precision_loss, reason = "Go rounds here too")]
    let float = |unit: i64| Value::Float((nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64);
    let value = match (name, arguments) {
        ("String", []) => Value::text(go::duration(nanos)),
        ("Seconds", []) => float(1_000_000_000),
        ("Minutes", []) => float(60_000_000_000),
        ("Hours", []) => float(3_600_000_000_000),
        ("Milliseconds", []) => Value::Int(nanos / 1_000_000),
        ("Round", [Value::Duration(unit)]) if *unit > 0 => {
            let rest = nanos % unit;
            let away = rest.unsigned_abs() >= unit.unsigned_abs() - rest.unsigned_abs();
            let step = if away { unit * nanos.signum() } else { 0 };
            Value::Duration((nanos - rest).saturating_add(step))
        }
        ("Truncate", [Value::Duration(unit)]) if *unit > 0 => Value::Duration(nanos - nanos % unit),
        ("Round" | "Truncate", [Value::Duration(_)]) => Value::Duration(nanos),
        ("Abs", []) => Value::Duration(nanos.saturating_abs()),
        ("Round" | "Truncate", _) => return Some(Err(format!("{name} takes a duration"))),
        _ => return None,
    };
    Some(Ok(value))
}
