//! The values of a span's fields.
//!
//! They are handed over all at once, at the start and at the end: each call to the subscriber costs a look at its tables.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderValue, StatusCode};
use tracing::field::{Value, ValueSet, display};

use crate::classify::{GrpcStatus, Protocol};
use crate::clean::clean;
use crate::method;
use crate::observe::{self, End, Outcome, Slot};
use crate::trace::TraceConfig;
use crate::trace::shown::shape::{FieldOf, Shape};
use crate::trace::shown::{Attribute, Known, Seen, SpanName};

/// What a client wrote, as it can be shown.
#[derive(Debug, Default)]
pub(crate) struct RequestTexts<'a> {
    path: Option<Cow<'a, str>>,
    query: Option<Cow<'a, str>>,
    server: Option<Cow<'a, str>>,
    port: Option<u16>,
    client: Option<String>,
    user_agent: Option<Cow<'a, str>>,
    method_original: Option<Cow<'a, str>>,
    rpc_method: Option<Cow<'a, str>>,
}

impl<'a> RequestTexts<'a> {
    pub(crate) fn of(config: &TraceConfig, slot: &'a Slot, seen: &'a Seen, truncated: &mut u64) -> Self {
        let limit = config.value_limit;
        let mut shown = |text: &'a [u8]| clean(text, limit, truncated);
        let is_grpc = slot.protocol() == Protocol::Grpc;
        let (path, query) = match &seen.uri {
            Some(uri) => (uri.path(), uri.query()),
            None => ("", None),
        };
        let query =
            query.filter(|_| config.query && !is_grpc).map(|query| match config.redaction.query(query) {
                Cow::Borrowed(query) => shown(query.as_bytes()),
                Cow::Owned(query) => Cow::Owned(clean(query.as_bytes(), limit, &mut 0).into_owned()),
            });
        Self {
            query,
            path: (config.raw_path && !is_grpc && seen.uri.is_some()).then(|| shown(path.as_bytes())),
            server: seen.authority.as_ref().map(|authority| {
                shown(authority.host().trim_start_matches('[').trim_end_matches(']').as_bytes())
            }),
            port: seen.authority.as_ref().and_then(http::uri::Authority::port_u16),
            client: seen.client.map(|client| client.to_string()),
            user_agent: seen.user_agent.as_ref().map(|agent| shown(agent.as_bytes())),
            method_original: (!is_grpc && method::known(slot.method()).is_none())
                .then(|| shown(slot.method().as_str().as_bytes())),
            rpc_method: is_grpc.then(|| rpc_method(slot, path)).map(Cow::Borrowed),
        }
    }
}

/// The method of gRPC. Its name is the client's word, so it is believed where a route was found for it, and only as long as
/// it looks like one.
fn rpc_method<'a>(slot: &'a Slot, path: &'a str) -> &'a str {
    const LONGEST: usize = 256;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/');
    let name = path.trim_start_matches('/');
    let is_method = !name.is_empty() && name.len() <= LONGEST && name.bytes().all(is_name);
    if slot.route().is_matched() && is_method { name } else { method::OTHER }
}

fn value<T: Value>(value: &Option<T>) -> Option<&dyn Value> {
    value.as_ref().map(|value| value as &dyn Value)
}

/// Hands `take` what names an exchange. Nothing is computed that nobody asks for.
#[inline]
pub(crate) fn with_brief<R>(shape: &Shape, slot: &Slot, take: impl FnOnce(&ValueSet<'_>) -> R) -> R {
    use Attribute::*;
    let is_http = slot.protocol() == Protocol::Http;
    let route = slot.route();
    let endpoint = (is_http && route.is_matched() && !route.is_overflow()).then(|| route.endpoint());
    let name = display(SpanName(slot));
    let method = is_http.then(|| method::known(slot.method()).unwrap_or(method::OTHER));
    let request_id = slot.request_id().map(display);
    let tenant = slot.has_tenant().then(|| display(TenantOf(slot)));
    let field = |attribute| shape.field(attribute);
    let values: [FieldOf<'_>; 5] = [
        (field(OtelName), Some(&name)),
        (field(Method), value(&method)),
        (field(Route), value(&endpoint)),
        (field(RequestId), value(&request_id)),
        (field(Tenant), value(&tenant)),
    ];
    take(&shape.values(&values))
}

/// The tenant of an exchange, written only when somebody looks.
struct TenantOf<'a>(&'a Slot);

impl fmt::Display for TenantOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.with_tenant(|tenant, _| f.write_str(tenant.as_str())).unwrap_or(Ok(()))
    }
}

