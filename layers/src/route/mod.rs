//! Which endpoint a request belongs to.
//!
//! An endpoint is the template of a route (`/users/{id}`), or a registered gRPC method (`/shop.Orders/Create`),
//! and never a path as the client sent it: where nothing is known it is [`UNMATCHED`]. [`Routes`] says how it is
//! found and what is different for it; [`Route`] is the answer, worked out once and shared by all exchanges;
//! [`RouteState`] is where an observer keeps what it knows about a route.

mod excluded;
mod pattern;
mod routes;
mod state;

pub use self::pattern::{Pattern, PatternError};
pub use self::routes::{OTHER, Route, Routes, UNMATCHED};
pub use self::state::RouteState;
