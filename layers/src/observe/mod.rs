//! The observed exchange: one middleware that follows a request to its true end.
//!
//! A request and its response are one *exchange*. [`Observe`] owns its whole life and tells an [`Observer`]: the
//! start, every poll, the head of the response, each frame of its body, its trailers, and the end. Every exchange
//! ends **exactly once**, with an [`End`] that says how: complete, refused, failed, panicked, cancelled, cut short
//! or upgraded. Everything in this crate that looks at requests is an observer; tuples of observers are one too,
//! so that a stack of them wraps the future and the body once.
//!
//! | file | what it holds |
//! |---|---|
//! | `observer` | [`Observer`] and [`Exchange`], and tuples of them |
//! | `service` | [`ObserveLayer`] and [`Observe`]: a request comes in |
//! | `future` | [`ObserveFuture`]: polled until there is a head |
//! | `body` | [`ObserveBody`]: polled until there is an end |
//! | `guard` | what moves from the future to the body and cannot be dropped without an end |
//! | `slot` | [`Slot`]: what the observers of one exchange, its inner layers and its handler share |
//! | `start`, `end` | what an observer is told at both ends |
//! | `text` | [`RequestId`], [`Tenant`], [`User`]: checked once, safe everywhere |
//! | `settings` | [`Settings`]: what all exchanges of a layer have in common |
//! | `refusal` | [`Refusal`]: an answer in place of the service |
//! | `panic` | what a panic handler inside says to the exchange around it |
//! | `request_body`, `in_place` | how the bytes of a request are counted |
//! | `route_layer` | [`RouteLayer`]: what the route itself says, from inside |
//! | `current` | the slot of the exchange that this thread is working on |
//!
//! Nothing in here knows a particular observer, a framework, or a runtime.
//!
//! # An observer of one's own
//!
//! ```
//! use tower_watch_layers::observe::{End, Exchange, ObserveLayer, Observer, Start};
//!
//! #[derive(Clone)]
//! struct Print;
//!
//! struct Printing(String);
//!
//! impl Observer for Print {
//!     type Exchange = Printing;
//!
//!     fn begin(&self, start: &mut Start<'_>) -> Option<Printing> {
//!         Some(Printing(start.head().uri.path().to_owned()))
//!     }
//! }
//!
//! impl Exchange for Printing {
//!     fn end(self, end: &End<'_>) {
//!         println!("{} {} {:?}", self.0, end.outcome, end.duration);
//!     }
//! }
//!
//! let layer = ObserveLayer::new(Print);
//! # let _ = layer;
//! ```

mod body;
mod current;
mod end;
mod future;
mod guard;
mod in_place;
mod observer;
mod panic;
mod refusal;
mod request_body;
mod route_layer;
mod service;
mod settings;
mod slot;
mod start;
mod text;

pub use self::body::ObserveBody;
pub use self::end::End;
pub use self::future::ObserveFuture;
pub use self::observer::{Exchange, Observer};
pub use self::panic::{PanicResponse, panic_message};
pub use self::refusal::{Refusal, RefusalBody};
pub use self::request_body::{CountRequestBody, CountRequestBodyLayer, CountedRequestBody};
pub use self::route_layer::{RouteLayer, RouteService};
pub use self::service::{Observe, ObserveLayer};
pub use self::settings::Settings;
pub use self::slot::Slot;
pub use self::start::Start;
pub use self::text::{InvalidText, RequestId, Tenant, User};
pub use crate::classify::Outcome;

pub(crate) use self::current::{current, enter, with_current};
