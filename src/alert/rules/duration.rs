//! Durations as Prometheus writes them: `1h30m`.

use std::time::Duration;

use crate::promql::units::UNITS;

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

    use crate::alert::config::duration::parse;
    use crate::alert::rules::duration::format;

    #[test]
    fn a_duration_is_written_as_it_reads() {
        for text in ["0s", "1ms", "30s", "1m30s", "1h", "90d", "1w", "1y", "1d12h"] {
            assert_eq!(format(parse(text).unwrap()), text);
        }
        assert_eq!(format(Duration::from_secs(90)), "1m30s");
        assert_eq!(format(Duration::from_nanos(1)), "0s");
    }
}
