//! The header `traceparent`: `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`.

use http::{HeaderMap, HeaderName};

use crate::w3c::{SpanId, TraceContext, TraceId};

/// The header's name.
pub const TRACEPARENT: &str = "traceparent";

/// The same, made once: a name in text is parsed at each look-up.
static HEADER: HeaderName = HeaderName::from_static(TRACEPARENT);

/// Who called, as its `traceparent` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteParent {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its span.
    pub span_id: SpanId,
    /// Whether it records the trace.
    pub sampled: bool,
    /// Whether the last 7 bytes of its trace id are random.
    pub random: bool,
}

const SAMPLED: u8 = 0b01;
const RANDOM: u8 = 0b10;

/// The length of version 00.
const LENGTH: usize = 55;

/// Reads a `traceparent`; `None` where it is not one. Allocates nothing.
///
/// A version above 00 is read as 00 where it begins like one, as the recommendation says; ff is none. Of the flags of such a
/// version only the one for sampling is known.
#[must_use]
pub fn parse_traceparent(header: &[u8]) -> Option<RemoteParent> {
    let (known, rest) = header.split_at_checked(LENGTH)?;
    let [a, b, b'-', ..] = known else { return None };
    let version = hex_byte(*a, *b)?;
    if known[35] != b'-' || known[52] != b'-' || version == 0xff {
        return None;
    }
    if !(rest.is_empty() || version > 0 && rest[0] == b'-') {
        return None;
    }
    let flags = hex_byte(known[53], known[54])?;
    Some(RemoteParent {
        trace_id: TraceId::from_hex(&known[3..35])?,
        span_id: SpanId::from_hex(&known[36..52])?,
        sampled: flags & SAMPLED != 0,
        random: version == 0 && flags & RANDOM != 0,
    })
}

/// Who called, as the headers of a request say; `None` where they do not, or not once. Allocates nothing.
#[must_use]
pub fn traceparent_of(headers: &HeaderMap) -> Option<RemoteParent> {
    let mut all = headers.get_all(&HEADER).iter();
    match (all.next(), all.next()) {
        (Some(only), None) => parse_traceparent(only.as_bytes()),
        _ => None,
    }
}

/// The `traceparent` that says where `context` is, in ASCII.
#[must_use]
pub fn format_traceparent(context: &TraceContext) -> [u8; LENGTH] {
    let mut header = *b"00-00000000000000000000000000000000-0000000000000000-00";
    header[3..35].copy_from_slice(&context.trace_id.to_hex());
    header[36..52].copy_from_slice(&context.span_id.to_hex());
    let flags = if context.sampled { SAMPLED } else { 0 } | if context.random { RANDOM } else { 0 };
    header[54] = b'0' + flags;
    header
}

fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    Some(digit(high)? << 4 | digit(low)?)
}
