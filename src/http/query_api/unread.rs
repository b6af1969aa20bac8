//! Answers that clients have not read yet, and the memory that all of them may take together.
//!
//! A turn among the queries ends with the evaluation, but an answer stays until its client has read it, which may be
//! slow about it on purpose. So an answer is only kept where there is room, from when it is written to when the
//! last byte of it has gone out. Costs a semaphore's permit for each answer.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::query_api::answer::{ApiError, ErrorType};

/// The most bytes that all unread answers have, and so the most that one can have.
pub(crate) const MOST_BYTES: usize = 64 << 20;

/// What a permit stands for, since there are not as many permits as bytes on small machines.
const PERMIT: usize = 1 << 10;

/// The room for answers of one query API.
#[derive(Clone, Debug)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_BYTES / PERMIT)))
    }
}

impl Room {
    /// A body that keeps its place until it is dropped.
    pub(crate) fn body(&self, text: String) -> Result<Body, ApiError> {
        if text.len() > MOST_BYTES {
            return Err(ApiError::new(
                ErrorType::Execution,
                format!(
                    "the answer has more than {MOST_BYTES} bytes, which is the limit; ask for fewer series, a shorter \
                     range or a larger step"
                ),
            ));
        }
        let permits = u32::try_from(text.len().div_ceil(PERMIT)).unwrap_or(u32::MAX);
        let place = Arc::clone(&self.0).try_acquire_many_owned(permits).map_err(|_| {
            ApiError::new(
                ErrorType::Unavailable,
                format!(
                    "answers that clients have not read yet take too much of the limit of {MOST_BYTES} bytes; try \
                     again when they have, or ask for less"
                ),
            )
        })?;
        Ok(Body::from(Bytes::from_owner(Unread { text, _place: place })))
    }
}

struct Unread {
    text: String,
    _place: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Unread {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}
