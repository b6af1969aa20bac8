//! Rule and routing files on disk: which there are, and whether they have changed.

mod glob;
mod text;

pub(crate) use crate::alert::files::glob::expand;
pub(crate) use crate::alert::files::text::text;
