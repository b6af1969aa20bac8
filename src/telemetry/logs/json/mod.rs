//! Log lines as JSON, one object to a line.
//!
//! | file | what it holds |
//! |---|---|
//! | `layer` | [`JsonLayer`] |
//! | `form` | what all lines of a layer have in common |
//! | `callsite` | what all lines of a callsite have in common: its keys, escaped |
//! | `line` | one line: the visitor of an event's fields |
//! | `error` | an error with the chain of its causes |
//! | `escape` | a text as a JSON string |
//! | `number` | a number as JSON |

mod callsite;
mod error;
mod escape;
mod form;
mod layer;
mod line;
mod number;

pub use self::layer::JsonLayer;
