//! Where lines go, without anybody waiting for it.
//!
//! Whoever logs puts its line into a queue that is bounded by bytes; a thread of its own writes what is there. A full disk, a
//! closed pipe and a slow terminal are that thread's trouble: lines are dropped, and once a minute a line says how many.
//!
//! `tower_watch_telemetry_exported_total{signal="logs"}` counts the lines that were written, at all places, and
//! `tower_watch_telemetry_dropped_total{signal="logs",reason}` those that were not: `queue_full`, `write_failed`.
//!
//! | file | what it holds |
//! |---|---|
//! | `settings` | [`Sink`], [`FileSink`], [`Rotation`]: what there is to say |
//! | `writer` | [`LogWriter`]: what a layer writes to |
//! | `queue` | the queue |
//! | `worker` | the thread |
//! | `losses` | why lines are lost |
//! | `output` | standard output and standard error |
//! | `file` | a file that is rotated |

mod file;
mod losses;
mod output;
mod queue;
mod settings;
mod worker;
mod writer;

pub use self::settings::{FileSink, Rotation, Sink};
pub use self::writer::{LogLine, LogWriter};
