//! What the tests that ask at random share: series to ask about, and expressions to ask with.
//!
//! Both know the same names, so that a random expression mostly has an answer.

#![allow(dead_code, reason = "each test and benchmark takes what it needs")]

pub(crate) mod expressions;
pub(crate) mod remote_write;
pub(crate) mod series;
