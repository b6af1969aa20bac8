//! Moments as Alertmanager writes them: RFC 3339 with three decimals.

use jiff::Timestamp;
use serde::{Deserialize as _, Deserializer, Serializer, de};

/// The first moment of the year 2: what is before is Go's zero time, which stands for none.
const NONE_BEFORE: i64 = -62_104_060_800_000;

/// `2026-01-01T00:00:00.000Z`.
pub(crate) fn format(millis: i64) -> String {
    let moment = Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    });
    format!("{moment:.3}")
}

/// Milliseconds since the Unix epoch; `None` for Go's zero time.
pub(crate) fn parse(text: &str) -> Result<Option<i64>, String> {
    let moment: Timestamp =
        text.parse().map_err(|_| format!("{text:?} is no time such as 2026-01-01T00:00:00Z"))?;
    Ok(Some(moment.as_millisecond()).filter(|millis| *millis >= NONE_BEFORE))
}

pub(crate) fn serialize<S: Serializer>(millis: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format(*millis))
}

/// A time that need not be there.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map_or(Ok(None), |text| parse(&text).map_err(de::Error::custom))
}

#[cfg(test)]
mod tests {
    use super::{format, parse};

    #[test]
    fn a_moment_has_three_decimals_and_the_year_one_is_none() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_767_225_600_000, "2026-01-01T00:00:00.000Z"),
            (1_767_225_600_123, "2026-01-01T00:00:00.123Z"),
        ] {
            assert_eq!(format(millis), text);
            assert_eq!(parse(text), Ok(Some(millis)));
        }
        assert_eq!(parse("2026-01-01T01:00:00+01:00"), Ok(Some(1_767_225_600_000)));
        assert_eq!(parse("0001-01-01T00:00:00.000Z"), Ok(None));
        assert!(parse("tomorrow").unwrap_err().contains("is no time"));
        assert!(format(i64::MAX).starts_with("9999-"));
    }
}
