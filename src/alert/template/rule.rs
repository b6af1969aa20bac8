//! The templates of rules.

use crate::alert::template::TemplateError;
use crate::series::Labels;

/// What the function `query` of a template calls: the expression's result at the time of the evaluation, or why there is
/// none.
pub type QueryFn<'a> = dyn FnMut(&str) -> Result<Vec<(Labels, f64)>, String> + 'a;

/// What a rule's template is told.
#[derive(Clone, Copy, Debug)]
pub struct RuleData<'a> {
    /// `$labels` and `.Labels`: those of the result.
    pub labels: &'a Labels,
    /// `$externalLabels` and `.ExternalLabels`.
    pub external_labels: &'a [(String, String)],
    /// `$externalURL` and `.ExternalURL`.
    pub external_url: &'a str,
    /// `$value` and `.Value`.
    pub value: f64,
    /// The time of the evaluation (milliseconds since the Unix epoch): what `now` returns.
    pub time: i64,
}

/// The template of a rule's label or annotation.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    text: String,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// What is no template, or uses what is not there.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        Ok(Self { text: text.to_owned() })
    }

    /// The text for this result.
    ///
    /// # Errors
    ///
    /// What went wrong on the way.
    pub fn expand_rule(
        &self,
        _data: &RuleData<'_>,
        _query: &mut QueryFn<'_>,
    ) -> Result<String, TemplateError> {
        Ok(self.text.clone())
    }
}
