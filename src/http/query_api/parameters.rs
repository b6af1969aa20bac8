//! What parameters mean: times, durations, limits and selectors.

use std::time::Duration;

use crate::http::query_api::answer::ApiError;
use crate::http::query_api::form::Form;
use crate::http::query_api::rfc3339;
use crate::promql::{Expr, Limits, Query};
use crate::series::{MatchOp, Matcher};

/// The earliest moment that upstream's clients send for "from the beginning", in milliseconds.
pub(crate) const MIN_TIME: i64 = -9_223_309_901_257_974_000;
/// The latest one.
pub(crate) const MAX_TIME: i64 = 9_223_309_901_257_974_999;

/// How these two are written; their years have more than four digits.
const MIN_TIME_TEXT: &str = "-292273086-05-16T16:47:06Z";
const MAX_TIME_TEXT: &str = "292277025-08-18T07:12:54.999999999Z";

/// The most selectors of a lookup. Each is held against all series, without a look at the clock.
const SELECTORS: usize = 100;

/// The most regular expressions in all of them, as in one query.
const PATTERNS: usize = 100;

/// From when to when, in milliseconds, both ends included; everything where nothing is said.
pub(crate) fn range_of(form: &Form) -> Result<(i64, i64), ApiError> {
    let start = optional_time(form, "start")?.unwrap_or(MIN_TIME);
    let end = optional_time(form, "end")?.unwrap_or(MAX_TIME);
    Ok((start, end))
}

/// A moment that may be left out.
pub(crate) fn optional_time(form: &Form, name: &str) -> Result<Option<i64>, ApiError> {
    let text = form.get(name);
    if text.is_empty() { Ok(None) } else { required_time(form, name).map(Some) }
}

/// A moment that must be there.
pub(crate) fn required_time(form: &Form, name: &str) -> Result<i64, ApiError> {
    let text = form.get(name);
    time(text)
        .ok_or_else(|| ApiError::parameter(name, format_args!("cannot parse {text:?} to a valid timestamp")))
}

fn time(text: &str) -> Option<i64> {
    if let Some(seconds) = float(text) {
        // As upstream: whole milliseconds, the nearest. What lies outside of its bounds is put to them.
        let (whole, part) = (seconds.trunc(), seconds.fract());
        let millis = (part * 1_000.0).round() as i64;
        let whole = (whole as i64).clamp(MIN_TIME / 1_000, MAX_TIME / 1_000);
        return Some((whole * 1_000).saturating_add(millis).clamp(MIN_TIME, MAX_TIME));
    }
    match text {
        MIN_TIME_TEXT => Some(MIN_TIME),
        MAX_TIME_TEXT => Some(MAX_TIME),
        _ => rfc3339::parse(text),
    }
}

/// A duration in milliseconds; positive, negative or zero.
pub(crate) fn duration(text: &str) -> Result<i64, String> {
    if let Some(seconds) = float(text) {
        // Upstream counts nanoseconds in 64 bits.
        if (seconds * 1e9).abs() > i64::MAX as f64 {
            return Err(format!("cannot parse {text:?} to a valid duration. It overflows int64"));
        }
        return Ok((seconds * 1_000.0) as i64);
    }
    units(text).ok_or_else(|| format!("cannot parse {text:?} to a valid duration"))
}

/// A finite number.
fn float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// `1h30m`: numbers with units from the largest to the smallest, each once.
fn units(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 7] = [
        ("y", 31_536_000_000),
        ("w", 604_800_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ];
    let (mut rest, mut from, mut sum) = (text, 0, 0_i64);
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let at = UNITS[from..].iter().position(|(name, _)| *name == unit)? + from;
        sum = number.parse::<i64>().ok()?.checked_mul(UNITS[at].1).and_then(|part| sum.checked_add(part))?;
        (rest, from) = (after, at + 1);
    }
    (!text.is_empty()).then_some(sum)
}

/// How many items the answer may have; 0 is no limit.
pub(crate) fn limit(form: &Form) -> Result<usize, ApiError> {
    let text = form.get("limit");
    if text.is_empty() {
        return Ok(0);
    }
    match text.parse::<i64>() {
        Ok(limit) => {
            usize::try_from(limit).map_err(|_| ApiError::parameter("limit", "limit must be non-negative"))
        }
        Err(_) => Err(ApiError::parameter("limit", format_args!("cannot parse {text:?} to a whole number"))),
    }
}

