//! The id of a request: adopted from whom we trust, otherwise made.

use bytes::Bytes;
use http::header::{Entry, OccupiedEntry};
use http::request::Parts;
use http::{Extensions, HeaderName, HeaderValue};

use crate::clock::{Clock, Instant};
use crate::hex;
use crate::observe::RequestId;
use crate::peer::Trust;

/// Which header carries the request id, and whose is adopted.
#[derive(Clone, Debug)]
pub struct RequestIdPolicy {
    pub(crate) header: HeaderName,
    trust: Trust,
}

impl Default for RequestIdPolicy {
    /// `x-request-id`, adopted from everybody where it is well-formed.
    fn default() -> Self {
        Self { header: HeaderName::from_static("x-request-id"), trust: Trust::always() }
    }
}

impl RequestIdPolicy {
    /// The same as the default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Carries the id in another header.
    #[must_use]
    pub fn header(mut self, header: HeaderName) -> Self {
        self.header = header;
        self
    }

    /// Says whose ids are adopted.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// The id that the request brings, or a new one, which it then carries.
    pub(crate) fn settle(&self, head: &mut Parts, make: impl Fn() -> RequestId) -> RequestId {
        let Parts { headers, extensions, .. } = head;
        match headers.try_entry(self.header.clone()) {
            Ok(Entry::Occupied(mut sent)) => self.adopt(&sent, extensions).unwrap_or_else(|| {
                let id = make();
                sent.insert(id.to_header());
                id
            }),
            Ok(Entry::Vacant(place)) => {
                let id = make();
                place.try_insert(id.to_header()).ok();
                id
            }
            // There is no place for one more header; the request goes on without.
            Err(_) => make(),
        }
    }

    fn adopt(&self, sent: &OccupiedEntry<'_, HeaderValue>, extensions: &Extensions) -> Option<RequestId> {
        let mut values = sent.iter();
        // Of two ids neither is the request's: a log would show the one and the next service take the other.
        let (Some(id), None) = (values.next(), values.next()) else { return None };
        RequestId::from_header(id).ok().filter(|_| self.trust.holds(extensions))
    }
}

/// A UUID of version 7, made without a system call or a lock: the time and 74 bits of the thread's own generator.
///
/// Unique, and sorted by time; no secret, as it can be guessed.
pub(crate) fn make(clock: &Clock, at: Instant) -> RequestId {
    // An owner makes the text shared from the start: one allocation for the request, the slot and the response.
    let text = Bytes::from_owner(uuid(clock.unix_millis(at), fastrand::u128(..)));
    let text = HeaderValue::from_maybe_shared(text);
    RequestId::made(text.expect("hexadecimal digits and hyphens are a header's value"))
}

/// The text of a UUID of version 7: <https://www.rfc-editor.org/rfc/rfc9562#section-5.7>.
fn uuid(unix_millis: u64, random: u128) -> [u8; 36] {
    /// Where the digits of each byte begin; between the groups stand hyphens.
    const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    let number = u128::from(unix_millis) << 80 | random & ((1 << 80) - 1) & !VERSION & !VARIANT;
    let bytes = (number | 7 << 76 | 0b10 << 62).to_be_bytes();
    let mut text = [b'-'; 36];
    for (place, byte) in PLACES.into_iter().zip(bytes) {
        text[place..place + 2].copy_from_slice(&hex::PAIRS[usize::from(byte)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn ids_are_uuids_of_version_7_and_distinct() {
        let (clock, _hand) = Clock::fake();
        let ids: std::collections::HashSet<_> =
            (0..10_000).map(|_| make(&clock, clock.now()).as_str().to_owned()).collect();
        assert_eq!(ids.len(), 10_000);
        let uuid: uuid::Uuid = ids.iter().next().unwrap().parse().unwrap();
        assert_eq!(uuid.get_version_num(), 7);
        let (seconds, _) = uuid.get_timestamp().unwrap().to_unix();
        assert_eq!(seconds, clock.wall().duration_since(UNIX_EPOCH).unwrap().as_secs());
    }
}
