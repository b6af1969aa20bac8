//! Names of labels and durations as Prometheus writes them.

use std::fmt;

use crate::promql::units::UNITS;
use crate::series::Quoted;

/// A label's name: as it is if it is a word, and otherwise quoted.
pub(crate) struct LabelName<'a>(pub(crate) &'a str);

impl fmt::Display for LabelName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |letter: u8| letter == b'_' || letter.is_ascii_alphanumeric();
        let plain =
            self.0.bytes().all(word) && self.0.bytes().next().is_some_and(|first| !first.is_ascii_digit());
        if plain { f.write_str(self.0) } else { Quoted(self.0).fmt(f) }
    }
}

/// A duration in milliseconds: `1h30m`.
pub(crate) struct Duration(pub(crate) i64);

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let mut rest = self.0.unsigned_abs();
        for unit in UNITS {
            let size = unit.milliseconds.unsigned_abs();
            let count = rest / size;
            if count == 0 || (unit.whole && !rest.is_multiple_of(size)) {
                continue;
            }
            write!(f, "{count}{}", unit.name)?;
            rest %= size;
        }
        Ok(())
    }
}
