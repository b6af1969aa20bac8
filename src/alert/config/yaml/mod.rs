//! YAML with the place of everything, read so that all mistakes of a text are told together.
//!
//! A text becomes a tree of [`Node`]s, which is then read into types by serde. Where a value does not fit, that is noted with its
//! line, column and key, the value is left out, and the rest is read. Scalars mean what they mean to Alertmanager's reader
//! (YAML 1.1: `yes` is true); a key that is given twice is a mistake, and so is one that nobody reads. Nothing that is quoted
//! in a message is a value: values may be secrets.
//!
//! What strangers could do with it is bounded: 4 MiB of text, 100,000 values after aliases are replaced by what they stand
//! for, 64 levels.

mod access;
mod decode;
mod error;
mod node;
mod placed;
mod read;
mod scalar;
mod suggest;

pub(crate) use crate::alert::config::yaml::decode::{Files, decode};
pub(crate) use crate::alert::config::yaml::node::{Node, Value};
pub(crate) use crate::alert::config::yaml::placed::Placed;
pub(crate) use crate::alert::config::yaml::read::read;
pub(crate) use crate::alert::config::yaml::suggest::nearest;
