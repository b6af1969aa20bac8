//! What a query's author should know, though it has an answer.

use std::fmt::Display;

/// Warnings and infos, each once, in the order in which they came up, with Prometheus' words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    warnings: Vec<String>,
    infos: Vec<String>,
}

impl Annotations {
    /// What is likely a mistake: `PromQL warning: ...`.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What is good to know: `PromQL info: ...`.
    #[must_use]
    pub fn infos(&self) -> &[String] {
        &self.infos
    }

    pub(crate) fn warn(&mut self, message: impl Display) {
        add(&mut self.warnings, format!("PromQL warning: {message}"));
    }

    pub(crate) fn info(&mut self, message: impl Display) {
        add(&mut self.infos, format!("PromQL info: {message}"));
    }
}

fn add(list: &mut Vec<String>, message: String) {
    if !list.contains(&message) {
        list.push(message);
    }
}