/// Hands `take` what is known at the start.
pub(crate) fn with_start<R>(
    shape: &Shape,
    slot: &Slot,
    known: Known,
    texts: Option<&RequestTexts<'_>>,
    take: impl FnOnce(&ValueSet<'_>) -> R,
) -> R {
    use Attribute::*;
    let is_http = slot.protocol() == Protocol::Http;
    let route = slot.route();
    let endpoint = (is_http && route.is_matched() && !route.is_overflow()).then(|| route.endpoint());
    // As text, and not formatted by whoever takes it, which costs ten times as much.
    let name = SpanName(slot).text();
    let method = is_http.then(|| method::known(slot.method()).unwrap_or(method::OTHER));
    let scheme = is_http.then(|| known.scheme());
    let system = (!is_http).then_some("grpc");
    let version = known.version();
    let request_id = slot.request_id().map(observe::RequestId::as_str);
    let tenant = slot.tenant();
    let tenant = tenant.as_ref().map(observe::Tenant::as_str);
    // The template in the place of the raw path: it says as much, and names nobody.
    let path = texts.and_then(|texts| texts.path.as_deref()).or(endpoint);
    let query = texts.and_then(|texts| texts.query.as_deref());
    let server = texts.and_then(|texts| texts.server.as_deref());
    let port = texts.and_then(|texts| texts.port);
    let client = texts.and_then(|texts| texts.client.as_deref());
    let agent = texts.and_then(|texts| texts.user_agent.as_deref());
    let original = texts.and_then(|texts| texts.method_original.as_deref());
    let rpc_method = texts.and_then(|texts| texts.rpc_method.as_deref());
    let field = |attribute| shape.field(attribute);
    let values: [FieldOf<'_>; 17] = [
        (field(OtelName), Some(&&*name)),
        (field(OtelKind), Some(&"server")),
        (field(Method), value(&method)),
        (field(MethodOriginal), value(&original)),
        (field(Scheme), value(&scheme)),
        (field(Path), value(&path)),
        (field(Query), value(&query)),
        (field(Route), value(&endpoint)),
        (field(ProtocolVersion), value(&version)),
        (field(ServerAddress), value(&server)),
        (field(ServerPort), value(&port)),
        (field(ClientAddress), value(&client)),
        (field(UserAgent), value(&agent)),
        (field(RpcSystem), value(&system)),
        (field(RpcMethod), value(&rpc_method)),
        (field(RequestId), value(&request_id)),
        (field(Tenant), value(&tenant)),
    ];
    take(&shape.values(&values))
}

/// Hands `take` what is known at the end. `is_refined`: the route became known after the start.
#[inline]
pub(crate) fn with_end<R>(
    shape: &Shape,
    end: &End<'_>,
    is_refined: bool,
    take: impl FnOnce(&ValueSet<'_>) -> R,
) -> R {
    use Attribute::*;
    let slot = end.slot;
    let route = slot.route();
    let endpoint = (is_refined && slot.protocol() == Protocol::Http).then(|| route.endpoint());
    let name = is_refined.then(|| SpanName(slot).text());
    let name = name.as_deref();
    let rpc_status = end.grpc_status.map(GrpcStatus::name);
    let status =
        end.status.filter(|_| rpc_status.is_none()).map(|status: StatusCode| u64::from(status.as_u16()));
    let error = end.error().map(|error| error.name());
    let error = error.as_deref();
    let otel_status = error.map(|_| "ERROR");
    let outcome = (end.outcome != Outcome::Complete).then(|| end.outcome.as_str());
    let (tenant, user) = (slot.late_tenant(), slot.user());
    let tenant = tenant.as_ref().map(observe::Tenant::as_str);
    let user = user.as_ref().map(observe::User::as_str);
    let field = |attribute| shape.field(attribute);
    let values: [FieldOf<'_>; 11] = [
        (field(OtelName), value(&name)),
        (field(Route), value(&endpoint)),
        (field(Status), value(&status)),
        (field(RpcStatus), value(&rpc_status)),
        (field(RequestSize), value(&end.request_bytes)),
        (field(ResponseSize), Some(&end.response_bytes)),
        (field(OtelStatus), value(&otel_status)),
        (field(ErrorType), value(&error)),
        (field(Ending), value(&outcome)),
        (field(Tenant), value(&tenant)),
        (field(User), value(&user)),
    ];
    take(&shape.values(&values))
}

/// Hands `take` the headers that are shown, a few at a time.
pub(crate) fn header_values(
    shape: &Shape,
    headers: &[(usize, HeaderValue)],
    limit: usize,
    truncated: &mut u64,
    mut take: impl FnMut(&ValueSet<'_>),
) {
    const AT_ONCE: usize = 8;
    for some in headers.chunks(AT_ONCE) {
        let texts: Vec<_> = some.iter().map(|(_, value)| clean(value.as_bytes(), limit, truncated)).collect();
        let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
        let values: [FieldOf<'_>; AT_ONCE] = std::array::from_fn(|place| match some.get(place) {
            Some((field, _)) => (&shape.more()[*field], Some(&texts[place] as &dyn Value)),
            None => shape.nothing(),
        });
        take(&shape.values(&values));
    }
}
