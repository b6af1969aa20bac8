//! JSON, byte for byte as Prometheus writes it.
//!
//! Written here and not by a serializer, since two of the spellings are nobody else's: a sample's value is a string
//! with Go's shortest decimal, and a time has three decimals or none.

use std::fmt::Write as _;

/// A string, quoted and escaped.
pub(crate) fn string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // The angle brackets and the ampersand, so that no reader takes an answer for a page; the two
            // separators, because they end a line in JavaScript.
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// An array.
pub(crate) fn array<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    delimited(out, ['[', ']'], items, |out, item| write(out, item));
}

/// An array of strings.
pub(crate) fn strings<T: AsRef<str>>(out: &mut String, items: impl IntoIterator<Item = T>) {
    array(out, items, |out, item| string(out, item.as_ref()));
}

/// An object.
pub(crate) fn object<K: AsRef<str>, V>(
    out: &mut String,
    members: impl IntoIterator<Item = (K, V)>,
    mut write: impl FnMut(&mut String, V),
) {
    delimited(out, ['{', '}'], members, |out, (name, value)| {
        string(out, name.as_ref());
        out.push(':');
        write(out, value);
    });
}

/// An object whose values are strings.
pub(crate) fn labels<'a>(out: &mut String, labels: impl IntoIterator<Item = (&'a str, &'a str)>) {
    object(out, labels, string);
}

fn delimited<T>(
    out: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(close);
}

/// A time in milliseconds, as a number of seconds.
pub(crate) fn timestamp(out: &mut String, millis: i64) {
    let (size, sign) = (millis.unsigned_abs(), if millis < 0 { "-" } else { "" });
    let (seconds, fraction) = (size / 1000, size % 1000);
    let _ = match fraction {
        0 => write!(out, "{sign}{seconds}"),
        _ => write!(out, "{sign}{seconds}.{fraction:03}"),
    };
}

/// A sample's value, as a string.
pub(crate) fn value(out: &mut String, value: f64) {
    let size = value.abs();
    let exponential = size != 0.0 && !(1e-6..1e21).contains(&size);
    quoted(out, value, exponential);
}

/// A scalar's time: the shortest decimal, since upstream leaves scalars and strings to Go's own encoder.
pub(crate) fn scalar_timestamp(out: &mut String, millis: i64) {
    let _ = write!(out, "{}", millis as f64 / 1000.0);
}

/// A scalar's value, as a string, and never with an exponent.
pub(crate) fn scalar_value(out: &mut String, value: f64) {
    quoted(out, value, false);
}

/// A value as a string that always has an exponent: how upstream spells the value of an alert.
#[cfg(feature = "alerts")]
pub(crate) fn exponential(out: &mut String, value: f64) {
    quoted(out, value, true);
}

fn quoted(out: &mut String, value: f64, exponential: bool) {
    out.push('"');
    if value.is_nan() {
        out.push_str("NaN");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    } else if exponential {
        exponent(out, value);
    } else {
        let _ = write!(out, "{value}");
    }
    out.push('"');
}

/// `1e-07`: an exponent with its sign and at least two digits.
fn exponent(out: &mut String, value: f64) {
    let start = out.len();
    let _ = write!(out, "{value:e}");
    let Some(at) = out[start..].find('e').map(|at| start + at + 1) else { return };
    let digits = out.split_off(at);
    let (sign, digits) = digits.strip_prefix('-').map_or(('+', &*digits), |digits| ('-', digits));
    let _ = write!(out, "{sign}{digits:0>2}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn a_value_is_spelled_as_go_spells_it() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (41.5, "41.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-6, "0.000001"),
            (9.5e-7, "9.5e-07"),
            (-1e-7, "-1e-07"),
            (5e-324, "5e-324"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(written(|out| value(out, number)), format!("\"{text}\""));
        }
    }

    #[test]
    fn a_time_has_three_decimals_or_none() {
        for (millis, text) in [
            (0, "0"),
            (4_000, "4"),
            (1_435_781_430_781, "1435781430.781"),
            (1_100, "1.100"),
            (1_005, "1.005"),
            (-1, "-0.001"),
            (i64::MIN, "-9223372036854775.808"),
        ] {
            assert_eq!(written(|out| timestamp(out, millis)), text);
        }
    }

    #[test]
    fn a_scalar_is_spelled_as_go_would_by_itself() {
        for (number, text) in
            [(-0.0, "-0"), (1e-7, "0.0000001"), (1e21, "1000000000000000000000"), (f64::INFINITY, "+Inf")]
        {
            assert_eq!(written(|out| scalar_value(out, number)), format!("\"{text}\""));
        }
        for (millis, text) in [(0, "0"), (4_000, "4"), (1_700_000_000_500, "1700000000.5"), (-1, "-0.001")] {
            assert_eq!(written(|out| scalar_timestamp(out, millis)), text);
        }
    }

    #[test]
    fn a_string_reads_back_as_itself() {
        let text = "a\"b\\c\nd\re\tf\u{0}g\u{1f}h<i>&j\u{2028}k\u{1f600}é";
        let read: String = serde_json::from_str(&written(|out| string(out, text))).expect("JSON");
        assert_eq!(read, text);
        assert_eq!(written(|out| labels(out, [("a", "1"), ("b", "")])), r#"{"a":"1","b":""}"#);
        assert_eq!(written(|out| strings(out, ["x", "y"])), r#"["x","y"]"#);
    }
}
