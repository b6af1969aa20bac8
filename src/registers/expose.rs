//! `/metrics` in the text format 0.0.4 and in OpenMetrics 1.0.0.
//!
//! The lines are written by `metrics_exporter_prometheus::formatting`, with three things kept out of its hands,
//! each because it would change what is exposed:
//!
//! - its `unit` parameter, which adds the unit to a name, and its `suffix` parameter, which is left out where a
//!   name happens to end with those letters (`discount` and `count`): names are given whole;
//! - backslashes: it takes two for one that is escaped already, so that different values would become one. A
//!   value with each backslash doubled is what it escapes right;
//! - help texts in OpenMetrics, which escapes the double quote there too.
//!
//! OpenMetrics wants a counter's samples to end in `_total` and its family not to. A counter that does not, or
//! whose family name is also another metric's, is written as `unknown` under the name that it has: a series
//! must not change its name when a scraper negotiates another format.

use std::collections::HashSet;
use std::fmt::{Display, Write};
use std::time::UNIX_EPOCH;

use indexmap::IndexMap;
use metrics::{Key, Label, Unit};
use metrics_exporter_prometheus::LabelSet;
use metrics_exporter_prometheus::formatting::{
    sanitize_label_value, write_help_line, write_metric_line, write_type_line,
};

use crate::registers::catalog::{Catalog, Description};
use crate::registers::exemplars::Exemplar;
use crate::registers::format::Format;
use crate::registers::number::{Bound, Number};
use crate::registers::series::{Kind, SeriesKey};
use crate::registers::snapshot::{HistogramSnapshot, Series, SeriesValue, Snapshot};

/// What stands in for a description that nobody gave.
const NOT_DESCRIBED: &str = "Not described by the code that records it.";

/// Writes all series of a snapshot.
pub(crate) fn render(snapshot: &Snapshot, catalog: &Catalog, format: Format) -> String {
    let mut page = Page { text: String::new(), format, catalog, taken: HashSet::new() };
    let series: Vec<&Series> = snapshot.iter().collect();
    for family in series.chunk_by(|a, b| a.key.name() == b.key.name()) {
        page.family(family);
    }
    if format == Format::OpenMetrics {
        page.text.push_str("# EOF\n");
    }
    page.text
}

struct Page<'a> {
    text: String,
    format: Format,
    catalog: &'a Catalog,
    /// The names that counters have in OpenMetrics and not in the text format.
    taken: HashSet<String>,
}

impl Page<'_> {
    fn family(&mut self, family: &[&Series]) {
        let Some(first) = family.first() else { return };
        let (kind, name) = (first.key.kind(), first.key.name());
        let description = self.catalog.description(kind, name);
        let (shown, shown_kind) = self.family_name(kind, name);
        self.help(shown, &description);
        write_type_line(&mut self.text, shown, None, None, shown_kind);
        self.unit(shown, description.unit);
        for series in family {
            let labels = label_set(&series.key);
            match &series.value {
                SeriesValue::Counter(value) => self.line(name, &labels, None, value),
                SeriesValue::Gauge(value) => self.line(name, &labels, None, Number(*value)),
                SeriesValue::Histogram(histogram) => self.histogram(name, &labels, histogram),
            }
        }
    }

    /// The family's name and type in this format.
    fn family_name<'n>(&mut self, kind: Kind, name: &'n str) -> (&'n str, &'static str) {
        if self.format == Format::Text || kind != Kind::Counter {
            return (name, kind.as_str());
        }
        let Some(base) = name.strip_suffix("_total").filter(|base| !base.is_empty()) else {
            return (name, "unknown");
        };
        let own = [base.to_owned(), format!("{base}_created")];
        if own.iter().any(|name| self.catalog.is_taken(name) || self.taken.contains(name)) {
            return (name, "unknown");
        }
        self.taken.extend(own);
        (base, kind.as_str())
    }

    fn help(&mut self, name: &str, description: &Description) {
        let help = description.help.trim();
        let help = doubled(if help.is_empty() { NOT_DESCRIBED } else { help });
        match self.format {
            Format::Text => write_help_line(&mut self.text, name, None, None, &help),
            Format::OpenMetrics => {
                let _ = writeln!(self.text, "# HELP {name} {}", sanitize_label_value(&help));
            }
        }
    }

    fn unit(&mut self, name: &str, unit: Option<Unit>) {
        let unit = unit.filter(|unit| *unit != Unit::Count).map(|unit| unit.as_str());
        let ending = unit.filter(|unit| name.strip_suffix(unit).is_some_and(|stem| stem.ends_with('_')));
        if let (Format::OpenMetrics, Some(unit)) = (self.format, ending) {
            let _ = writeln!(self.text, "# UNIT {name} {unit}");
        }
    }

    fn histogram(&mut self, name: &str, labels: &LabelSet, histogram: &HistogramSnapshot) {
        let bucket = format!("{name}_bucket");
        for (index, (bound, count)) in histogram.buckets.iter().enumerate() {
            self.line(&bucket, labels, Some(("le", Bound(*bound))), count);
            if let Some(Some(exemplar)) = histogram.exemplars.get(index) {
                self.exemplar(exemplar);
            }
        }
        // OpenMetrics lets neither stand alone, and the sum only where it cannot go down.
        let lowest = histogram.buckets.first().map_or(0.0, |(bound, _)| *bound);
        if self.format == Format::Text || (lowest >= 0.0 && histogram.sum >= 0.0) {
            self.line(&format!("{name}_sum"), labels, None, Number(histogram.sum));
            self.line(&format!("{name}_count"), labels, None, histogram.count);
        }
    }

    fn line(
        &mut self,
        name: &str,
        labels: &LabelSet,
        le: Option<(&'static str, Bound)>,
        value: impl Display,
    ) {
        write_metric_line(&mut self.text, name, None, labels, le, value, None);
    }

    /// Adds an exemplar to the line that was just written.
    fn exemplar(&mut self, exemplar: &Exemplar) {
        if self.format == Format::Text {
            return;
        }
        self.text.truncate(self.text.trim_end_matches('\n').len());
        let since = exemplar.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (seconds, millis) = (since.as_secs(), since.subsec_millis());
        let _ = writeln!(
            self.text,
            " # {{trace_id=\"{}\"}} {} {seconds}.{millis:03}",
            exemplar.trace_id,
            Number(exemplar.value)
        );
    }
}

fn label_set(series: &SeriesKey) -> LabelSet {
    let labels: Vec<Label> =
        series.labels().map(|(name, value)| Label::new(name.to_owned(), doubled(value))).collect();
    LabelSet::from_key_and_global(&Key::from_parts("", labels), &IndexMap::new())
}

/// What `formatting` escapes into `value` itself.
fn doubled(value: &str) -> String {
    value.replace('\\', r"\\")
}
