//! What variables accept: words, numbers, times.

use std::time::Duration;

use crate::config::{Kind, Refused};

/// `true` or `false`, in upper or lower case.
pub(crate) const BOOLEAN: Kind<bool> =
    Kind { accepts: "`true` or `false`", parse: parse_boolean, is_secret: false };

/// A time above zero.
pub(crate) const MILLISECONDS: Kind<Duration> =
    Kind { accepts: "milliseconds, a whole number from 1", parse: parse_milliseconds, is_secret: false };

/// A number of things, none included.
pub(crate) const COUNT: Kind<usize> =
    Kind { accepts: "a whole number from 0", parse: parse_count, is_secret: false };

/// A number of things, one at least.
pub(crate) const SIZE: Kind<usize> =
    Kind { accepts: "a whole number from 1", parse: parse_size, is_secret: false };

fn parse_boolean(value: &str) -> Result<bool, Refused> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Refused::Other),
    }
}

fn parse_milliseconds(value: &str) -> Result<Duration, Refused> {
    match value.parse() {
        Ok(0) | Err(_) => Err(Refused::Other),
        Ok(milliseconds) => Ok(Duration::from_millis(milliseconds)),
    }
}

fn parse_count(value: &str) -> Result<usize, Refused> {
    value.parse().map_err(|_| Refused::Other)
}

fn parse_size(value: &str) -> Result<usize, Refused> {
    parse_count(value).and_then(|size| if size == 0 { Err(Refused::Other) } else { Ok(size) })
}
