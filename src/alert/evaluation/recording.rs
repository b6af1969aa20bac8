//! A rule whose results are a series.

use std::collections::HashSet;
use std::sync::Arc;

use crate::alert::evaluation::round::Round;
use crate::alert::rules::RecordingRule;
use crate::series::Labels;

/// The rule, and its names as the store has them.
#[derive(Debug)]
pub(crate) struct Recording {
    rule: Arc<RecordingRule>,
    name: Arc<str>,
    labels: Vec<(Arc<str>, Arc<str>)>,
}

impl Recording {
    pub(crate) fn new(rule: Arc<RecordingRule>) -> Self {
        let labels = rule.labels.iter();
        Self {
            name: rule.name.as_str().into(),
            labels: labels.map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect(),
            rule,
        }
    }

    pub(crate) fn rule(&self) -> &Arc<RecordingRule> {
        &self.rule
    }

    /// One evaluation: what is to be recorded.
    ///
    /// # Errors
    ///
    /// Why there is nothing.
    pub(crate) fn evaluate(&self, round: &Round<'_>) -> Result<Vec<(Labels, f64)>, String> {
        let samples = round.ask(&self.rule.query, round.at)?;
        let recorded: Vec<(Labels, f64)> =
            samples.into_iter().map(|sample| (self.labels(&sample.labels), sample.point.value)).collect();
        let different: HashSet<&Labels> = recorded.iter().map(|(labels, _)| labels).collect();
        if different.len() < recorded.len() {
            return Err("vector contains metrics with the same labelset after applying rule labels".into());
        }
        if round.limit > 0 && recorded.len() > round.limit {
            return Err(format!("exceeded limit of {} with {} series", round.limit, recorded.len()));
        }
        Ok(recorded)
    }

    fn labels(&self, result: &Labels) -> Labels {
        let named = result.with("__name__", Arc::clone(&self.name));
        if self.labels.is_empty() {
            return named;
        }
        let own = named.rest().iter().map(|label| (Arc::clone(&label.name), Arc::clone(&label.value)));
        let name = (Arc::from("__name__"), Arc::clone(&self.name));
        Labels::new(own.chain(self.labels.iter().cloned()).chain([name]))
    }
}
