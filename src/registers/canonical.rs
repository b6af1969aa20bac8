//! The one place where names and labels are made into what Prometheus accepts.

use metrics::{Key, Label};
use metrics_exporter_prometheus::formatting::{sanitize_label_key, sanitize_metric_name};

use crate::registers::series::Kind;

/// What goes before a label name that Prometheus keeps for itself; the word that Prometheus uses too.
const EXPORTED: &str = "exported_";

/// A metric's name as Prometheus accepts it.
pub(crate) fn metric_name(name: &str) -> String {
    if name.is_empty() { String::from("_") } else { sanitize_metric_name(name) }
}

/// A label's name as Prometheus accepts it on a metric of this type.
pub(crate) fn label_name(kind: Kind, name: &str) -> String {
    let name = sanitize_label_key(name);
    if name.is_empty() {
        String::from("_")
    } else if name.starts_with("__") || (kind == Kind::Histogram && name == "le") {
        format!("{EXPORTED}{name}")
    } else {
        name
    }
}

/// Whether an operator may give this name to a label that goes on everything.
pub(crate) fn is_global_label_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with("__")
        && !matches!(name, "le" | "quantile")
        && sanitize_label_key(name) == name
}

/// The key under which a series named `name` with the labels of `asked` is kept.
///
/// Labels that are empty, or that only repeat a global label, are left out: with them, two registers would be
/// exposed as one series. Of two labels with one name the last counts.
pub(crate) fn key(kind: Kind, name: String, asked: &Key, globals: &[Label]) -> Key {
    let mut labels: Vec<Label> = Vec::with_capacity(asked.labels().len());
    for label in asked.labels() {
        let mended = label_name(kind, label.key());
        labels.retain(|earlier| earlier.key() != mended);
        if mended == label.key() {
            labels.push(label.clone());
        } else {
            labels.push(Label::new(mended, label.value().to_owned()));
        }
    }
    labels.retain(|label| !label.value().is_empty() && !globals.contains(label));
    Key::from_parts(name, labels)
}
