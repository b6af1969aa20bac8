//! Which bounds a histogram has: decided once, by its name and its unit.

use std::sync::Arc;

use metrics::Unit;

use crate::registers::error::BucketFault;

/// Seconds: 5 ms to 10 s.
const SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// The same in milliseconds.
const MILLISECONDS: [f64; 11] = [5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 1e4];
/// 256 B to 64 MiB, in powers of four.
const BYTES: [f64; 10] = [
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// Which names a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    Full(String),
    Prefix(String),
    Suffix(String),
}

impl Pattern {
    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Full(full) => name == full,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => name.ends_with(suffix.as_str()),
        }
    }

    /// A full name before the longest affix; of two as long, the prefix.
    fn weight(&self) -> (usize, bool) {
        match self {
            Self::Full(_) => (usize::MAX, true),
            Self::Prefix(prefix) => (prefix.len(), true),
            Self::Suffix(suffix) => (suffix.len(), false),
        }
    }
}

/// The bounds by name.
#[derive(Debug)]
pub(crate) struct BucketRules {
    seconds: Arc<[f64]>,
    milliseconds: Arc<[f64]>,
    bytes: Arc<[f64]>,
    rules: Vec<(Pattern, Arc<[f64]>)>,
}

impl Default for BucketRules {
    fn default() -> Self {
        Self {
            seconds: SECONDS.into(),
            milliseconds: MILLISECONDS.into(),
            bytes: BYTES.into(),
            rules: Vec::new(),
        }
    }
}

impl BucketRules {
    /// Replaces the bounds of what no rule, unit or ending of a name speaks for.
    pub(crate) fn set_default(&mut self, bounds: Arc<[f64]>) {
        self.seconds = bounds;
    }

    /// Adds a rule, in the place of an earlier one with the same pattern.
    pub(crate) fn set(&mut self, pattern: Pattern, bounds: Arc<[f64]>) {
        self.rules.retain(|(earlier, _)| *earlier != pattern);
        self.rules.push((pattern, bounds));
    }

    /// The bounds for a histogram: the most specific rule, else its unit, else its name's ending.
    pub(crate) fn bounds(&self, name: &str, unit: Option<Unit>) -> Arc<[f64]> {
        let matching = self.rules.iter().filter(|(pattern, _)| pattern.matches(name));
        if let Some((_, bounds)) = matching.max_by_key(|(pattern, _)| pattern.weight()) {
            return Arc::clone(bounds);
        }
        let bounds = match unit {
            Some(Unit::Bytes) => &self.bytes,
            Some(Unit::Milliseconds) => &self.milliseconds,
            Some(Unit::Seconds) => &self.seconds,
            _ if name.ends_with("_bytes") => &self.bytes,
            _ if name.ends_with("_milliseconds") || name.ends_with("_ms") => &self.milliseconds,
            _ => &self.seconds,
        };
        Arc::clone(bounds)
    }
}

/// Checks bounds, and leaves out a `+Inf` at their end: that bucket is always there.
pub(crate) fn checked(bounds: &[f64]) -> Result<Arc<[f64]>, BucketFault> {
    let finite = bounds.strip_suffix(&[f64::INFINITY]).unwrap_or(bounds);
    if finite.is_empty() {
        return Err(BucketFault::Empty);
    }
    if finite.iter().any(|bound| bound.is_nan()) {
        return Err(BucketFault::NotANumber);
    }
    if finite.iter().any(|bound| bound.is_infinite()) {
        return Err(BucketFault::Infinite);
    }
    for pair in finite.windows(2) {
        if pair[1] == pair[0] {
            return Err(BucketFault::Duplicate(pair[1]));
        }
        if pair[1] < pair[0] {
            return Err(BucketFault::Unsorted(pair[1]));
        }
    }
    Ok(finite.into())
}
