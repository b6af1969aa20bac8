//! Errors and panics to Sentry.

mod settings;

pub(crate) use self::settings::SentrySettings;
