//! Log lines as text, for people at a terminal.
//!
//! | file | what it holds |
//! |---|---|
//! | `layer` | [`TextLayer`] |
//! | `line` | one line: the visitor of an event's fields |
//! | `paint` | colours, and when there are any |
//! | `target` | the target of an event |
//! | `visible` | a text that moves no cursor |

mod layer;
mod line;
mod paint;
mod target;
mod visible;

pub use self::layer::TextLayer;

pub(crate) use self::paint::wants_colour;
