//! What is collected, and under which names.

use crate::clock::Clock;
use crate::red::naming::{Metric, Names};
use crate::red::{Collect, Label, LabelError, Naming, PrefixError, TenantMetrics};

/// What a [`RedLayer`](crate::red::RedLayer) collects: by default every group under Prometheus' names, without
/// tenants and without labels of one's own.
///
/// ```
/// use tower_watch_layers::red::{Collect, Label, RedConfig, RedLayer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config = RedConfig::new()
///     .with_prefix("shop")?
///     .with_collect(Collect { sizes: false, ..Collect::ALL })
///     .with_label(Label::new("plan").values(["free", "gold"]))?;
/// let layer = RedLayer::new(&config);
/// # let _ = layer;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RedConfig {
    pub(crate) names: Names,
    pub(crate) collect: Collect,
    pub(crate) labels: Vec<Label>,
    pub(crate) tenants: Option<TenantMetrics>,
    pub(crate) clock: Clock,
}

impl Default for RedConfig {
    fn default() -> Self {
        Self {
            names: Names::new(Naming::default()),
            collect: Collect::ALL,
            labels: Vec::new(),
            tenants: None,
            clock: Clock::default(),
        }
    }
}

impl RedConfig {
    /// The same as the default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the names.
    #[must_use]
    pub fn with_naming(mut self, naming: Naming) -> Self {
        self.names.set_naming(naming);
        self
    }

    /// Puts `prefix` and an underscore before every name; under [`Naming::AxumPrometheus`], in place of `axum_`.
    ///
    /// # Errors
    ///
    /// When no name of Prometheus can start like this.
    pub fn with_prefix(mut self, prefix: &str) -> Result<Self, PrefixError> {
        self.names.set_prefix(prefix)?;
        Ok(self)
    }

    /// Collects these groups only.
    #[must_use]
    pub fn with_collect(mut self, collect: Collect) -> Self {
        self.collect = collect;
        self
    }

    /// Declares a label of one's own. Of two with one name the later counts.
    ///
    /// # Errors
    ///
    /// When Prometheus refuses the name, or it is taken.
    pub fn with_label(mut self, label: Label) -> Result<Self, LabelError> {
        label.check()?;
        self.labels.retain(|known| known.name() != label.name());
        self.labels.push(label);
        Ok(self)
    }

    /// Gives tenants metrics of their own.
    #[must_use]
    pub fn with_tenants(mut self, tenants: TenantMetrics) -> Self {
        self.tenants = Some(tenants);
        self
    }

    /// Replaces the clock by which a tenant is idle.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The name of the histogram of durations.
    #[must_use]
    pub fn duration_name(&self) -> String {
        self.names.metric(Metric::Duration)
    }

    /// The declared labels.
    #[must_use]
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The tenants' own metrics, where they have some.
    #[must_use]
    pub fn tenants(&self) -> Option<&TenantMetrics> {
        self.tenants.as_ref()
    }
}
