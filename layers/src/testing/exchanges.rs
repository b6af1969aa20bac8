//! An observer that keeps what it saw.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};

use crate::classify::GrpcStatus;
use crate::observe::{End, Exchange, Observer, Outcome, RequestId, Start, Tenant, User};

/// Keeps every exchange that it saw end. Clones share what they keep.
#[derive(Clone, Debug, Default)]
pub struct RecordExchanges {
    kept: Arc<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    begun: AtomicUsize,
    ended: Mutex<Vec<Recorded>>,
}

/// One exchange as it ended; see [`End`] for what the fields mean.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[allow(missing_docs, reason = "documented at End and at Slot")]
pub struct Recorded {
    pub outcome: Outcome,
    pub method: Method,
    pub endpoint: String,
    pub status: Option<StatusCode>,
    pub grpc_status: Option<GrpcStatus>,
    pub error: Option<String>,
    pub aborted: bool,
    pub streaming: bool,
    pub time_to_head: Option<Duration>,
    pub duration: Duration,
    pub request_bytes: Option<u64>,
    pub response_bytes: u64,
    /// How many data frames went out.
    pub frames: usize,
    pub trailers: Option<HeaderMap>,
    pub request_id: Option<RequestId>,
    pub tenant: Option<Tenant>,
    pub user: Option<User>,
}

impl RecordExchanges {
    /// Keeps nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The exchanges that ended so far, in the order of their ends.
    #[must_use]
    pub fn ended(&self) -> Vec<Recorded> {
        self.kept.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The only exchange that ended.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one, or one is still open.
    #[must_use]
    pub fn only(&self) -> Recorded {
        let mut ended = self.ended();
        assert!(ended.len() == 1 && self.open() == 0, "not one exchange: {ended:?}, {} open", self.open());
        ended.remove(0)
    }

    /// How many have begun and not ended.
    #[must_use]
    pub fn open(&self) -> usize {
        let ended = self.kept.ended.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.kept.begun.load(Ordering::SeqCst) - ended
    }
}

impl Observer for RecordExchanges {
    type Exchange = Recording;

    fn begin(&self, _: &mut Start<'_>) -> Option<Recording> {
        self.kept.begun.fetch_add(1, Ordering::SeqCst);
        Some(Recording { kept: Arc::clone(&self.kept), frames: 0, trailers: None })
    }
}

/// One exchange of [`RecordExchanges`].
#[derive(Debug)]
pub struct Recording {
    kept: Arc<Kept>,
    frames: usize,
    trailers: Option<HeaderMap>,
}

impl Exchange for Recording {
    fn data(&mut self, _: usize) {
        self.frames += 1;
    }

    fn trailers(&mut self, trailers: &HeaderMap) {
        self.trailers = Some(trailers.clone());
    }

    fn end(self, end: &End<'_>) {
        let recorded = Recorded {
            outcome: end.outcome,
            method: end.slot.method().clone(),
            endpoint: end.slot.route().endpoint().to_owned(),
            status: end.status,
            grpc_status: end.grpc_status,
            error: end.error().map(|error| error.name().into_owned()),
            aborted: end.is_aborted(),
            streaming: end.streaming,
            time_to_head: end.time_to_head,
            duration: end.duration,
            request_bytes: end.request_bytes,
            response_bytes: end.response_bytes,
            frames: self.frames,
            trailers: self.trailers,
            request_id: end.slot.request_id().cloned(),
            tenant: end.slot.tenant(),
            user: end.slot.user(),
        };
        self.kept.ended.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
    }
}
