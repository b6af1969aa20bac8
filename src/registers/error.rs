//! What can be wrong with a configuration of the registers, or with installing them.

use std::error::Error;
use std::fmt;

/// What is wrong with a list of bucket bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum BucketFault {
    /// There is no finite bound.
    Empty,
    /// This bound is lower than the one before it.
    Unsorted(f64),
    /// This bound is there twice.
    Duplicate(f64),
    /// One of the bounds is not a number.
    NotANumber,
    /// A bound of minus infinity, under which nothing can fall; or plus infinity before the end.
    Infinite,
}

impl fmt::Display for BucketFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no finite bucket bound; give at least one"),
            Self::Unsorted(bound) => {
                write!(
                    f,
                    "the bucket bound {bound} is lower than the one before it; list them in increasing order"
                )
            }
            Self::Duplicate(bound) => write!(f, "the bucket bound {bound} is there twice; leave one out"),
            Self::NotANumber => f.write_str("one bucket bound is NaN; leave it out"),
            Self::Infinite => {
                f.write_str("one bucket bound is infinite; leave it out, the +Inf bucket is always there")
            }
        }
    }
}

/// Why [`RegistersBuilder::build`](crate::registers::RegistersBuilder::build) refused.
///
/// The message names the setting and says how to mend it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RegistersError {
    /// A list of buckets that makes no histogram.
    Buckets {
        /// The builder's setting, with its pattern.
        field: String,
        /// What is wrong with the list.
        fault: BucketFault,
    },
    /// A prefix, suffix or name that is empty, so that it would match everything or nothing.
    EmptyPattern {
        /// The builder's setting.
        field: String,
    },
    /// A label name that Prometheus does not accept or keeps for itself.
    LabelName {
        /// The builder's setting.
        field: String,
        /// The name that was given.
        name: String,
    },
    /// A time after which a series would be idle at once.
    ZeroExpiry {
        /// The builder's setting.
        field: String,
    },
}

impl fmt::Display for RegistersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Buckets { field, fault } => write!(f, "{field}: {fault}"),
            Self::EmptyPattern { field } => {
                write!(f, "{field}: the name is empty; name a metric, or use default_buckets for all of them")
            }
            Self::LabelName { field, name } => write!(
                f,
                "{field}: {name:?} cannot be a label name; use letters, digits and `_`, no digit first, \
                 no leading `__`, and neither `le` nor `quantile`"
            ),
            Self::ZeroExpiry { field } => {
                write!(f, "{field}: a series would be idle after no time at all; give a minute or more")
            }
        }
    }
}

impl Error for RegistersError {}

/// Why [`Registers::install_global`](crate::registers::Registers::install_global) refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstallError {
    /// Other [`Registers`](crate::registers::Registers) are the process's recorder already. These ones work
    /// locally, with `metrics::with_local_recorder`.
    OursAlready,
    /// Something else is the process's recorder already.
    Foreign,
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OursAlready => f.write_str(
                "other registers of tower-watch are the global metrics recorder of this process already; \
                 use these ones locally, with metrics::with_local_recorder",
            ),
            Self::Foreign => f.write_str(
                "another global metrics recorder is installed in this process already; \
                 either use these registers locally, with metrics::with_local_recorder, \
                 or do not install the other recorder: give it to Registers::builder().branch(..) \
                 and install these registers first",
            ),
        }
    }
}

impl Error for InstallError {}
