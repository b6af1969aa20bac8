//! What `%v` makes of a value.

use std::borrow::Cow;

use crate::alert::template::go;
use crate::alert::template::output::Output;
use crate::alert::template::value::Value;

/// Whether fields are printed with their names (`%+v`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Hidden,
    Shown,
}

/// Prints a value as `%v` does.
pub(crate) fn print(value: &Value, names: Names, out: &mut Output) -> Result<(), String> {
    match value {
        Value::List(list) => {
            out.push("[")?;
            for (index, item) in list.items.iter().enumerate() {
                out.push(if index == 0 { "" } else { " " })?;
                print(item, names, out)?;
            }
            out.push("]")
        }
        Value::Map(map) => {
            out.push("map[")?;
            for (index, (key, item)) in map.entries.iter().enumerate() {
                out.push(if index == 0 { "" } else { " " })?;
                out.push(key)?;
                out.push(":")?;
                print(item, names, out)?;
            }
            out.push("]")
        }
        Value::Struct(record) => {
            out.push("{")?;
            for (index, (name, item)) in record.fields.iter().enumerate() {
                out.push(if index == 0 { "" } else { " " })?;
                if names == Names::Shown {
                    out.push(name)?;
                    out.push(":")?;
                }
                print(item, names, out)?;
            }
            out.push("}")
        }
        simple => out.push(&word(simple)),
    }
}

/// A value as text, as `fmt.Sprint` writes it.
pub(crate) fn show(value: &Value) -> Result<String, String> {
    let mut out = Output::new();
    print(value, Names::Hidden, &mut out)?;
    Ok(out.finish())
}

/// What has no parts.
fn word(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Bool(value) => value.to_string().into(),
        Value::Int(value) => value.to_string().into(),
        Value::Float(value) => go::float(*value).into(),
        Value::Text(text) | Value::Safe(text) => Cow::Borrowed(text),
        Value::Time(time) => go::time(time).into(),
        Value::Duration(nanos) => go::duration(*nanos).into(),
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Struct(_) => "<nil>".into(),
    }
}
