//! What the tests that ask at random share: series to ask about, and expressions to ask with.
//!
//! Both know the same names, so that a random expression mostly has an answer.

pub(crate) mod expressions;
pub(crate) mod series;
