//! A flat JSON object.

use std::fmt::{Display, Write};

use crate::problem::Member;

/// Writes members one after the other.
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self(String::with_capacity(192))
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        push_quoted(&mut self.0, value);
    }

    pub(crate) fn member(&mut self, name: &str, value: &Member) {
        match value {
            Member::Text(text) => self.text(name, text),
            Member::Integer(number) => self.plain(name, number),
            Member::Number(number) if number.is_finite() => self.plain(name, number),
            Member::Number(_) => self.plain(name, "null"),
            Member::Bool(value) => self.plain(name, value),
        }
    }

    pub(crate) fn plain(&mut self, name: &str, value: impl Display) {
        self.name(name);
        let _ = write!(self.0, "{value}");
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        push_quoted(&mut self.0, name);
        self.0.push(':');
    }
}

fn push_quoted(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            control if control < ' ' => {
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            other => json.push(other),
        }
    }
    json.push('"');
}
