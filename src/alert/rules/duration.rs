//! Durations as Prometheus writes them: `1h30m`.

use std::time::Duration;

use crate::promql::units::UNITS;

/// Prometheus counts in nanoseconds of 64 bits.
const LONGEST: i64 = i64::MAX / 1_000_000;

/// Reads one, or says how one is written.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let total = milliseconds(text).map_err(|mend| {
        let shown: String = text.chars().take(40).collect();
        format!("{shown:?} is no duration: {mend}")
    })?;
    Ok(Duration::from_millis(total))
}

fn milliseconds(text: &str) -> Result<u64, &'static str> {
    const FORM: &str = "write numbers with units from large to small, as in 30s, 5m, 1h30m or 1d";
    if text.is_empty() {
        return Err(FORM);
    }
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let (count, after) = rest.split_at(rest.find(|next: char| !next.is_ascii_digit()).ok_or(FORM)?);
        let letters = after.find(|next: char| next.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let unit = units.find(|known| known.name == unit && !count.is_empty()).ok_or(FORM)?;
        let part = count.parse::<i64>().ok().and_then(|count| count.checked_mul(unit.milliseconds));
        total = part
            .and_then(|part| total.checked_add(part))
            .filter(|total| *total <= LONGEST)
            .ok_or("it is longer than 292 years")?;
        rest = after;
    }
    Ok(total.unsigned_abs())
}

/// Writes one; what is less than a millisecond is left out.
pub(super) fn format(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if rest == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for unit in UNITS {
        let size = unit.milliseconds.unsigned_abs();
        let count = rest / size;
        if count == 0 || (unit.whole && !rest.is_multiple_of(size)) {
            continue;
        }
        text.push_str(&format!("{count}{}", unit.name));
        rest %= size;
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{format, parse};

    #[test]
    fn a_duration_reads_as_it_is_written() {
        for text in ["0s", "1ms", "30s", "1m30s", "1h", "90d", "1w", "1y", "1d12h"] {
            assert_eq!(format(parse(text).unwrap()), text);
        }
        assert_eq!(parse("0"), Ok(Duration::ZERO));
        assert_eq!(parse("90s").map(format), Ok("1m30s".to_owned()));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "5", "s", "5 m", "-5m", "1m1h", "1m1m", "1.5h", "5min", "300y"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
