//! What templates can call: the table is in [`template`](crate::alert::template).

mod alertmanager;
mod builtin;
mod compare;
mod function;
mod humanize;
mod pattern;
mod prometheus;
mod shared;

pub(crate) use crate::alert::template::functions::function::{Arity, Call, Dialect, Function};
