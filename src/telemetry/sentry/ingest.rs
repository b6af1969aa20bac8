//! The endpoint: how it is asked, and when it wants to be left alone.
//!
//! <https://develop.sentry.dev/sdk/foundations/transport/rate-limiting/>

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Request, StatusCode};
use sentry_core::Envelope;
use sentry_core::protocol::EnvelopeItem;
use sentry_core::types::Dsn;
use tower_watch_layers::clock::{Clock, Instant};

use crate::outgoing::HttpClient;
use crate::telemetry::sentry::queue::Dropped;

/// How long one envelope may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a 429 that does not say more lasts.
const PAUSE: Duration = Duration::from_secs(60);
/// No limit lasts longer than this without being asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

const AGENT: &str = concat!("tower-watch/", env!("CARGO_PKG_VERSION"));

/// What Sentry limits apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Category {
    Error,
    Transaction,
}

/// The endpoint of one project.
pub(crate) struct Ingest {
    client: HttpClient,
    url: String,
    auth: String,
    clock: Clock,
    /// Until when nothing of a category is sent.
    until: [Option<Instant>; 2],
}

impl Ingest {
    pub(crate) fn new(dsn: &Dsn, client: HttpClient) -> Self {
        Self {
            client,
            url: dsn.envelope_api_url().to_string(),
            auth: dsn.to_auth(Some(AGENT)).to_string(),
            clock: Clock::system(),
            until: [None; 2],
        }
    }

    /// Sends an envelope.
    pub(crate) async fn send(&mut self, envelope: &Envelope) -> Result<(), Dropped> {
        if self.is_limited(category(envelope)) {
            return Err(Dropped::RateLimited);
        }
        let mut body = Vec::new();
        envelope.to_writer(&mut body).map_err(|_| Dropped::Refused)?;
        let request = Request::post(&self.url)
            .header("x-sentry-auth", &self.auth)
            .header(CONTENT_TYPE, "application/x-sentry-envelope")
            .body(Bytes::from(body))
            .map_err(|_| Dropped::Refused)?;
        let answer = self.client.send(request, TIMEOUT).await.map_err(|_| Dropped::Unreachable)?;
        self.heed(answer.status, &answer.headers);
        match answer.status {
            status if status.is_success() => Ok(()),
            StatusCode::TOO_MANY_REQUESTS => Err(Dropped::RateLimited),
            _ => Err(Dropped::Refused),
        }
    }

    fn is_limited(&self, category: Category) -> bool {
        self.until[category as usize].is_some_and(|until| !until.since(self.clock.now()).is_zero())
    }

    /// The limits come with any answer, also with one that takes the envelope.
    fn heed(&mut self, status: StatusCode, headers: &HeaderMap) {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(limits) = header("x-sentry-rate-limits") {
            for limit in limits.split(',') {
                let mut parts = limit.trim().split(':');
                let pause = parts.next().and_then(seconds).unwrap_or(PAUSE);
                let categories = parts.next().unwrap_or_default();
                if names(categories, "error") {
                    self.pause(Category::Error, pause);
                }
                if names(categories, "transaction") {
                    self.pause(Category::Transaction, pause);
                }
            }
        } else if status == StatusCode::TOO_MANY_REQUESTS {
            let pause = header(RETRY_AFTER.as_str()).and_then(seconds).unwrap_or(PAUSE);
            self.pause(Category::Error, pause);
            self.pause(Category::Transaction, pause);
        }
    }

    /// A longer limit is not shortened.
    fn pause(&mut self, category: Category, pause: Duration) {
        let until = self.clock.now().after(pause.min(LONGEST_PAUSE));
        let present = &mut self.until[category as usize];
        *present = Some(present.map_or(until, |present| present.max(until)));
    }
}

/// An empty list names all categories.
fn names(categories: &str, category: &str) -> bool {
    categories.is_empty() || categories.split(';').any(|named| named.trim() == category)
}

/// Seconds, with or without a fraction; not a date, which Sentry does not send.
fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

fn category(envelope: &Envelope) -> Category {
    let is_transaction = |item: &EnvelopeItem| matches!(item, EnvelopeItem::Transaction(_));
    if envelope.items().any(is_transaction) { Category::Transaction } else { Category::Error }
}
