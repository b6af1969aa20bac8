//! How often a text was cut.

use metrics::{Key, Level, Metadata, Unit};

use crate::facade::{self, SharedRecorder};

const NAME: &str = "tower_watch_span_attributes_truncated_total";

/// Counts texts that were cut. Looks its counter up each time: whoever sends such a text pays for it.
#[cold]
pub(crate) fn count(recorder: Option<&SharedRecorder>, truncated: u64) {
    const METADATA: Metadata<'static> = Metadata::new("tower_watch", Level::INFO, Some(module_path!()));
    facade::with_recorder(recorder, |recorder| {
        recorder.describe_counter(
            NAME.into(),
            Some(Unit::Count),
            "Attributes of spans that were longer than the limit, and were cut".into(),
        );
        recorder.register_counter(&Key::from_static_name(NAME), &METADATA).increment(truncated);
    });
}
