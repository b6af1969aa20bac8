//! What series there are, without their samples: for the people and tools that look around.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::series::{Labels, Matcher, Store};

/// Each takes sets of matchers (a series is in where it passes all of one set, or where there is no set) and a range
/// of time in milliseconds, both ends included (a series is in where it had begun and not ended there).
impl Store {
    /// The series, in the order of their labels.
    #[must_use]
    pub fn series(&self, sets: &[Vec<Matcher>], from: i64, to: i64) -> BTreeSet<Labels> {
        let everything = [Vec::new()];
        let sets = if sets.is_empty() { &everything } else { sets };
        let state = self.read();
        let passing = sets.iter().flat_map(|matchers| state.matching(matchers));
        passing
            .filter(|series| series.history.speaks_for(from, to))
            .map(|series| series.labels.clone())
            .collect()
    }

    /// Whether series of this name are readings of what counts; `None` where there is no series of this name.
    pub(crate) fn counts(&self, name: &str) -> Option<bool> {
        let name = [Matcher::equal("__name__", name)];
        let state = self.read();
        let counts = state.matching(&name).map(|series| series.history.counts());
        counts.reduce(|before, counts| before || counts)
    }

    /// The names of their labels, `__name__` included.
    #[must_use]
    pub fn label_names(&self, sets: &[Vec<Matcher>], from: i64, to: i64) -> BTreeSet<Arc<str>> {
        let mut names = BTreeSet::new();
        for labels in self.series(sets, from, to) {
            for (name, _) in labels.iter() {
                if !names.contains(name) {
                    names.insert(name.into());
                }
            }
        }
        names
    }

    /// The values that one label has in them.
    #[must_use]
    pub fn label_values(&self, label: &str, sets: &[Vec<Matcher>], from: i64, to: i64) -> BTreeSet<Arc<str>> {
        let mut values = BTreeSet::new();
        for labels in self.series(sets, from, to) {
            let value = labels.get(label);
            if !value.is_empty() && !values.contains(value) {
                values.insert(value.into());
            }
        }
        values
    }
}
