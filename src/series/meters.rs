//! What the store says of itself, in the registers that it reads.

use metrics::{Counter, Gauge, Key, Level, Metadata, Recorder, Unit};

use crate::registers::Registers;

const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// Handles to the store's own metrics.
#[derive(Debug)]
pub(crate) struct Meters {
    pub(crate) series: Gauge,
    pub(crate) bytes: Gauge,
    pub(crate) duration: Gauge,
    pub(crate) lag: Gauge,
    pub(crate) overflow: Counter,
}

impl Meters {
    pub(crate) fn new(registers: &Registers) -> Self {
        let gauge = |name: &'static str, unit: Unit, help: &'static str| {
            registers.describe_gauge(name.into(), Some(unit), help.into());
            registers.register_gauge(&Key::from_name(name), &METADATA)
        };
        let overflow = "tower_watch_series_overflow_total";
        registers.describe_counter(
            overflow.into(),
            Some(Unit::Count),
            "Label sets that found no place in the series store and were added up in one series of their name.".into(),
        );
        Self {
            series: gauge("tower_watch_series", Unit::Count, "Series in the series store."),
            bytes: gauge(
                "tower_watch_series_bytes",
                Unit::Bytes,
                "Memory of the series store, by its own account.",
            ),
            duration: gauge(
                "tower_watch_tick_duration_seconds",
                Unit::Seconds,
                "How long the last reading of all registers took.",
            ),
            lag: gauge(
                "tower_watch_tick_lag_seconds",
                Unit::Seconds,
                "How late the last reading of all registers began.",
            ),
            overflow: registers.register_counter(&Key::from_name(overflow), &METADATA),
        }
    }
}
