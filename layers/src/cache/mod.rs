//! Maps that every request reads and hardly any request writes.
//!
//! What a request needs to know about its route, its status or its tenant is worked out once and kept here. A
//! hit takes no lock and no allocation; a miss may. Three shapes, from the smallest: [`Chain`] for a handful of
//! keys that never go away, [`CowMap`] for many, [`Capped`] for keys that a client can influence, and so must be
//! bounded. [`Front`] stands before one of them. Nothing in here knows what a request is.

mod capped;
mod chain;
mod cow_map;
mod front;

pub(crate) use self::capped::{Capped, Limit};
pub(crate) use self::chain::Chain;
pub(crate) use self::cow_map::CowMap;
pub(crate) use self::front::Front;
