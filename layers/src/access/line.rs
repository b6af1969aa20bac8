//! The line itself.

use std::hash::Hasher;
use std::time::Duration;

use http::Version;
use rapidhash::fast::RapidHasher;
use tracing::Level;
use tracing::level_filters::LevelFilter;

use crate::access::layer::Details;
use crate::observe::{End, Slot};
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

/// A level must be known where the event stands, so it stands there three times.
macro_rules! event {
    ($level:expr, $line:expr) => {{
        let line = $line;
        tracing::event!(
            target: TARGET,
            parent: None,
            $level,
            method = line.method,
            route = line.route,
            path = line.path,
            query = line.query,
            status = line.status,
            grpc_status = line.grpc_status,
            outcome = line.outcome,
            error_type = line.error_type,
            duration_ms = line.duration_ms,
            head_ms = line.head_ms,
            bytes_in = line.bytes_in,
            bytes_out = line.bytes_out,
            request_id = line.request_id,
            tenant = line.tenant,
            user_id = line.user_id,
            trace_id = line.trace_id,
            span_id = line.span_id,
            protocol_version = line.protocol_version,
            client_address = line.client_address.map(tracing::field::display),
            user_agent = line.user_agent,
            "request finished"
        );
    }};
}

struct Line<'a> {
    method: &'a str,
    route: &'a str,
    path: Option<&'a str>,
    query: Option<&'a str>,
    status: Option<u16>,
    grpc_status: Option<&'a str>,
    outcome: &'a str,
    error_type: Option<&'a str>,
    duration_ms: f64,
    head_ms: Option<f64>,
    bytes_in: Option<u64>,
    bytes_out: u64,
    request_id: Option<&'a str>,
    tenant: Option<&'a str>,
    user_id: Option<&'a str>,
    trace_id: Option<&'a str>,
    span_id: Option<&'a str>,
    protocol_version: &'a str,
    client_address: Option<std::net::IpAddr>,
    user_agent: Option<&'a str>,
}

/// Writes the line of an exchange.
pub(crate) fn write(end: &End<'_>, version: Version, details: Option<&Details>, error_level: Level) {
    let slot = end.slot;
    let error = end.error();
    let level = match error {
        Some(_) if [Level::ERROR, Level::WARN].contains(&error_level) => error_level,
        _ => Level::INFO,
    };
    if !is_wanted(level) {
        return;
    }
    let error_type = error.as_ref().map(crate::classify::ErrorType::name);
    let (tenant, user) = (slot.tenant(), slot.user());
    let ids = slot.trace().map(|trace| (trace.trace_id.to_hex(), trace.span_id.to_hex()));
    let line = Line {
        method: slot.method().as_str(),
        route: slot.route().endpoint(),
        path: details.and_then(|details| details.path.as_deref()),
        query: details.and_then(|details| details.query.as_deref()),
        status: end.status.map(|status| status.as_u16()),
        grpc_status: end.grpc_status.map(crate::classify::GrpcStatus::name),
        outcome: end.outcome.as_str(),
        error_type: error_type.as_deref(),
        duration_ms: milliseconds(end.duration),
        head_ms: end.time_to_head.map(milliseconds),
        bytes_in: end.request_bytes,
        bytes_out: end.response_bytes,
        request_id: slot.request_id().map(crate::observe::RequestId::as_str),
        tenant: tenant.as_ref().map(crate::observe::Tenant::as_str),
        user_id: user.as_ref().map(crate::observe::User::as_str),
        trace_id: ids.as_ref().map(|(trace, _)| digits(trace)),
        span_id: ids.as_ref().map(|(_, span)| digits(span)),
        protocol_version: crate::version::version(version).unwrap_or("unknown"),
        client_address: details.and_then(|details| details.client_address),
        user_agent: details.and_then(|details| details.user_agent.as_deref()),
    };
    match level {
        Level::ERROR => event!(Level::ERROR, line),
        Level::WARN => event!(Level::WARN, line),
        _ => event!(Level::INFO, line),
    }
}

fn digits(hex: &[u8]) -> &str {
    str::from_utf8(hex).unwrap_or_default()
}

/// To the microsecond: what is finer is noise, and long to read.
fn milliseconds(duration: Duration) -> f64 {
    ((duration.as_nanos() + 500) / 1_000) as f64 / 1_000.0
}