/// The limits of the engine, with what the request asks for. It cannot ask for more time than there is.
pub(crate) fn limits(form: &Form, limits: Limits) -> Result<Limits, ApiError> {
    let mut limits = limits;
    let positive =
        |millis: i64| u64::try_from(millis).ok().filter(|millis| *millis > 0).map(Duration::from_millis);
    match form.get("timeout") {
        "" => {}
        text => {
            let asked = duration(text).map_err(|fault| ApiError::parameter("timeout", fault))?;
            limits.timeout = limits.timeout.min(positive(asked).unwrap_or_default());
        }
    }
    match form.get("lookback_delta") {
        "" => {}
        text => {
            let asked = duration(text).map_err(|fault| {
                ApiError::bad_data(format!("error parsing lookback delta duration: {fault}"))
            })?;
            limits.lookback = positive(asked).unwrap_or(limits.lookback);
        }
    }
    Ok(limits)
}

/// The selectors in `match[]`.
pub(crate) fn selectors(form: &Form) -> Result<Vec<Vec<Matcher>>, ApiError> {
    let mut selectors = Vec::new();
    let mut patterns = 0;
    for text in form.all("match[]") {
        if selectors.len() == SELECTORS {
            return Err(ApiError::parameter(
                "match[]",
                format_args!("there are more than {SELECTORS} of them"),
            ));
        }
        let selector = selector(text)?;
        patterns += selector
            .iter()
            .filter(|matcher| matches!(matcher.op(), MatchOp::Regex | MatchOp::NotRegex))
            .count();
        if patterns > PATTERNS {
            let fault = format_args!("there are more than {PATTERNS} regular expressions in all of them");
            return Err(ApiError::parameter("match[]", fault));
        }
        selectors.push(selector);
    }
    Ok(selectors)
}

fn selector(text: &str) -> Result<Vec<Matcher>, ApiError> {
    let query = Query::parse(text).map_err(|fault| ApiError::parameter("match[]", fault))?;
    match query.expr() {
        Expr::Selector(selector)
            if selector.offset == 0 && selector.at.is_none() && selector.extension.is_none() =>
        {
            Ok(selector.matchers.clone())
        }
        other => {
            let fault = format!("{text:?} is not a selector, but {}", described(other));
            Err(ApiError::parameter("match[]", fault))
        }
    }
}

fn described(expr: &Expr) -> &'static str {
    match expr {
        Expr::Selector(_) => "has an offset, an @ or a modifier; leave it out",
        Expr::Matrix(_) => "has a range; leave it out",
        _ => "another expression",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_or_rfc_3339() {
        for (text, millis) in [
            ("4", 4_000),
            ("1435781430.781", 1_435_781_430_781),
            ("1435781430.7816", 1_435_781_430_782),
            ("-1.5", -1_500),
            ("1e3", 1_000_000),
            ("2015-07-01T20:10:30.781Z", 1_435_781_430_781),
            (MIN_TIME_TEXT, MIN_TIME),
            (MAX_TIME_TEXT, MAX_TIME),
            ("-9223309901257974", MIN_TIME),
            ("9223309901257974.999", 9_223_309_901_257_974_999),
            ("1e300", MAX_TIME),
            ("-1e300", MIN_TIME),
        ] {
            // A float has no place for all three decimals out there.
            let read = time(text).unwrap_or_default();
            assert!(
                read.abs_diff(millis) < 1_000 && (millis.abs() > 1 << 50 || read == millis),
                "{text}: {read}"
            );
        }
        for text in ["", "now", "NaN", "Inf", "-inf", "1_000", "0x10", "2015-07-01"] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn a_duration_is_a_number_or_units() {
        for (text, millis) in [
            ("15", 15_000),
            ("0.25", 250),
            ("-1", -1_000),
            ("0", 0),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("1y2w3d4h5m6s7ms", 31_536_000_000 + 1_209_600_000 + 273_906_007),
            ("0s", 0),
        ] {
            assert_eq!(duration(text), Ok(millis), "{text}");
        }
        for text in [
            "",
            "m",
            "5",
            "5 m",
            "30m1h",
            "1m1m",
            "1.5h",
            "-5m",
            "5mm",
            "5M",
            "99999999999999y",
            "NaN",
            "1e20",
        ] {
            assert_eq!(duration(text).is_ok(), text == "5", "{text}");
        }
    }
}
