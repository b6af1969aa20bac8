//! The identity of a series.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use crate::series::Quoted;

/// The label that holds a metric's name.
const NAME: &str = "__name__";

/// One label that is not the metric's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    /// The label's name.
    pub name: Arc<str>,
    /// Its value, never empty inside [`Labels`].
    pub value: Arc<str>,
}

/// A label set: the identity of a series, sorted by label name, without empty values.
///
/// A clone is two reference counts. The metric's name stands beside the other labels, so that what PromQL does most,
/// to drop it, copies nothing; everything here shows it as the label `__name__`, in its place in the order.
///
/// ```
/// use tower_watch::series::Labels;
///
/// let labels = Labels::new([("__name__", "up"), ("job", "shop"), ("zone", "")]);
/// assert_eq!(labels.to_string(), "up{job=\"shop\"}");
/// assert_eq!(labels.get("zone"), "");
/// assert_eq!(labels.without_name().to_string(), "{job=\"shop\"}");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Labels {
    name: Option<Arc<str>>,
    rest: Arc<[Label]>,
}

impl Labels {
    /// The set of these labels, in any order. An empty value is no label; of two with one name the last counts.
    pub fn new<N, V>(labels: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<Arc<str>>,
        V: Into<Arc<str>>,
    {
        let mut name = None;
        let mut rest: Vec<Label> = Vec::new();
        for (key, value) in labels {
            let label = Label { name: key.into(), value: value.into() };
            if &*label.name == NAME {
                name = Some(label.value);
            } else {
                rest.push(label);
            }
        }
        // Stable, so that the last of a name stays last.
        rest.sort_by(|a, b| a.name.cmp(&b.name));
        rest.dedup_by(|later, kept| {
            let same = later.name == kept.name;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        rest.retain(|label| !label.value.is_empty());
        Self { name: name.filter(|name| !name.is_empty()), rest: rest.into() }
    }

    /// The metric's name, if there is one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The value of a label, `__name__` included; empty where there is none, as in Prometheus.
    #[must_use]
    pub fn get(&self, label: &str) -> &str {
        if label == NAME {
            return self.name().unwrap_or("");
        }
        self.find(label).map_or("", |label| &label.value)
    }

    fn find(&self, name: &str) -> Option<&Label> {
        self.rest.iter().find(|label| &*label.name == name)
    }

    /// All labels in the order of their names, `__name__` in its place.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let at = self.rest.partition_point(|label| &*label.name < NAME);
        let before = self.rest[..at].iter().map(|label| (&*label.name, &*label.value));
        let after = self.rest[at..].iter().map(|label| (&*label.name, &*label.value));
        before.chain(self.name().map(|name| (NAME, name))).chain(after)
    }

    /// The labels other than the metric's name.
    #[must_use]
    pub fn rest(&self) -> &[Label] {
        &self.rest
    }

    /// How many labels there are, `__name__` included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rest.len() + usize::from(self.name.is_some())
    }

    /// Whether there is no label at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same set without the metric's name. Copies nothing.
    #[must_use]
    pub fn without_name(&self) -> Self {
        Self { name: None, rest: Arc::clone(&self.rest) }
    }

    /// The same set with this label added, replaced, or (by an empty value) removed.
    #[must_use]
    pub fn with(&self, name: &str, value: impl Into<Arc<str>>) -> Self {
        let value: Arc<str> = value.into();
        if name == NAME {
            return Self { name: Some(value).filter(|name| !name.is_empty()), rest: Arc::clone(&self.rest) };
        }
        let mut rest: Vec<Label> = self.rest.iter().filter(|label| &*label.name != name).cloned().collect();
        if !value.is_empty() {
            let at = rest.partition_point(|label| &*label.name < name);
            rest.insert(at, Label { name: name.into(), value });
        }
        Self { name: self.name.clone(), rest: rest.into() }
    }

    /// Only the labels that `keep` says yes to; it sees `__name__` as `__name__`.
    #[must_use]
    pub fn filter(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        let name = self.name.clone().filter(|_| keep(NAME));
        let rest = self.rest.iter().filter(|label| keep(&label.name)).cloned().collect();
        Self { name, rest }
    }
}

/// In the order of Prometheus: label by label, names before values, and a prefix before what it begins.
impl Ord for Labels {
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As PromQL writes it: `http_requests_total{method="GET"}`.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name().unwrap_or(""))?;
        if self.rest.is_empty() && self.name.is_some() {
            return Ok(());
        }
        f.write_char('{')?;
        for (index, label) in self.rest.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}={}", label.name, Quoted(&label.value))?;
        }
        f.write_char('}')
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
