//! A request that comes in, goes out and comes in elsewhere: over real sockets, through clients that are not ours.

mod harness;
mod pool;
#[cfg(feature = "reqwest")]
mod reqwest;
