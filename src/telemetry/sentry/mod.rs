//! Errors, panics and sampled traces to Sentry.
//!
//! Nothing is sent before there is a DSN. What happens to a request costs it this: an event of level INFO or above is written
//! down as a breadcrumb of its exchange, an ERROR is put together and queued. Everything else (redaction, encoding, sending)
//! happens on a thread of its own, behind a bounded queue; what finds no place there is dropped and counted in
//! `tower_watch_telemetry_dropped_total{signal="sentry",reason}`, and what Sentry took in
//! `tower_watch_telemetry_exported_total{signal="sentry"}`. Nothing is sent a second time: as Sentry asks of its
//! clients, what is not taken is dropped.
//!
//! | what happens | what Sentry gets |
//! |---|---|
//! | an event of level ERROR | an issue: its message or the chain of its `error` field, its fields as the context `fields` |
//! | a panic, anywhere | an issue of level fatal with message and place; once, whoever logs it again |
//! | INFO, WARN | a breadcrumb of the issues of the same exchange |
//! | a sampled exchange ends | a transaction with the spans below it |
//!
//! Each carries the trace and span id (`contexts.trace`), the route as `transaction`, and as tags the request id, the tenant
//! and the service; release and environment are those of the [`Identity`](crate::telemetry::Identity). Whatever stands under a
//! secret key is redacted, also deep inside and in strings that are JSON. There is no stack trace beyond the place of a
//! panic: reading one blocks the thread for milliseconds.
//!
//! | `reason` | why something did not arrive |
//! |---|---|
//! | `queue_full` | there was no place in the queue |
//! | `rate_limited` | Sentry answered 429, or named a limit that is not over |
//! | `refused` | Sentry answered anything else but 2xx |
//! | `unreachable` | no answer within 10 s |
//! | `shutdown` | it came after the end, or was still there when the time was over |
//!
//! | variable | what it does |
//! |---|---|
//! | `SENTRY_DSN` | where to send; empty: nowhere |
//! | `SENTRY_RELEASE`, else `SERVICE_VERSION` | the release |
//! | `SENTRY_ENVIRONMENT`, else `ENVIRONMENT` | the environment |
//! | `SENTRY_TRACES_SAMPLE_RATE` | of the exchanges that are sampled, those whose traces are within this share of all; by default all that are sampled |
//!
//! The protocol: <https://develop.sentry.dev/sdk/foundations/transport/envelopes/>.
//!
//! | file | what it holds |
//! |---|---|
//! | `settings` | [`SentrySettings`]: what there is to say |
//! | `layer` | the layer of the subscriber: what is said becomes issues, breadcrumbs and spans |
//! | `fields`, `place` | what an event says, and in which request it was said |
//! | `breadcrumbs` | what happened before |
//! | `panics` | the panic hook |
//! | `transaction` | an exchange with its spans |
//! | `redaction` | what never leaves |
//! | `queue`, `worker` | the way to the thread, and the thread |
//! | `ingest` | the endpoint: how it is asked, and when it wants to be left alone |

mod breadcrumbs;
mod fields;
mod ingest;
mod layer;
mod panics;
mod place;
mod queue;
mod redaction;
mod settings;
mod transaction;
mod worker;

pub use self::settings::SentrySettings;
