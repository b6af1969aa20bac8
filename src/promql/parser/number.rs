//! The values of numbers and of durations.

use crate::promql::ast::Span;
use crate::promql::fault::{Fault, Quoted};
use crate::promql::units::UNITS;

/// The longest duration: Prometheus counts it in nanoseconds of 64 bits, which are about 292 years.
const LONGEST: i64 = i64::MAX / 1_000_000;

/// The value of a number without a sign. As in Go, `0x1f` is hexadecimal, a whole number that begins with 0 is octal
/// if it can be, and an underscore may stand between two digits.
pub(crate) fn number(text: &str, span: Span) -> Result<f64, Fault> {
    if text.eq_ignore_ascii_case("inf") {
        return Ok(f64::INFINITY);
    }
    if text.eq_ignore_ascii_case("nan") {
        return Ok(f64::NAN);
    }
    let bad = || Fault::new(span, format!("error parsing number: {} is none", Quoted(text)));
    if !underscores_between_digits(text) {
        return Err(bad());
    }
    let digits = text.replace('_', "");
    let whole = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hexadecimal) => {
            return i64::from_str_radix(hexadecimal, 16).map(|v| v as f64).map_err(|_| bad());
        }
        None if digits.len() > 1 && digits.starts_with('0') => i64::from_str_radix(&digits, 8),
        None => digits.parse(),
    };
    if let Ok(whole) = whole {
        return Ok(whole as f64);
    }
    let value: f64 = digits.parse().map_err(|_| bad())?;
    if value.is_infinite() {
        return Err(Fault::new(span, format!("error parsing number: {} is out of range", Quoted(text))));
    }
    Ok(value)
}

fn underscores_between_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |index: usize| {
        // After 0x too.
        bytes
            .get(index)
            .is_some_and(|byte| byte.is_ascii_hexdigit() || (index == 1 && matches!(byte, b'x' | b'X')))
    };
    bytes
        .iter()
        .enumerate()
        .all(|(index, byte)| *byte != b'_' || (index > 0 && digit(index - 1) && digit(index + 1)))
}

/// A duration in milliseconds.
pub(crate) fn duration(text: &str, span: Span) -> Result<i64, Fault> {
    let bad = || Fault::new(span, format!("not a valid duration string: {}", Quoted(text)));
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|next: char| !next.is_ascii_digit()).ok_or_else(bad)?;
        let (count, after) = rest.split_at(digits);
        let letters = after.find(|next: char| next.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        if count.is_empty() {
            return Err(bad());
        }
        let unit = units.find(|known| known.name == unit).ok_or_else(bad)?;
        let count: Option<i64> = count.parse().ok();
        total = count
            .and_then(|count| count.checked_mul(unit.milliseconds))
            .and_then(|part| total.checked_add(part))
            .filter(|total| *total <= LONGEST)
            .ok_or_else(|| Fault::new(span, format!("duration out of range: {}", Quoted(text))))?;
        rest = after;
    }
    Ok(total)
}

/// A number of seconds as a duration in milliseconds; what is less than one is cut off.
pub(crate) fn seconds(text: &str, span: Span) -> Result<i64, Fault> {
    let milliseconds = (number(text, span)? * 1e9).round() / 1e6;
    if milliseconds.is_nan() || milliseconds >= LONGEST as f64 {
        return Err(Fault::new(span, "duration out of range"));
    }
    Ok(milliseconds as i64)
}
