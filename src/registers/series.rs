//! What a register is called, and what can be read from it.

use std::cmp::Ordering;

use metrics::{Key, Label, SharedString};

/// The three types of the `metrics` facade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Only goes up, in whole steps.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts values in fixed buckets.
    Histogram,
}

impl Kind {
    /// The type's name, as a `# TYPE` line spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// The identity of one register: its name and its labels, the global ones included.
///
/// It is made once and shared, so that a reader who comes back every few seconds need not compare strings:
/// [`id`](Self::id) is enough.
#[derive(Debug)]
pub struct SeriesKey {
    id: u64,
    kind: Kind,
    name: SharedString,
    labels: Box<[Label]>,
}

impl SeriesKey {
    pub(crate) fn new(id: u64, kind: Kind, key: &Key, globals: &[Label]) -> Self {
        let mut labels: Vec<Label> = key.labels().cloned().collect();
        let inherited = globals.iter().filter(|global| key.labels().all(|own| own.key() != global.key()));
        labels.extend(inherited.cloned());
        labels.sort();
        let name = key.name_shared().to_retained().into_inner();
        Self { id, kind, name, labels: labels.into_boxed_slice() }
    }

    /// A number that no other register of the same [`Registers`](crate::registers::Registers) has or had. A series
    /// that was removed as idle and came back has a new one: its counter starts at zero again.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The type.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The metric's name, as it is exposed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The labels in the order of their names, the global ones included.
    pub fn labels(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.labels.iter().map(|label| (label.key(), label.value()))
    }

    /// The value of the label `name`; empty where the series has no such label, as in Prometheus.
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.labels.iter().find(|label| label.key() == name).map_or("", Label::value)
    }

    pub(crate) fn order(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name).then_with(|| self.labels.cmp(&other.labels))
    }
}

/// The value of one register at one moment, borrowed from where it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reading<'a> {
    /// A counter's value.
    Counter(u64),
    /// A gauge's value.
    Gauge(f64),
    /// A histogram's buckets and sum.
    Histogram {
        /// The upper bounds, increasing, without the last one (`+Inf`). The same slice for every series of a
        /// name.
        bounds: &'a [f64],
        /// How many values were at most each bound; one more than `bounds`, the last is the count of all.
        cumulative: &'a [u64],
        /// The sum of the values.
        sum: f64,
    },
}
