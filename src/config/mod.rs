//! What comes from outside of the program: the environment.
//!
//! Everything that is read from there is read here, at the start, so that one place says what is looked at. What a
//! value means is the matter of whoever asks for it.
//!
//! | file | what it holds |
//! |---|---|
//! | `environment` | the environment itself |
//! | `typed` | variables that say what they accept, and what is wrong with those that are set |
//! | `text`, `numbers` | what variables accept |
//! | `propagators`, `propagators_row` | `OTEL_PROPAGATORS`; the same among the variables of OTLP |
//! | `sampler` | how much is sampled |

mod environment;
#[cfg(feature = "otlp")]
mod numbers;
mod propagators;
#[cfg(feature = "otlp")]
mod propagators_row;
mod sampler;
#[cfg(feature = "logs")]
mod text;
#[cfg(feature = "logs")]
#[cfg_attr(
    not(feature = "otlp"),
    allow(dead_code, reason = "the table of all variables, and most of what they accept, is OTLP's")
)]
mod typed;

#[cfg(feature = "logs")]
pub(crate) use crate::config::environment::{Lookup, of_process};
pub(crate) use crate::config::environment::{VariableError, variable};
#[cfg(feature = "otlp")]
pub(crate) use crate::config::numbers::{BOOLEAN, COUNT, MILLISECONDS, SIZE};
pub(crate) use crate::config::propagators::propagation;
#[cfg(feature = "otlp")]
pub(crate) use crate::config::propagators_row::PROPAGATORS;
pub(crate) use crate::config::sampler::SamplerVariables;
#[cfg(feature = "logs")]
pub(crate) use crate::config::text::{TEXT, pairs};
#[cfg(feature = "otlp")]
pub(crate) use crate::config::typed::Row;
#[cfg(feature = "logs")]
pub(crate) use crate::config::typed::{Kind, Reader, Refused, Variable};
