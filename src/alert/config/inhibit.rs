//! Which alerts keep others quiet.

use crate::series::Matcher;

/// While an alert that passes `source` fires, those that pass `target` and have the same values of `equal` are not told
/// (<https://prometheus.io/docs/alerting/latest/configuration/#inhibition-related-settings>).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct InhibitRule {
    /// What has to fire.
    pub source: Vec<Matcher>,
    /// What is kept quiet.
    pub target: Vec<Matcher>,
    /// Labels that both have alike; one that both lack is alike.
    pub equal: Vec<String>,
}

impl InhibitRule {
    /// While an alert that passes all of `source` fires, those that pass all of `target` are not told.
    pub fn new(source: impl IntoIterator<Item = Matcher>, target: impl IntoIterator<Item = Matcher>) -> Self {
        let (source, target) = (source.into_iter().collect(), target.into_iter().collect());
        Self { source, target, equal: Vec::new() }
    }

    /// Only where both have this label alike.
    #[must_use]
    pub fn equal(mut self, label: impl Into<String>) -> Self {
        self.equal.push(label.into());
        self
    }
}
