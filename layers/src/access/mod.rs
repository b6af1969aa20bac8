//! One log line per exchange, at its true end.
//!
//! The line is an event of level INFO with the target `tower_watch::access`, outside of the request's span and independent of
//! its level, so that it is there with any subscriber: with `tracing_subscriber::fmt`, with tower-watch's JSON lines, with a
//! collector of OpenTelemetry's.
