//! What is known of each metric name beside its numbers.

use metrics::Unit;

use crate::registers::catalog::Catalog;
use crate::registers::recorder::Registers;
use crate::registers::series::Kind;

/// The type, help and unit of one metric name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetricMetadata {
    /// The name, as it is exposed.
    pub name: String,
    /// The type.
    pub kind: Kind,
    /// What the code that records it says about it; empty where it says nothing.
    pub help: String,
    /// The unit that it declares.
    pub unit: Option<Unit>,
}

impl Registers {
    /// What is known of each name that was ever recorded, in the order of names.
    #[must_use]
    pub fn metadata(&self) -> Vec<MetricMetadata> {
        collect(self.catalog())
    }
}

fn collect(catalog: &Catalog) -> Vec<MetricMetadata> {
    let mut all: Vec<MetricMetadata> = catalog
        .families()
        .into_iter()
        .map(|family| {
            let description = catalog.description(family.kind, &family.name);
            let help = description.help.trim().to_owned();
            MetricMetadata { name: family.name.clone(), kind: family.kind, help, unit: description.unit }
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    // A name that was asked for twice under different spellings is one family.
    all.dedup_by(|a, b| a.name == b.name);
    all
}
