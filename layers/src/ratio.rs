//! A share of all requests, from none to all.

use std::fmt;
use std::str::FromStr;

use crate::w3c::TraceId;

/// A share between 0 and 1, both included.
///
/// Kept as a threshold on the last 63 bits of a trace id, so that services that sample the same share choose the same traces,
/// as OpenTelemetry's `TraceIdRatioBased` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio {
    /// Of 2^63.
    threshold: u64,
}

/// A number that is no share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatioError {
    given: String,
}

impl fmt::Display for RatioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no share; give a number from 0 to 1, as in 0.1", self.given)
    }
}

impl std::error::Error for RatioError {}

const ALL: u64 = 1 << 63;

impl Ratio {
    /// None.
    pub const NONE: Self = Self { threshold: 0 };
    /// All.
    pub const ALL: Self = Self { threshold: ALL };

    /// This share.
    ///
    /// # Errors
    ///
    /// Names the number that is not between 0 and 1.
    pub fn new(share: f64) -> Result<Self, RatioError> {
        if !(0.0..=1.0).contains(&share) {
            return Err(RatioError { given: share.to_string() });
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it lies between 0 and 2^63"
        )]
        Ok(Self { threshold: (share * ALL as f64) as u64 })
    }

    /// The share as a number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.threshold as f64 / ALL as f64
    }

    /// Whether the share includes this trace.
    #[must_use]
    #[inline]
    pub fn includes(self, trace: TraceId) -> bool {
        let [.., a, b, c, d, e, f, g, h] = trace.to_bytes();
        u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1 < self.threshold
    }

    pub(crate) fn to_bits(self) -> u64 {
        self.threshold
    }

    pub(crate) fn from_bits(threshold: u64) -> Self {
        Self { threshold }
    }
}

impl FromStr for Ratio {
    type Err = RatioError;

    fn from_str(text: &str) -> Result<Self, RatioError> {
        let wrong = || RatioError { given: text.to_owned() };
        text.trim().parse().map_err(|_| wrong()).and_then(|share| Self::new(share).map_err(|_| wrong()))
    }
}
