//! Log lines: JSON or text, with the ids of the request that they were written in.
//!
//! [`Logs`] says what is written and where to; [`TelemetryBuilder::logs`](crate::telemetry::TelemetryBuilder::logs) takes it. For
//! a subscriber of one's own, [`JsonLayer`] and [`TextLayer`] are plain layers, and [`Sink::open`] makes a writer for them, or for
//! `tracing_subscriber::fmt`, that never blocks.
//!
//! | file | what it holds |
//! |---|---|
//! | `settings` | [`Logs`] |
//! | `level` | which lines are written, and how that is changed |
//! | `keys` | [`Keys`]: what the parts of a JSON line are called |
//! | `json/`, `text/` | [`JsonLayer`], [`TextLayer`] |
//! | `ids` | whose line it is |
//! | `plan`, `buffers`, `value`, `timestamp` | what both kinds of lines are made with |
//! | `sink/` | [`Sink`], [`LogWriter`]: standard output, or a file that is rotated |
//! | `outlet` | a place of lines, as the handle sees it |

mod buffers;
mod ids;
mod json;
mod keys;
pub(crate) mod level;
mod outlet;
mod plan;
mod settings;
mod sink;
mod text;
mod timestamp;
mod value;

pub use self::json::JsonLayer;
pub use self::keys::Keys;
pub use self::settings::Logs;
pub use self::sink::{FileSink, LogLine, LogWriter, Rotation, Sink};
pub use self::text::TextLayer;

pub(crate) use self::level::LevelControl;
pub(crate) use self::settings::LogSettings;
#[cfg(feature = "sentry")]
pub(crate) use self::value::push_bounded;
