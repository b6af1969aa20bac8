//! Who is told, and in whose language.
//!
//! A [`Receiver`] turns one [`Notification`](crate::alert::notify::Notification) into one message and says how that came
//! out. It keeps nothing, retries nothing and knows of no queue: that is the business of [`crate::alert::notify`].

mod receiver;

pub use crate::alert::receivers::receiver::{Delivery, Feed, FeedOf, Receiver, SendError};
