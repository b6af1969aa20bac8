//! One entry for each metric name: its type, its help and unit, and the names that it writes.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use metrics::Unit;

use crate::registers::buckets::BucketRules;
use crate::registers::series::Kind;

/// Everything that is exposed under one name.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) kind: Kind,
    /// The name that it is exposed under.
    pub(crate) name: String,
    /// The name that was asked for, mended; it differs from `name` only where that was taken.
    asked: String,
    /// The bounds of its histograms; the same for all of them.
    pub(crate) bounds: Arc<[f64]>,
    pub(crate) exemplars: bool,
}

/// What somebody said about a metric.
#[derive(Clone, Debug, Default)]
pub(crate) struct Description {
    pub(crate) help: String,
    pub(crate) unit: Option<Unit>,
}

#[derive(Debug, Default)]
struct State {
    by_asked: HashMap<Kind, HashMap<String, Arc<Family>>>,
    /// Each sample name that is written, and by whom.
    claims: HashMap<String, Arc<Family>>,
    descriptions: HashMap<Kind, HashMap<String, Description>>,
}

/// The families of one set of registers.
#[derive(Debug)]
pub(crate) struct Catalog {
    rules: BucketRules,
    exemplars_for: HashSet<String>,
    state: RwLock<State>,
}

impl Catalog {
    pub(crate) fn new(rules: BucketRules, exemplars_for: HashSet<String>) -> Self {
        Self { rules, exemplars_for, state: RwLock::default() }
    }

    /// The family of this type and (mended) name. Where the name is taken by another type, the type is added to
    /// it, and a warning says so once.
    pub(crate) fn family(&self, kind: Kind, asked: &str) -> Arc<Family> {
        {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(family) = state.by_asked.get(&kind).and_then(|families| families.get(asked)) {
                return Arc::clone(family);
            }
        }
        let family = self.claim(kind, asked);
        if family.name != asked {
            tracing::warn!(
                metric = asked,
                kind = kind.as_str(),
                shown_as = family.name,
                "a metric's name is taken by another metric of a different type; rename one of the two"
            );
        }
        family
    }

    fn claim(&self, kind: Kind, asked: &str) -> Arc<Family> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut name = asked.to_owned();
        let family = loop {
            match state.claims.get(&name) {
                Some(family) if family.kind == kind && family.name == name => break Arc::clone(family),
                None if sample_names(kind, &name).iter().all(|name| !state.claims.contains_key(name)) => {
                    let family = Arc::new(self.describe_family(&state, kind, name, asked));
                    for sample in sample_names(kind, &family.name) {
                        state.claims.insert(sample, Arc::clone(&family));
                    }
                    break family;
                }
                _ => {
                    name.push('_');
                    name.push_str(kind.as_str());
                }
            }
        };
        state.by_asked.entry(kind).or_default().insert(asked.to_owned(), Arc::clone(&family));
        family
    }

    fn describe_family(&self, state: &State, kind: Kind, name: String, asked: &str) -> Family {
        let described = state.descriptions.get(&kind).and_then(|descriptions| descriptions.get(asked));
        let bounds = match kind {
            Kind::Histogram => self.rules.bounds(asked, described.and_then(|described| described.unit)),
            Kind::Counter | Kind::Gauge => Arc::default(),
        };
        let exemplars = kind == Kind::Histogram && self.exemplars_for.contains(asked);
        Family { kind, name, asked: asked.to_owned(), bounds, exemplars }
    }

    /// Keeps a help text and a unit. The last one counts; one that says nothing changes nothing.
    pub(crate) fn describe(&self, kind: Kind, asked: String, unit: Option<Unit>, help: &str) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let description = state.descriptions.entry(kind).or_default().entry(asked).or_default();
        if !help.trim().is_empty() {
            help.clone_into(&mut description.help);
        }
        description.unit = unit.or(description.unit);
    }

    /// What was said about the family that is exposed as `name`.
    pub(crate) fn description(&self, kind: Kind, name: &str) -> Description {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let asked = state.claims.get(name).map_or(name, |family| family.asked.as_str());
        let descriptions = state.descriptions.get(&kind);
        descriptions.and_then(|descriptions| descriptions.get(asked)).cloned().unwrap_or_default()
    }

    /// Every family, some of them more than once.
    pub(crate) fn families(&self) -> Vec<Arc<Family>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.by_asked.values().flat_map(HashMap::values).cloned().collect()
    }

    /// Whether some family writes samples of this name.
    pub(crate) fn is_taken(&self, name: &str) -> bool {
        self.state.read().unwrap_or_else(PoisonError::into_inner).claims.contains_key(name)
    }
}

/// The names that a family writes, or that OpenMetrics keeps for it.
fn sample_names(kind: Kind, name: &str) -> Vec<String> {
    let suffixes: &[&str] = match kind {
        Kind::Counter | Kind::Gauge => &[""],
        Kind::Histogram => &["", "_bucket", "_sum", "_count", "_created"],
    };
    suffixes.iter().map(|suffix| format!("{name}{suffix}")).collect()
}
