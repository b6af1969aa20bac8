//! Error responses that tell the client what it may know, and the operators the rest.
//!
//! A handler that returns `Result<_, Problem>` can put `?` behind anything that is an error: the client gets a 500 as
//! `application/problem+json` (RFC 9457, <https://www.rfc-editor.org/rfc/rfc9457>) with the request id and nothing else; the
//! error goes to the log with its causes and, through the log, to Sentry. What the client may know is said with
//! [`Problem::new`].
//!
//! ```
//! use axum::Json;
//! use axum::http::StatusCode;
//! use tower_watch::problem::Problem;
//!
//! async fn pay(body: String) -> Result<String, Problem> {
//!     let cents: u64 = body.trim().parse()?; // a 500, which is not what a client's mistake deserves: better
//!     if cents == 0 {
//!         return Err(Problem::new(StatusCode::PAYMENT_REQUIRED)
//!             .with_detail("an amount of nothing cannot be paid")
//!             .with_member("minimum_cents", 1)
//!             .with_error_type("payment_declined"));
//!     }
//!     Ok(format!("paid {cents}"))
//! }
//! ```
//!
//! | what is answered | what is logged |
//! |---|---|
//! | with a cause, status 5xx | ERROR, with `error` and its causes |
//! | without a cause, status 5xx | WARN |
//! | 4xx | DEBUG: the access line has it |
//!
//! To a gRPC request it is the same in gRPC's form: trailers only, with the status of gRPC that stands for the HTTP status and
//! the detail as message.
//!
//! A panic is answered in the same form by [`AnswerPanic`](crate::AnswerPanic); what handlers answer without a [`Problem`] is
//! brought into it by [`ProblemLayer`].

mod answer;
mod grpc;
mod json;
mod layer;
mod member;

pub use self::answer::Problem;
pub use self::layer::{ProblemLayer, Problems};
pub use self::member::Member;
