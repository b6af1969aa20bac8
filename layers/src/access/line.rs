//! The line itself.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::hash::Hasher;
use std::time::Duration;

use http::Version;
use rapidhash::fast::RapidHasher;
use tracing::Level;
use tracing::level_filters::LevelFilter;

use crate::access::layer::Details;
use crate::classify::{ErrorType, GrpcStatus};
use crate::observe::{End, RequestId, Slot, Tenant, User};
use crate::ratio::Ratio;

/// The target of the line: what a subscriber's filter knows it by.
pub const TARGET: &str = "tower_watch::access";

/// Whether there is a subscriber that takes events of this level.
///
/// Not `tracing::enabled!`: where layers have filters of their own, a question that no event follows makes
/// tracing-subscriber 0.3 lose the next event of the thread.
pub(crate) fn is_wanted(level: Level) -> bool {
    LevelFilter::current() >= level
}

/// Whether the share includes this exchange.
pub(crate) fn is_chosen(slot: &Slot, share: Ratio) -> bool {
    if share == Ratio::ALL {
        return true;
    }
    match (slot.trace(), slot.request_id()) {
        (Some(trace), _) => share.includes(trace.trace_id),
        (None, Some(id)) => {
            let mut hasher = RapidHasher::default_const();
            hasher.write(id.as_str().as_bytes());
            hasher.finish() >> 1 < share.to_bits()
        }
        (None, None) => fastrand::u64(..) >> 1 < share.to_bits(),
    }
}

/// A level must be known where the event stands, so it stands there three times. What costs something is worked out where a
/// subscriber takes the event.
macro_rules! event {
    ($level:expr, $end:expr, $version:expr, $details:expr, $owned:expr) => {{
        let (end, details, owned) = ($end, $details, $owned);
        tracing::event!(
            target: TARGET,
            parent: None,
            $level,
            method = end.slot.method().as_str(),
            route = end.slot.route().endpoint(),
            path = details.and_then(|details| details.path.as_deref()),
            query = details.and_then(|details| details.query.as_deref()),
            status = end.status.map(|status| status.as_u16()),
            grpc_status = end.grpc_status.map(GrpcStatus::name),
            outcome = end.outcome.as_str(),
            error_type = owned.error_type.as_deref(),
            duration_ms = milliseconds(end.duration),
            head_ms = end.time_to_head.map(milliseconds),
            bytes_in = end.request_bytes,
            bytes_out = end.response_bytes,
            request_id = end.slot.request_id().map(RequestId::as_str),
            tenant = owned.tenant.as_ref().map(Tenant::as_str),
            user_id = owned.user.as_ref().map(User::as_str),
            trace_id = owned.ids.as_ref().map(|(trace, _)| digits(trace)),
            span_id = owned.ids.as_ref().map(|(_, span)| digits(span)),
            protocol_version = protocol_version($version),
            client_address = details.and_then(|details| details.client_address).map(tracing::field::display),
            user_agent = details.and_then(|details| details.user_agent.as_deref()),
            "request finished"
        );
    }};
}

/// What the line shows and nobody keeps in this form.
struct Owned {
    error_type: Option<Cow<'static, str>>,
    tenant: Option<Tenant>,
    user: Option<User>,
    ids: Option<([u8; 32], [u8; 16])>,
}

impl Owned {
    fn of(end: &End<'_>, error: Option<&ErrorType>) -> Self {
        let slot = end.slot;
        Self {
            error_type: error.map(ErrorType::name),
            tenant: slot.tenant(),
            user: slot.user(),
            ids: slot.trace().map(|trace| (trace.trace_id.to_hex(), trace.span_id.to_hex())),
        }
    }
}

/// Writes the line of an exchange.
pub(crate) fn write(end: &End<'_>, version: Version, details: Option<&Details>, error_level: Level) {
    let error = end.error();
    let level = match error {
        Some(_) if [Level::ERROR, Level::WARN].contains(&error_level) => error_level,
        _ => Level::INFO,
    };
    let owned = LazyCell::new(|| Owned::of(end, error.as_ref()));
    match level {
        Level::ERROR => event!(Level::ERROR, end, version, details, &owned),
        Level::WARN => event!(Level::WARN, end, version, details, &owned),
        _ => event!(Level::INFO, end, version, details, &owned),
    }
}

fn digits(hex: &[u8]) -> &str {
    str::from_utf8(hex).unwrap_or_default()
}

/// To the microsecond: what is finer is noise, and long to read.
fn milliseconds(duration: Duration) -> f64 {
    ((duration.as_nanos() + 500) / 1_000) as f64 / 1_000.0
}

fn protocol_version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => "unknown",
    }
}
