//! The units of durations.

/// A unit of durations.
pub(crate) struct Unit {
    pub(crate) name: &'static str,
    pub(crate) milliseconds: i64,
    /// Whether it is only written where nothing is left over: 90 days are `90d`, and not `12w6d`.
    pub(crate) whole: bool,
}

/// In the order in which a duration must have them.
pub(crate) const UNITS: [Unit; 7] = [
    Unit { name: "y", milliseconds: 365 * 24 * 60 * 60 * 1000, whole: true },
    Unit { name: "w", milliseconds: 7 * 24 * 60 * 60 * 1000, whole: true },
    Unit { name: "d", milliseconds: 24 * 60 * 60 * 1000, whole: false },
    Unit { name: "h", milliseconds: 60 * 60 * 1000, whole: false },
    Unit { name: "m", milliseconds: 60 * 1000, whole: false },
    Unit { name: "s", milliseconds: 1000, whole: false },
    Unit { name: "ms", milliseconds: 1, whole: false },
];
