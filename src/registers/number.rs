//! How a float is spelled in an exposition.

use std::fmt;

/// A sample's value: the shortest decimal that reads back as the same float, `+Inf`, `-Inf` or `NaN`.
pub(crate) struct Number(pub(crate) f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value) = *self;
        let size = value.abs();
        if value.is_nan() {
            f.write_str("NaN")
        } else if value.is_infinite() {
            f.write_str(if value > 0.0 { "+Inf" } else { "-Inf" })
        } else if size != 0.0 && !(1e-6..1e17).contains(&size) {
            write!(f, "{value:e}")
        } else {
            write!(f, "{value}")
        }
    }
}

/// A bucket's bound: the canonical number of OpenMetrics (`1.0`, `0.005`, `1e+06`, `+Inf`), which is Go's `%g`
/// with a `.0` where neither a point nor an exponent shows that it is a float.
///
/// Both formats use it, so that a series does not change its `le` when a scraper negotiates the other one.
pub(crate) struct Bound(pub(crate) f64);

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bound) = *self;
        if !bound.is_finite() {
            return Number(bound).fmt(f);
        }
        let scientific = format!("{bound:e}");
        let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        match exponent.parse::<i32>() {
            Ok(exponent) if !(-4..6).contains(&exponent) && bound != 0.0 => {
                let sign = if exponent < 0 { '-' } else { '+' };
                write!(f, "{digits}e{sign}{:02}", exponent.unsigned_abs())
            }
            _ => write!(f, "{bound:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_reads_back_as_itself() {
        for (value, text) in [
            (0.0, "0"),
            (5.0, "5"),
            (0.25, "0.25"),
            (1_234_567.0, "1234567"),
            (1e300, "1e300"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(Number(value).to_string(), text);
        }
    }

    #[test]
    fn a_bound_is_canonical() {
        for (bound, text) in [
            (0.0, "0.0"),
            (0.005, "0.005"),
            (0.00005, "5e-05"),
            (1.0, "1.0"),
            (10.0, "10.0"),
            (-2.5, "-2.5"),
            (256.0, "256.0"),
            (262_144.0, "262144.0"),
            (1e6, "1e+06"),
            (1_048_576.0, "1.048576e+06"),
            (67_108_864.0, "6.7108864e+07"),
            (1e100, "1e+100"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(Bound(bound).to_string(), text);
        }
    }
}
