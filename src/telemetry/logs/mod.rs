//! Log lines: JSON or text, with the ids of the request that they were written in.

mod settings;

pub(crate) use self::settings::LogSettings;
