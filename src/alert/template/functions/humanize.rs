//! Numbers for people: four digits, and a prefix or a unit. The rules are those of Prometheus' template reference
//! (<https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#numbers>).

use crate::alert::template::go::general;

const LARGE: [&str; 8] = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL: [&str; 8] = ["m", "u", "n", "p", "f", "a", "z", "y"];
const BINARY: [&str; 8] = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

fn is_plain(value: f64) -> bool {
    value == 0.0 || !value.is_finite()
}

/// With a metric prefix: `1.235M`.
pub(crate) fn metric(value: f64) -> String {
    if is_plain(value) {
        return general(value, 4);
    }
    let (value, prefix) = match value.abs() >= 1.0 {
        true => scaled(value, &LARGE, |value| value.abs() >= 1_000.0, |value| value / 1_000.0),
        false => small(value),
    };
    format!("{}{prefix}", general(value, 4))
}

/// With a binary prefix: `1Mi`.
pub(crate) fn binary(value: f64) -> String {
    if !value.is_finite() || value.abs() <= 1.0 {
        return general(value, 4);
    }
    let (value, prefix) = scaled(value, &BINARY, |value| value.abs() >= 1_024.0, |value| value / 1_024.0);
    format!("{}{prefix}", general(value, 4))
}

/// A ratio as a percentage: `12.35%`.
pub(crate) fn percentage(value: f64) -> String {
    format!("{}%", general(value * 100.0, 4))
}

/// Seconds with their units: `1d 2h 3m 4s`, `899.9ms`.
pub(crate) fn duration(value: f64) -> String {
    if !value.is_finite() {
        return general(value, 4);
    }
    if value == 0.0 {
        return format!("{}s", general(value, 4));
    }
    if value.abs() < 1.0 {
        let (value, prefix) = small(value);
        return format!("{}{prefix}s", general(value, 4));
    }
    let sign = if value < 0.0 { "-" } else { "" };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole seconds, as many as there can be"
    )]
    let whole = value.abs() as u64;
    let (seconds, minutes, hours, days) = (whole % 60, whole / 60 % 60, whole / 3_600 % 24, whole / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{}s", general(value.abs(), 4)),
        (0, 0, _) => format!("{sign}{minutes}m {seconds}s"),
        (0, _, _) => format!("{sign}{hours}h {minutes}m {seconds}s"),
        _ => format!("{sign}{days}d {hours}h {minutes}m {seconds}s"),
    }
}

fn small(value: f64) -> (f64, &'static str) {
    scaled(value, &SMALL, |value| value.abs() < 1.0, |value| value * 1_000.0)
}

fn scaled(
    mut value: f64,
    prefixes: &[&'static str],
    goes_on: fn(f64) -> bool,
    step: fn(f64) -> f64,
) -> (f64, &'static str) {
    let mut prefix = "";
    for next in prefixes {
        if !goes_on(value) {
            break;
        }
        prefix = next;
        value = step(value);
    }
    (value, prefix)
}
