//! What the reading of a register becomes: label sets, and values in the same order.

use crate::registers::{Bound, Reading};
use crate::series::{Labels, is_stale};

/// The label sets of the series that one register makes. What every series has (`target`) is stronger than its own
/// labels of the same name, which become `exported_NAME`.
pub(crate) fn label_sets(
    target: &[(String, String)],
    name: &str,
    own: &[(&str, &str)],
    reading: Reading<'_>,
) -> Vec<Labels> {
    let exported = |label: &str| {
        let mut free = label.to_owned();
        if target.iter().any(|(name, _)| name == label) {
            while target.iter().any(|(name, _)| *name == free) || own.iter().any(|(name, _)| *name == free) {
                free.insert_str(0, "exported_");
            }
        }
        free
    };
    let labels = |suffix: &str, le: Option<String>| {
        let own = own.iter().map(|(name, value)| (exported(name), (*value).to_owned()));
        let name = ("__name__".to_owned(), format!("{name}{suffix}"));
        let le = le.map(|le| ("le".to_owned(), le));
        Labels::new(own.chain(target.iter().cloned()).chain([name]).chain(le))
    };
    match reading {
        Reading::Counter(_) | Reading::Gauge(_) => vec![labels("", None)],
        Reading::Histogram { bounds, .. } => {
            let bounds = bounds.iter().copied().chain([f64::INFINITY]);
            let buckets = bounds.map(|bound| labels("_bucket", Some(Bound(bound).to_string())));
            buckets.chain([labels("_sum", None), labels("_count", None)]).collect()
        }
    }
}

/// The value of a counter or a gauge.
pub(crate) fn single(reading: Reading<'_>) -> f64 {
    match reading {
        Reading::Counter(value) => value as f64,
        // An application that sets this very value does not end its series.
        Reading::Gauge(value) if is_stale(value) => f64::NAN,
        Reading::Gauge(value) => value,
        Reading::Histogram { sum, .. } => sum,
    }
}

/// The values of a register in the order of its series.
pub(crate) fn values(reading: Reading<'_>) -> impl Iterator<Item = f64> {
    let (cumulative, rest) = match reading {
        Reading::Histogram { cumulative, sum, .. } => {
            (cumulative, [Some(sum), cumulative.last().map(|count| *count as f64)])
        }
        Reading::Counter(_) | Reading::Gauge(_) => (&[][..], [Some(single(reading)), None]),
    };
    cumulative.iter().map(|count| *count as f64).chain(rest.into_iter().flatten())
}

/// A reading that outlives the look at the register.
#[derive(Debug)]
pub(crate) enum Copied {
    Single(Reading<'static>),
    Histogram { bounds: Box<[f64]>, cumulative: Box<[u64]>, sum: f64 },
}

impl Copied {
    pub(crate) fn of(reading: Reading<'_>) -> Self {
        match reading {
            Reading::Counter(value) => Self::Single(Reading::Counter(value)),
            Reading::Gauge(value) => Self::Single(Reading::Gauge(value)),
            Reading::Histogram { bounds, cumulative, sum } => {
                Self::Histogram { bounds: bounds.into(), cumulative: cumulative.into(), sum }
            }
        }
    }

    pub(crate) fn reading(&self) -> Reading<'_> {
        match self {
            Self::Single(reading) => *reading,
            Self::Histogram { bounds, cumulative, sum } => {
                Reading::Histogram { bounds, cumulative, sum: *sum }
            }
        }
    }
}
