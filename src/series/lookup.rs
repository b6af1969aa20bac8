//! What series there are, without their samples: for the people and tools that look around.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::series::{Labels, Matcher, Selected, Store, is_stale};

/// Each takes sets of matchers (a series is in where it passes all of one set, or where there is no set) and a range
/// of time in milliseconds, both ends included (a series is in where it has a value there).
impl Store {
    /// The series, in the order of their labels.
    #[must_use]
    pub fn series(&self, sets: &[Vec<Matcher>], from: i64, to: i64) -> BTreeSet<Labels> {
        let everything = [Vec::new()];
        let sets = if sets.is_empty() { &everything } else { sets };
        sets.iter()
            .flat_map(|matchers| self.select(matchers, from, to, usize::MAX).unwrap_or_default())
            .filter(|selected| has_value(selected, from, to))
            .map(|selected| selected.labels)
            .collect()
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

/// Whether a sample other than a staleness marker speaks for a moment of the range; a coarse one speaks for all of
/// its resolution.
fn has_value(selected: &Selected, from: i64, to: i64) -> bool {
    let samples = &selected.samples;
    (0..samples.len()).any(|index| {
        let (time, value) = (samples.times[index], samples.values[index]);
        time <= to && time.saturating_add(samples.resolution(index)) >= from && !is_stale(value)
    })
}
