//! Durations as Prometheus and Alertmanager write them: `1h30m`.
//!
//! Numbers with units from large to small, each at most once: `y`, `w`, `d`, `h`, `m`, `s`, `ms`
//! (<https://prometheus.io/docs/alerting/latest/configuration/>, `<duration>`). Up to 292 years, in milliseconds.
//!
//! For serde: `#[serde(with = "crate::alert::config::duration")]`, or
//! `#[serde(default, deserialize_with = "crate::alert::config::duration::optional")]`.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserializer, Error, Visitor};

use crate::promql::units::UNITS;

/// Upstream counts in nanoseconds of 64 bits.
const LONGEST: i64 = i64::MAX / 1_000_000;

/// Reads one.
///
/// # Errors
///
/// What is no duration, with how to write one.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    milliseconds(text).map(Duration::from_millis).map_err(|mend| {
        let shown: String = text.chars().take(40).collect();
        format!("{shown:?} is no duration: {mend}")
    })
}

fn milliseconds(text: &str) -> Result<u64, &'static str> {
    const FORM: &str = "write numbers with units from large to small, as in 30s, 5m, 1h30m or 1d";
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut total: i64 = 0;
    if rest.is_empty() {
        return Err(FORM);
    }
    while !rest.is_empty() {
        let (count, after) = rest.split_at(rest.find(|next: char| !next.is_ascii_digit()).ok_or(FORM)?);
        let letters = after.find(|next: char| next.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let unit = units.find(|known| known.name == unit && !count.is_empty()).ok_or(FORM)?;
        let part = count.parse::<i64>().ok().and_then(|count| count.checked_mul(unit.milliseconds));
        total = part
            .and_then(|part| total.checked_add(part))
            .filter(|total| *total <= LONGEST)
            .ok_or("it is longer than 292 years; write a shorter one")?;
        rest = after;
    }
    Ok(total.unsigned_abs())
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration as in 30s, 5m or 1h30m")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).map_err(E::custom)
    }
}

/// For `deserialize_with`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_str(Text)
}

/// For `deserialize_with` of an `Option<Duration>`.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    struct Perhaps;

    impl<'de> Visitor<'de> for Perhaps {
        type Value = Option<Duration>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            Text.expecting(f)
        }

        fn visit_none<E>(self) -> Result<Option<Duration>, E> {
            Ok(None)
        }

        fn visit_unit<E>(self) -> Result<Option<Duration>, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Duration>, D::Error> {
            deserialize(deserializer).map(Some)
        }
    }

    deserializer.deserialize_option(Perhaps)
}

/// A duration that is read as one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Written(pub(crate) Duration);

impl<'de> serde::Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::parse;

    #[test]
    fn durations_are_those_of_prometheus() {
        for (text, milliseconds) in [
            ("0", 0),
            ("0s", 0),
            ("1ms", 1),
            ("30s", 30_000),
            ("1h30m", 5_400_000),
            ("1d", 86_400_000),
            ("1w2d", 9 * 86_400_000),
            ("1y", 365 * 86_400_000),
            ("292y", 292 * 365 * 86_400_000),
            ("0h5m", 300_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_told_how_to_be_one() {
        for text in ["", "5", "s", "5 m", "-5m", "1m1h", "1m1m", "1.5h", "5min", "1h ", "٣s"] {
            let error = parse(text).unwrap_err();
            let told =
                "is no duration: write numbers with units from large to small, as in 30s, 5m, 1h30m or 1d";
            assert!(error.ends_with(told), "{text}: {error}");
        }
        for text in ["300y", "99999999999999999999s"] {
            assert!(
                parse(text).unwrap_err().ends_with("it is longer than 292 years; write a shorter one"),
                "{text}"
            );
        }
    }
}
