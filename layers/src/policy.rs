//! What one route does differently.
//!
//! A [`RoutePolicy`] says only what it changes. Four places can speak, the strongest first: the handler (through
//! `RequestContext::override_policy`), the route's own layer ([`RouteLayer`](crate::observe::RouteLayer)), the
//! policy table (by pattern, see [`Routes::with_policy`](crate::route::Routes::with_policy)), and the preset,
//! which is what holds where nobody spoke. They are merged field by field.

use std::borrow::Cow;
use std::time::Duration;

use crate::ratio::Ratio;

/// What is different for one route. Empty by default: nothing is.
///
/// ```
/// use tower_watch_layers::policy::RoutePolicy;
///
/// let uploads = RoutePolicy::new().streaming(true).label("plan", "free");
/// let probes = RoutePolicy::new().off();
/// # let _ = (uploads, probes);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoutePolicy {
    pub(crate) off: Option<bool>,
    pub(crate) streaming: Option<bool>,
    pub(crate) tenant_optional: Option<bool>,
    pub(crate) sampling: Option<Ratio>,
    pub(crate) slow: Option<Duration>,
    pub(crate) access_line: Option<bool>,
    pub(crate) labels: Vec<(Cow<'static, str>, Cow<'static, str>)>,
}

impl RoutePolicy {
    /// A policy that changes nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The route is not measured: no metric of it is left behind, the in-flight gauge included.
    ///
    /// It keeps its request id and tenant.
    #[must_use]
    pub fn off(self) -> Self {
        self.measured(false)
    }

    /// Whether the route is measured; `true` takes back an `off` of a weaker place.
    #[must_use]
    pub fn measured(mut self, measured: bool) -> Self {
        self.off = Some(!measured);
        self
    }

    /// Whether the response is a stream, whose duration says nothing about latency and stays out of its
    /// histogram.
    ///
    /// Event streams (`text/event-stream`) and upgrades are streams unless this says `false`.
    #[must_use]
    pub fn streaming(mut self, streaming: bool) -> Self {
        self.streaming = Some(streaming);
        self
    }

    /// Lets requests without a tenant in, also where the tenant is required.
    ///
    /// Needed before the handler runs, so only the policy table is heard on it.
    #[must_use]
    pub fn tenant_optional(mut self) -> Self {
        self.tenant_optional = Some(true);
        self
    }

    /// Samples this share of the route's traces, whatever the preset says: 0 for none, 1 for all.
    ///
    /// Needed before the handler runs, so only the policy table is heard on it. A sampled caller is followed none the less.
    #[must_use]
    pub fn sampling(mut self, ratio: Ratio) -> Self {
        self.sampling = Some(ratio);
        self
    }

    /// From when on a request of this route is slow: its trace is kept even where it was not sampled.
    #[must_use]
    pub fn slow(mut self, threshold: Duration) -> Self {
        self.slow = Some(threshold);
        self
    }

    /// From when on a request of this route is slow, where this says it.
    #[must_use]
    pub fn slow_threshold(&self) -> Option<Duration> {
        self.slow
    }

    /// Whether exchanges of this route leave a line in the access log.
    #[must_use]
    pub fn access_line(mut self, written: bool) -> Self {
        self.access_line = Some(written);
        self
    }

    /// Sets a metric label for this route. The label must be declared
    /// ([`RedConfig::with_label`](crate::red::RedConfig::with_label)); one that is not is ignored, with a warning.
    #[must_use]
    pub fn label(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Self {
        self.set_label(name.into(), value.into());
        self
    }

    pub(crate) fn set_label(&mut self, name: Cow<'static, str>, value: Cow<'static, str>) {
        match self.labels.iter_mut().find(|(known, _)| *known == name) {
            Some(label) => label.1 = value,
            None => self.labels.push((name, value)),
        }
    }

    /// What `self` says, and where it is silent what `weaker` says.
    pub(crate) fn or(mut self, weaker: &Self) -> Self {
        self.off = self.off.or(weaker.off);
        self.streaming = self.streaming.or(weaker.streaming);
        self.tenant_optional = self.tenant_optional.or(weaker.tenant_optional);
        self.sampling = self.sampling.or(weaker.sampling);
        self.slow = self.slow.or(weaker.slow);
        self.access_line = self.access_line.or(weaker.access_line);
        for (name, value) in &weaker.labels {
            if !self.labels.iter().any(|(known, _)| known == name) {
                self.labels.push((name.clone(), value.clone()));
            }
        }
        self
    }

    /// The names of the labels that it sets.
    pub fn label_names(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(|(name, _)| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::RoutePolicy;

    #[test]
    fn the_stronger_place_wins_field_by_field() {
        let table = RoutePolicy::new().off().label("plan", "free").label("team", "web");
        let handler = RoutePolicy::new().measured(true).label("plan", "gold");
        let merged = handler.or(&table);
        assert_eq!(merged.off, Some(false));
        assert_eq!(merged.labels, [("plan".into(), "gold".into()), ("team".into(), "web".into())]);
    }
}
