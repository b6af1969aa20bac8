//! Settings of the registers.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use metrics::{Label, Recorder};
use tower_watch_layers::clock::Clock;

use crate::registers::buckets::{self, BucketRules, Pattern};
use crate::registers::canonical;
use crate::registers::catalog::Catalog;
use crate::registers::error::RegistersError;
use crate::registers::fanout::Branch;
use crate::registers::recorder::Registers;
use crate::registers::storage::CellStorage;
use crate::registers::sweep::Sweeper;

/// Builds [`Registers`]; nothing is checked before [`build`](Self::build).
///
/// | Setting | Default |
/// |---|---|
/// | [`default_buckets`](Self::default_buckets) | 5 ms to 10 s, in seconds: .005 .01 .025 .05 .1 .25 .5 1 2.5 5 10 |
/// | buckets of what is described with [`Unit::Bytes`](metrics::Unit::Bytes), or named `*_bytes` | 256 B to 64 MiB, in powers of four |
/// | buckets of what is described with [`Unit::Milliseconds`](metrics::Unit::Milliseconds), or named `*_milliseconds` or `*_ms` | 5 ms to 10 s, in milliseconds |
/// | [`global_label`](Self::global_label) | none |
/// | [`branch`](Self::branch) | none |
/// | [`expire_idle`](Self::expire_idle) | nothing expires |
/// | [`exemplars_for`](Self::exemplars_for) | none |
/// | [`clock`](Self::clock) | the system's |
#[must_use = "a builder does nothing until it is built"]
#[derive(Default)]
pub struct RegistersBuilder {
    default_buckets: Option<Vec<f64>>,
    buckets: Vec<(Pattern, Vec<f64>)>,
    globals: Vec<Label>,
    branches: Vec<Branch>,
    expire: Vec<(String, Duration)>,
    exemplars: Vec<String>,
    clock: Option<Clock>,
}

impl Registers {
    /// Registers with everything at its default.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().assemble()
    }

    /// Registers with settings.
    pub fn builder() -> RegistersBuilder {
        RegistersBuilder::default()
    }
}

impl RegistersBuilder {
    /// The upper bounds of a histogram's buckets where nothing more specific is said, increasing, in the
    /// histogram's own unit. A last `+Inf` may be left out.
    pub fn default_buckets(mut self, bounds: impl Into<Vec<f64>>) -> Self {
        self.default_buckets = Some(bounds.into());
        self
    }

    /// The buckets of the histogram with this name. It is stronger than every prefix and suffix.
    pub fn buckets_for(mut self, name: impl Into<String>, bounds: impl Into<Vec<f64>>) -> Self {
        self.buckets.push((Pattern::Full(name.into()), bounds.into()));
        self
    }

    /// The buckets of histograms whose name starts so. The longest prefix or suffix that fits counts; of two as
    /// long, the prefix.
    pub fn buckets_for_prefix(mut self, prefix: impl Into<String>, bounds: impl Into<Vec<f64>>) -> Self {
        self.buckets.push((Pattern::Prefix(prefix.into()), bounds.into()));
        self
    }

    /// The buckets of histograms whose name ends so; see [`buckets_for_prefix`](Self::buckets_for_prefix).
    pub fn buckets_for_suffix(mut self, suffix: impl Into<String>, bounds: impl Into<Vec<f64>>) -> Self {
        self.buckets.push((Pattern::Suffix(suffix.into()), bounds.into()));
        self
    }

