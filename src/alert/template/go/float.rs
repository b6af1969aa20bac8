//! Floats.

/// From this power of ten on a float has an exponent.
const LARGE: i32 = 6;

/// As `%v` writes it: the shortest text that reads back as the same, with an exponent below 1e-4, and from 1e+06 on.
pub(crate) fn float(value: f64) -> String {
    if !value.is_finite() {
        return endless(value);
    }
    let scientific = format!("{value:e}");
    let (digits, power) = split(&scientific);
    if (-4..LARGE).contains(&power) { value.to_string() } else { with_exponent(digits, power) }
}

/// As `%.4g` writes it for 4: so many digits, without zeros at the end.
pub(crate) fn general(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return endless(value);
    }
    let digits = digits.max(1);
    let scientific = format!("{value:.*e}", digits - 1);
    let (mantissa, power) = split(&scientific);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    match i32::try_from(digits).unwrap_or(i32::MAX) {
        all if power >= -4 && power < all => {
            let after = usize::try_from(all - 1 - power).unwrap_or(0);
            trimmed(&format!("{value:.after$}"))
        }
        _ => with_exponent(&trimmed(mantissa), power),
    }
}

/// As `%e` writes it, with so many digits after the point, or as few as tell it from all others.
pub(crate) fn exponent(value: f64, after: Option<usize>) -> String {
    if !value.is_finite() {
        return endless(value);
    }
    let scientific = match after {
        Some(after) => format!("{value:.after$e}"),
        None => format!("{value:e}"),
    };
    let (mantissa, power) = split(&scientific);
    with_exponent(mantissa, power)
}

/// As `strconv.ParseFloat` reads a decimal number. What is too large is none.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    let spelled = text.contains(['i', 'I', 'n', 'N']);
    let signed_nan = value.is_nan() && text.starts_with(['+', '-']);
    (!signed_nan && (value.is_finite() || spelled)).then_some(value)
}

fn endless(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value > 0.0 {
        "+Inf".to_owned()
    } else {
        "-Inf".to_owned()
    }
}

fn split(scientific: &str) -> (&str, i32) {
    let (mantissa, power) = scientific.split_once('e').unwrap_or((scientific, "0"));
    (mantissa, power.parse().unwrap_or(0))
}

fn with_exponent(mantissa: &str, power: i32) -> String {
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", power.unsigned_abs())
}
