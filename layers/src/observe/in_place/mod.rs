//! Request bodies whose bytes are counted without changing their type: the web framework's own.

#[cfg(feature = "axum")]
mod axum;
#[cfg(not(feature = "axum"))]
mod bare;

#[cfg(feature = "axum")]
pub(crate) use self::axum::{counted, counts};
#[cfg(not(feature = "axum"))]
pub(crate) use self::bare::{counted, counts};
