//! What a label, a metric and a text may be.

use crate::alert::template::{Template, TemplateError};

/// What is wrong with the name of a label that a rule adds.
pub(super) fn check_label(name: &str) -> Result<(), String> {
    if name == "__name__" {
        return Err("the label \"__name__\" cannot be set: a rule's own name is its series'".to_owned());
    }
    if is_label(name) {
        return Ok(());
    }
    Err(format!(
        "{name:?} is no label name: it has to be letters, digits and `_`, and no digit first (UTF-8 names of Prometheus 3 are not supported)"
    ))
}

/// What is wrong with the name of a series that a rule records.
pub(super) fn check_metric(name: &str) -> Result<(), String> {
    if is_metric(name) {
        return Ok(());
    }
    Err(format!(
        "{name:?} is no metric name: it has to be letters, digits, `_` and `:`, and no digit first (UTF-8 names of Prometheus 3 are not supported)"
    ))
}

/// What is wrong with a label's or an annotation's template.
pub(super) fn check_template(text: &str) -> Result<(), TemplateError> {
    Template::parse(text).map(|_| ())
}

fn is_label(name: &str) -> bool {
    word(name, |letter| letter == '_')
}

fn is_metric(name: &str) -> bool {
    word(name, |letter| matches!(letter, '_' | ':'))
}

fn word(name: &str, other: impl Fn(char) -> bool) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || other(letter);
    name.chars().all(fits) && name.chars().next().is_some_and(|first| !first.is_ascii_digit())
}
