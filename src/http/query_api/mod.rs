//! Prometheus' HTTP API over the series store: what Grafana, `promtool` and every client of Prometheus speak.
//!
//! In comes a request (GET or form POST), out goes the same envelope of JSON, with the same types of
//! errors, status codes and spellings of numbers as upstream's. What it costs is paid on the thread of the query
//! ([`QueryEngine`](crate::promql::QueryEngine)): parsing, evaluation and the writing of the answer.
//!
//! | Path | Parameters |
//! |---|---|
//! | `/api/v1/query` | `query`, `time`, `timeout`, `limit`, `lookback_delta` |
//! | `/api/v1/query_range` | `query`, `start`, `end`, `step`, `timeout`, `limit`, `lookback_delta` |
//! | `/api/v1/query_exemplars` | `query`, `start`, `end` |
//! | `/api/v1/series` | `match[]`, `start`, `end`, `limit` |
//! | `/api/v1/labels` | `match[]`, `start`, `end`, `limit` |
//! | `/api/v1/label/NAME/values` | `match[]`, `start`, `end`, `limit` |
//! | `/api/v1/metadata` | `metric`, `limit`, `limit_per_metric` |
//! | `/api/v1/format_query` | `query` |
//! | `/api/v1/status/buildinfo`, `/api/v1/status/runtimeinfo` | |
//!
//! An answer has at most 64 MiB, and so have all together that clients have not read yet: a slow reader costs others
//! an error (503, `unavailable`) and never the process its memory. A body has at most 1 MiB, a lookup at most 100
//! selectors.
//!
//! A time is a number of seconds or RFC 3339, a duration a number of seconds or `5m`. `stats` is ignored.

pub(crate) mod answer;
mod exemplars;
pub(crate) mod form;
pub(crate) mod json;
mod lookup;
mod metadata;
pub(crate) mod parameters;
mod query;
pub(crate) mod rfc3339;
mod router;
mod status;
mod unread;
mod value;

pub use crate::http::query_api::router::QueryApi;
