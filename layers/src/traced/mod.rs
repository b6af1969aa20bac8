//! Spans around one's own work, and the trace across message queues.
//!
//! [`traced`] puts a future into a span and marks the span where the future fails; [`DbSpan`] and [`MessageSpan`] do so under
//! OpenTelemetry's names for calls to databases, caches and queues. [`inject`] writes the present trace into the headers of a
//! message, [`extract`] reads it at the other end, and [`RemoteContext`] continues it there.
//!
//! ```
//! use tower_watch_layers::traced::{DbSpan, traced};
//!
//! # async fn query() -> Result<u32, std::io::Error> { Ok(1) }
//! # async fn handler() -> Result<(), std::io::Error> {
//! let orders = traced("load the orders", async {
//!     DbSpan::new("postgresql", "SELECT").collection("orders").run(query()).await
//! })
//! .await?;
//! # let _ = orders;
//! # Ok(())
//! # }
//! ```
//!
//! A span costs what the subscriber makes of it, and nothing to speak of where there is none. Spans across tasks and channels
//! are the matter of [`ContextExt::in_context`](crate::context::ContextExt::in_context) and
//! [`Envelope`](crate::context::Envelope).
//!
//! | file | what it holds |
//! |---|---|
//! | `work` | [`traced`], [`traced_fn`], [`spanned`], [`Traced`] |
//! | `db` | [`DbSpan`]: databases and caches |
//! | `query` | query texts without what is in them |
//! | `message` | [`MessageSpan`]: queues |
//! | `remote` | [`inject`], [`extract`], [`RemoteContext`] |
//!
//! It imports `spans` and `w3c`, the exchange through `observe`, and no observer.

mod db;
mod message;
mod query;
mod remote;
mod work;

pub use self::db::DbSpan;
pub use self::message::MessageSpan;
pub use self::remote::{RemoteContext, extract, inject, inject_with_baggage};
pub use self::work::{Spanned, Traced, spanned, traced, traced_fn};
