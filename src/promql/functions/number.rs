//! Numbers in labels: the `le` of a bucket, and the value that `count_values` counts.

/// A bucket's bound as Prometheus reads it: a decimal number with or without an exponent, `Inf`, `+Inf`, `NaN`.
/// Nothing for another text, a number that no float is near, and the hexadecimal that Go would also read.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    let spelled = text.contains(['i', 'I', 'n', 'N']);
    let signed_nan = value.is_nan() && text.starts_with(['+', '-']);
    if signed_nan || (value.is_infinite() && !spelled) { None } else { Some(value) }
}

/// The shortest decimal that reads back as the value, never with an exponent: `strconv.FormatFloat(value, 'f', -1, 64)`
/// of Go.
pub(crate) fn format(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read() {
        for (text, value) in [
            ("0.1", Some(0.1)),
            ("+5", Some(5.0)),
            ("1e-05", Some(1e-5)),
            ("+Inf", Some(f64::INFINITY)),
            ("-inf", Some(f64::NEG_INFINITY)),
            ("infinity", Some(f64::INFINITY)),
            ("1e999", None),
            ("+NaN", None),
            ("", None),
            (" 1", None),
            ("five", None),
        ] {
            assert_eq!(parse(text), value, "{text}");
        }
        assert!(parse("NaN").is_some_and(f64::is_nan));
    }

    #[test]
    fn values_are_written_without_exponent() {
        for (value, text) in [
            (6.0, "6"),
            (0.1, "0.1"),
            (1e21, "1000000000000000000000"),
            (5e-7, "0.0000005"),
            (-0.0, "-0"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(format(value), text);
        }
    }
}
