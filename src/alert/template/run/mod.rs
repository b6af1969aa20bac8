//! From a tree and data to text.

mod context;
mod executor;
mod methods;

pub(crate) use crate::alert::template::run::context::Context;
pub(crate) use crate::alert::template::run::executor::{Definitions, Executor, Mode};
pub(crate) use crate::alert::template::run::methods::between;
