//! What a query's author should know, though it has an answer.

/// The most of a kind. A query can have one to say for each of millions of moments, and nobody reads a thousand.
const MOST: usize = 1_000;

/// Warnings and infos, each once, in the order in which they came up, with Prometheus' words; of each the first
/// thousand.
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

    pub(crate) fn warn(&mut self, message: impl FnOnce() -> String) {
        add(&mut self.warnings, || format!("PromQL warning: {}", message()));
    }

    pub(crate) fn info(&mut self, message: impl FnOnce() -> String) {
        add(&mut self.infos, || format!("PromQL info: {}", message()));
    }
}

/// What is past the most is not even put into words.
fn add(list: &mut Vec<String>, message: impl FnOnce() -> String) {
    if list.len() >= MOST {
        return;
    }
    let message = message();
    if !list.contains(&message) {
        list.push(message);
    }
}
