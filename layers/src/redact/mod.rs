//! Which values never reach a span, a log line or an error report: decided by the name of their key.
//!
//! One list serves all of them, so that what is secret in a log is secret in a trace. [`Redaction::is_secret`] asks for the key
//! of a field; [`Redaction::text`] looks into a text that somebody put together, for the keys of JSON, of query strings and of
//! headers in it, and for the passwords of URLs. Both are a net under the code that should not have said it, and no proof: a secret without its key goes through.

mod keys;
mod text;
mod url;

pub use self::keys::{REDACTED, Redaction};
