//! What comes from outside of the program: the environment.
//!
//! Everything that is read from there is read here, at the start, so that one place says what is looked at. What a
//! value means is the matter of whoever asks for it.

mod environment;
mod sampler;

pub(crate) use crate::config::environment::{VariableError, variable};
pub(crate) use crate::config::sampler::SamplerVariables;
