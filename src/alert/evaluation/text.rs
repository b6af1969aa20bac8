//! What a rule says about each of its results: labels and annotations, from their templates.

use std::sync::Arc;

use crate::alert::Annotations;
use crate::alert::evaluation::round::Round;
use crate::alert::rules::AlertingRule;
use crate::alert::template::{RuleData, Template};
use crate::promql::InstantSample;
use crate::series::Labels;

/// The texts of a rule, read once.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    name: Arc<str>,
    labels: Vec<(Arc<str>, Text)>,
    annotations: Vec<(String, Text)>,
    /// The annotations, where none of them is a template.
    plain: Option<Arc<Annotations>>,
}

#[derive(Clone, Debug)]
enum Text {
    Plain(Arc<str>),
    Template(Template),
}

impl Texts {
    pub(crate) fn new(rule: &AlertingRule) -> Self {
        let labels = rule.labels.iter();
        let annotations: Vec<_> =
            rule.annotations.iter().map(|(name, text)| (name.clone(), Text::new(text))).collect();
        let is_plain = annotations.iter().all(|(_, text)| matches!(text, Text::Plain(_)));
        Self {
            name: rule.name.as_str().into(),
            labels: labels.map(|(name, text)| (name.as_str().into(), Text::new(text))).collect(),
            plain: is_plain.then(|| Arc::new(rule.annotations.clone())),
            annotations,
        }
    }

    /// The labels of a result's alert: the result's, under the rule's, under its name.
    pub(crate) fn labels(&self, sample: &InstantSample, round: &Round<'_>) -> Labels {
        let own =
            sample.labels.rest().iter().map(|label| (Arc::clone(&label.name), Arc::clone(&label.value)));
        let rule = self.labels.iter().map(|(name, text)| (Arc::clone(name), text.expand(sample, round)));
        let name = (Arc::from("alertname"), Arc::clone(&self.name));
        Labels::new(own.chain(rule).chain([name]))
    }

    pub(crate) fn annotations(&self, sample: &InstantSample, round: &Round<'_>) -> Arc<Annotations> {
        if let Some(plain) = &self.plain {
            return Arc::clone(plain);
        }
        let texts = self.annotations.iter();
        Arc::new(texts.map(|(name, text)| (name.clone(), (*text.expand(sample, round)).to_owned())).collect())
    }
}

impl Text {
    fn new(text: &str) -> Self {
        if !text.contains("{{") {
            return Self::Plain(text.into());
        }
        // Files are checked when they are loaded; what code wrote shows its mistake where it would have stood.
        Template::parse(text).map_or_else(|error| Self::Plain(failed(error).into()), Self::Template)
    }

    fn expand(&self, sample: &InstantSample, round: &Round<'_>) -> Arc<str> {
        let template = match self {
            Self::Plain(text) => return Arc::clone(text),
            Self::Template(template) => template,
        };
        let data = RuleData {
            labels: &sample.labels,
            external_labels: &round.settings.external_labels,
            external_url: &round.settings.external_url,
            value: sample.point.value,
            time: round.time,
        };
        template.expand_rule(&data, &mut |text| round.ask_text(text)).unwrap_or_else(failed).into()
    }
}

/// What stands in place of a text that cannot be made.
fn failed(error: impl std::fmt::Display) -> String {
    format!("<error expanding template: {error}>")
}