    /// A label on every series. A series' own label of the same name is stronger. Branches do not see it.
    pub fn global_label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value): (String, String) = (name.into(), value.into());
        self.globals.retain(|label| label.key() != name);
        self.globals.push(Label::new(name, value));
        self
    }

    /// Labels on every series; see [`global_label`](Self::global_label).
    pub fn global_labels<N, V>(self, labels: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        labels.into_iter().fold(self, |builder, (name, value)| builder.global_label(name, value))
    }

    /// Another recorder that receives everything too, with the keys as they were registered. May be called again
    /// for more.
    ///
    /// With a branch, each `counter!(..)` costs the branch's own registration and one allocation; keep handles on
    /// a hot path.
    pub fn branch(mut self, recorder: impl Recorder + Send + Sync + 'static) -> Self {
        self.branches.push(Box::new(recorder));
        self
    }

    /// Removes series that carry this label themselves, when nobody holds a handle to them and their value has
    /// not changed for `after`. May be called again for other labels; of two that fit, the shorter time counts.
    ///
    /// Done when the registers are rendered and when a series is made, at most once a minute. Recording reads no
    /// clock, so the time runs from the first such moment that found the value as it is. A series that comes back
    /// starts from zero: keep the handle of a gauge that is incremented and decremented.
    pub fn expire_idle(mut self, label: impl Into<String>, after: Duration) -> Self {
        self.expire.push((label.into(), after));
        self
    }

    /// Keeps the last trace of each bucket for the histogram with this name, for OpenMetrics. May be called again.
    ///
    /// Where a trace is current (`tower_watch::layers::exemplar`), recording then also reads the wall clock and
    /// tries a lock, for which it never waits.
    pub fn exemplars_for(mut self, name: impl Into<String>) -> Self {
        self.exemplars.push(name.into());
        self
    }

    /// The clock that idle series and exemplars are timed by.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Checks the settings and makes the registers. Nothing is installed.
    ///
    /// # Errors
    ///
    /// The first setting that cannot work: bucket bounds that are empty, not increasing, `NaN` or infinite (but
    /// for a last `+Inf`), an empty name, a label name that Prometheus refuses, an expiry of zero. The message
    /// names the setting and the mend.
    pub fn build(self) -> Result<Registers, RegistersError> {
        match self.problems().into_iter().next() {
            Some(first) => Err(first),
            None => Ok(self.assemble()),
        }
    }

    /// Everything that cannot be, in the order of the table above.
    pub(crate) fn problems(&self) -> Vec<RegistersError> {
        let default =
            self.default_buckets.iter().filter_map(|bounds| bucket_problem("default_buckets", bounds));
        let patterns = self.buckets.iter().filter_map(|(pattern, bounds)| pattern_problem(pattern, bounds));
        let exemplars = self
            .exemplars
            .iter()
            .filter(|name| name.is_empty())
            .map(|_| RegistersError::EmptyPattern { field: String::from("exemplars_for(\"\")") });
        let globals = self.globals.iter().filter_map(|label| label_problem("global_label", label.key()));
        let expire = self.expire.iter().flat_map(|(label, after)| {
            let zero = after
                .is_zero()
                .then(|| RegistersError::ZeroExpiry { field: format!("expire_idle({label:?})") });
            label_problem("expire_idle", label).into_iter().chain(zero)
        });
        default.chain(patterns).chain(globals).chain(expire).chain(exemplars).collect()
    }

    /// Makes the registers of settings that are right. A wrong list of buckets would be passed over.
    pub(crate) fn assemble(self) -> Registers {
        let mut rules = BucketRules::default();
        if let Some(Ok(bounds)) = self.default_buckets.as_deref().map(buckets::checked) {
            rules.set_default(bounds);
        }
        for (pattern, bounds) in self.buckets {
            if let Ok(bounds) = buckets::checked(&bounds) {
                rules.set(mended(pattern), bounds);
            }
        }
        let exemplars: HashSet<String> =
            self.exemplars.iter().map(|name| canonical::metric_name(name)).collect();
        let globals = self.globals.into_iter().filter(|label| !label.value().is_empty()).collect();
        let clock = self.clock.unwrap_or_default();
        let sweeper = Sweeper::new(self.expire, clock.clone());
        let storage = CellStorage::new(Catalog::new(rules, exemplars), globals, clock);
        Registers::from_parts(storage, self.branches, sweeper)
    }
}

impl fmt::Debug for RegistersBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistersBuilder")
            .field("default_buckets", &self.default_buckets)
            .field("buckets", &self.buckets)
            .field("globals", &self.globals)
            .field("branches", &self.branches.len())
            .field("expire", &self.expire)
            .field("exemplars", &self.exemplars)
            .finish_non_exhaustive()
    }
}

fn pattern_problem(pattern: &Pattern, bounds: &[f64]) -> Option<RegistersError> {
    let (setting, name) = match pattern {
        Pattern::Full(name) => ("buckets_for", name),
        Pattern::Prefix(prefix) => ("buckets_for_prefix", prefix),
        Pattern::Suffix(suffix) => ("buckets_for_suffix", suffix),
    };
    let field = format!("{setting}({name:?})");
    if name.is_empty() {
        Some(RegistersError::EmptyPattern { field })
    } else {
        bucket_problem(&field, bounds)
    }
}

fn bucket_problem(field: &str, bounds: &[f64]) -> Option<RegistersError> {
    let fault = buckets::checked(bounds).err()?;
    Some(RegistersError::Buckets { field: field.to_owned(), fault })
}

fn label_problem(setting: &str, name: &str) -> Option<RegistersError> {
    let problem =
        || RegistersError::LabelName { field: format!("{setting}({name:?})"), name: name.to_owned() };
    (!canonical::is_global_label_name(name)).then(problem)
}

/// A pattern in the letters that names have after they are mended.
fn mended(pattern: Pattern) -> Pattern {
    match pattern {
        Pattern::Full(name) => Pattern::Full(canonical::metric_name(&name)),
        Pattern::Prefix(prefix) => Pattern::Prefix(canonical::metric_name(&prefix)),
        // A digit may not start a name, but may well start a suffix.
        Pattern::Suffix(suffix) => {
            Pattern::Suffix(canonical::metric_name(&format!("_{suffix}"))[1..].to_owned())
        }
    }
}
