//! A number as JSON.

use std::fmt::{Display, Write};

/// Appends an integer.
pub(crate) fn push_integer(out: &mut String, number: impl Display) {
    // Writing into a string does not fail.
    _ = write!(out, "{number}");
}

/// Appends a number of 128 bits: as a text where readers would lose digits.
pub(crate) fn push_wide(out: &mut String, number: impl Display, fits: bool) {
    _ = if fits { write!(out, "{number}") } else { write!(out, "\"{number}\"") };
}

/// Appends a floating-point number, with as many digits as tell it from its neighbours. JSON knows no others, so those become
/// the texts `NaN`, `Infinity` and `-Infinity`.
pub(crate) fn push_f64(out: &mut String, number: f64) {
    let written = match number {
        _ if number.is_finite() => write!(out, "{number:?}"),
        _ if number.is_nan() => out.write_str("\"NaN\""),
        _ if number > 0.0 => out.write_str("\"Infinity\""),
        _ => out.write_str("\"-Infinity\""),
    };
    _ = written;
}
