//! `eq`, `lt` and their like: as strict about types as Go's.

use std::cmp::Ordering;

use crate::alert::template::value::Value;

/// What can be compared.
enum Basic<'v> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'v str),
}

fn basic(value: &Value) -> Option<Basic<'_>> {
    match value {
        Value::Bool(value) => Some(Basic::Bool(*value)),
        Value::Int(value) | Value::Duration(value) => Some(Basic::Int(*value)),
        Value::Float(value) => Some(Basic::Float(*value)),
        Value::Text(text) | Value::Safe(text) => Some(Basic::Text(text)),
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Struct(_) | Value::Time(_) => None,
    }
}

fn same(first: &Value, second: &Value) -> Result<bool, String> {
    if let (Value::Nil, other) | (other, Value::Nil) = (first, second) {
        return Ok(matches!(other, Value::Nil));
    }
    if let (Value::Time(first), Value::Time(second)) = (first, second) {
        return Ok(first.timestamp() == second.timestamp());
    }
    match (basic(first), basic(second)) {
        (Some(Basic::Bool(a)), Some(Basic::Bool(b))) => Ok(a == b),
        (Some(Basic::Int(a)), Some(Basic::Int(b))) => Ok(a == b),
        (Some(Basic::Float(a)), Some(Basic::Float(b))) => Ok(a == b),
        (Some(Basic::Text(a)), Some(Basic::Text(b))) => Ok(a == b),
        _ => Err(different(first, second)),
    }
}

fn different(first: &Value, second: &Value) -> String {
    let (a, b) = (first.type_name(), second.type_name());
    let mend = match (first, second) {
        (Value::Int(_), Value::Float(_)) | (Value::Float(_), Value::Int(_)) => "; write 5.0 in place of 5",
        (Value::Text(_), Value::Int(_) | Value::Float(_))
        | (Value::Int(_) | Value::Float(_), Value::Text(_)) => "; a label's value is a text, so write \"5\"",
        _ => "",
    };
    format!("{a} and {b} cannot be compared{mend}")
}

/// Whether it is equal to any of them.
pub(crate) fn equal(first: &Value, others: &[Value]) -> Result<Value, String> {
    for other in others {
        if same(first, other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

pub(crate) fn unequal(first: &Value, second: &Value) -> Result<Value, String> {
    same(first, second).map(|same| Value::Bool(!same))
}

/// Whether their order is such. One that is NaN has none, and so nothing holds.
pub(crate) fn order(first: &Value, second: &Value, holds: fn(Ordering) -> bool) -> Result<Value, String> {
    let order = match (basic(first), basic(second)) {
        (Some(Basic::Int(a)), Some(Basic::Int(b))) => Some(a.cmp(&b)),
        (Some(Basic::Float(a)), Some(Basic::Float(b))) => a.partial_cmp(&b),
        (Some(Basic::Text(a)), Some(Basic::Text(b))) => Some(a.cmp(b)),
        _ => return Err(different(first, second)),
    };
    Ok(Value::Bool(order.is_some_and(holds)))
}
