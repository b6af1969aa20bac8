//! The functions of Go's own (<https://pkg.go.dev/text/template#hdr-Functions>).

use std::cmp::Ordering;

use crate::alert::template::escape;
use crate::alert::template::functions::compare;
use crate::alert::template::functions::{Arity, Call, Function};
use crate::alert::template::go::{self, Names};
use crate::alert::template::output::Output;
use crate::alert::template::run::Context;
use crate::alert::template::value::{List, Value};

pub(crate) static FUNCTIONS: [Function; 18] = [
    Function { name: "and", arity: Arity::AtLeast(1), call: Call::Until(false) },
    Function { name: "or", arity: Arity::AtLeast(1), call: Call::Until(true) },
    Function::plain("not", Arity::Exactly(1), |_, values| Ok(Value::Bool(!values[0].is_true()))),
    Function::plain("eq", Arity::AtLeast(2), |_, values| compare::equal(&values[0], &values[1..])),
    Function::plain("ne", Arity::Exactly(2), |_, values| compare::unequal(&values[0], &values[1])),
    Function::plain("lt", Arity::Exactly(2), |_, values| {
        compare::order(&values[0], &values[1], Ordering::is_lt)
    }),
    Function::plain("le", Arity::Exactly(2), |_, values| {
        compare::order(&values[0], &values[1], Ordering::is_le)
    }),
    Function::plain("gt", Arity::Exactly(2), |_, values| {
        compare::order(&values[0], &values[1], Ordering::is_gt)
    }),
    Function::plain("ge", Arity::Exactly(2), |_, values| {
        compare::order(&values[0], &values[1], Ordering::is_ge)
    }),
    Function::plain("len", Arity::Exactly(1), length),
    Function::plain("index", Arity::AtLeast(1), index),
    Function::plain("slice", Arity::Between(1, 4), slice),
    Function::plain("print", Arity::AtLeast(0), |_, values| Ok(Value::text(sprint(values)?))),
    Function::plain("println", Arity::AtLeast(0), println),
    Function::plain("printf", Arity::AtLeast(1), printf),
    Function::plain("html", Arity::AtLeast(1), |_, values| {
        Ok(Value::Safe(escape::html(&sprint(values)?).into()))
    }),
    Function::plain("js", Arity::AtLeast(1), |_, values| Ok(Value::text(script(&sprint(values)?)))),
    Function::plain("urlquery", Arity::AtLeast(1), |_, values| {
        Ok(Value::text(go::query_escape(&sprint(values)?)))
    }),
];

/// The values one after the other, with a space between two that are no texts.
fn sprint(values: &[Value]) -> Result<String, String> {
    let mut out = Output::new();
    let mut before: Option<&Value> = None;
    for value in values {
        if before.is_some_and(|before| before.as_text().is_none() && value.as_text().is_none()) {
            out.push(" ")?;
        }
        go::print(value, Names::Hidden, &mut out)?;
        before = Some(value);
    }
    Ok(out.finish())
}

fn println(_: &mut Context<'_>, values: &[Value]) -> Result<Value, String> {
    let mut out = Output::new();
    for (index, value) in values.iter().enumerate() {
        out.push(if index == 0 { "" } else { " " })?;
        go::print(value, Names::Hidden, &mut out)?;
    }
    out.push("\n")?;
    Ok(Value::text(out.finish()))
}

fn printf(_: &mut Context<'_>, values: &[Value]) -> Result<Value, String> {
    match values {
        [format, arguments @ ..] if format.as_text().is_some() => {
            Ok(Value::text(go::printf(format.as_text().unwrap_or(""), arguments)?))
        }
        _ => Err(format!("the format is a text, and not {}", values[0].type_name())),
    }
}

fn length(_: &mut Context<'_>, values: &[Value]) -> Result<Value, String> {
    let length = match &values[0] {
        Value::Text(text) | Value::Safe(text) => text.len(),
        Value::List(list) => list.items.len(),
        Value::Map(map) => map.entries.len(),
        other => return Err(format!("{} has no length", other.type_name())),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn index(_: &mut Context<'_>, values: &[Value]) -> Result<Value, String> {
    let mut value = values[0].clone();
    for key in &values[1..] {
        value = match (&value, key) {
            (Value::Map(map), key) if key.as_text().is_some() => map.get(key.as_text().unwrap_or("")),
            (Value::List(list), Value::Int(at)) => {
                let item = usize::try_from(*at).ok().and_then(|at| list.items.get(at));
                item.cloned()
                    .ok_or_else(|| format!("there is no element {at} in a list of {}", list.items.len()))?
            }
            (Value::Text(text) | Value::Safe(text), Value::Int(at)) => {
                let byte = usize::try_from(*at).ok().and_then(|at| text.as_bytes().get(at));
                let byte =
                    byte.ok_or_else(|| format!("there is no byte {at} in a text of {}", text.len()))?;
                Value::Int((*byte).into())
            }
            (value, key) => {
                return Err(format!("{} has no element by a {}", value.type_name(), key.type_name()));
            }
        };
    }
    Ok(value)
}

fn slice(_: &mut Context<'_>, values: &[Value]) -> Result<Value, String> {
    let length = match &values[0] {
        Value::Text(text) | Value::Safe(text) => text.len(),
        Value::List(list) => list.items.len(),
        other => return Err(format!("{} cannot be sliced", other.type_name())),
    };
    let bound = |index: usize, default: usize| match values.get(index) {
        None => Ok(default),
        Some(Value::Int(bound)) => match usize::try_from(*bound) {
            Ok(bound) if bound <= length => Ok(bound),
            _ => Err(format!("{bound} is not between 0 and {length}")),
        },
        Some(other) => Err(format!("a bound is an int, and not {}", other.type_name())),
    };
    let (from, to) = (bound(1, 0)?, bound(2, length)?);
    if from > to {
        return Err(format!("it would begin at {from} and end at {to}"));
    }
    Ok(match &values[0] {
        Value::List(List { kind, items }) => Value::list(*kind, items[from..to].iter().cloned()),
        other => {
            let text = other.as_text().unwrap_or("");
            Value::text(String::from_utf8_lossy(&text.as_bytes()[from..to]))
        }
    })
}

/// A text for the inside of a string of JavaScript.
fn script(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' | '\'' | '"' => out.extend(['\\', char]),
            '<' | '>' | '&' | '=' | '\0'..=' ' if char != ' ' => {
                out.push_str(&format!("\\u{:04X}", u32::from(char)));
            }
            _ if char.is_control() || (char.is_whitespace() && char != ' ') => {
                out.push_str(&format!("\\u{:04X}", u32::from(char)));
            }
            _ => out.push(char),
        }
    }
    out
}
