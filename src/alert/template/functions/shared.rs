//! The functions that Prometheus and Alertmanager both have.

use crate::alert::template::functions::humanize;
use crate::alert::template::functions::pattern;
use crate::alert::template::functions::{Arity, Function};
use crate::alert::template::run::Context;
use crate::alert::template::value::Value;

pub(crate) static FUNCTIONS: [Function; 6] = [
    Function::plain("toUpper", Arity::Exactly(1), |_, values| {
        Ok(Value::text(text(&values[0])?.chars().map(upper).collect::<String>()))
    }),
    Function::plain("toLower", Arity::Exactly(1), |_, values| {
        Ok(Value::text(text(&values[0])?.chars().map(lower).collect::<String>()))
    }),
    Function::plain("match", Arity::Exactly(2), matches),
    Function::plain("reReplaceAll", Arity::Exactly(3), replace),
    Function::plain("safeHtml", Arity::Exactly(1), |_, values| Ok(Value::Safe(text(&values[0])?.into()))),
    Function::plain("humanizeDuration", Arity::Exactly(1), |_, values| {
        Ok(Value::text(humanize::duration(number(&values[0])?)))
    }),
];

/// A text that a function is given.
pub(crate) fn text(value: &Value) -> Result<&str, String> {
    value.as_text().ok_or_else(|| match value {
        Value::Float(_) | Value::Int(_) => {
            format!("it takes a text, and not {}; print makes one of it", value.type_name())
        }
        _ => format!("it takes a text, and not {}", value.type_name()),
    })
}

/// A number that a function is given: one, or a text that is one.
pub(crate) fn number(value: &Value) -> Result<f64, String> {
    match value {
        Value::Float(value) => Ok(*value),
        #[expect(clippy::cast_precision_loss, reason = "as Go converts it")]
        Value::Int(value) => Ok(*value as f64),
        #[expect(clippy::cast_precision_loss, reason = "as Go converts it")]
        Value::Duration(nanos) => Ok(*nanos as f64 / 1e9),
        Value::Text(text) | Value::Safe(text) => {
            crate::alert::template::go::parse_float(text).ok_or_else(|| format!("{text:?} is no number"))
        }
        other => Err(format!("it takes a number, and not {}", other.type_name())),
    }
}

/// One character for one, as Go does it: of what would become two, nothing changes.
pub(crate) fn upper(char: char) -> char {
    let mut upper = char.to_uppercase();
    if upper.len() == 1 { upper.next().unwrap_or(char) } else { char }
}

pub(crate) fn lower(char: char) -> char {
    let mut lower = char.to_lowercase();
    if lower.len() == 1 { lower.next().unwrap_or(char) } else { char }
}

fn matches(context: &mut Context<'_>, values: &[Value]) -> Result<Value, String> {
    let regex = pattern::compile(context, text(&values[0])?)?;
    Ok(Value::Bool(regex.is_match(text(&values[1])?)))
}

fn replace(context: &mut Context<'_>, values: &[Value]) -> Result<Value, String> {
    let (from, to, all) = (text(&values[0])?, text(&values[1])?, text(&values[2])?);
    pattern::replace_all(context, from, to, all).map(Value::text)
}
