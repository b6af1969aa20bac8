//! The names of a span's attributes.

macro_rules! attributes {
    ($($name:ident = $text:literal,)*) => {
        /// An attribute that every span can have. Its number is its place among the span's fields.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Attribute {
            $($name,)*
        }

        impl Attribute {
            /// The names, by number.
            pub(crate) const NAMES: &[&'static str] = &[$($text,)*];
        }
    };
}

attributes! {
    // What tracing-opentelemetry makes the name, the kind and the status of.
    OtelName = "otel.name",
    OtelKind = "otel.kind",
    OtelStatus = "otel.status_code",
    // HTTP.
    Method = "http.request.method",
    MethodOriginal = "http.request.method_original",
    Scheme = "url.scheme",
    Path = "url.path",
    Query = "url.query",
    Route = "http.route",
    Status = "http.response.status_code",
    ProtocolVersion = "network.protocol.version",
    RequestSize = "http.request.body.size",
    ResponseSize = "http.response.body.size",
    ServerAddress = "server.address",
    ServerPort = "server.port",
    ClientAddress = "client.address",
    UserAgent = "user_agent.original",
    ErrorType = "error.type",
    // gRPC.
    RpcSystem = "rpc.system.name",
    RpcMethod = "rpc.method",
    RpcStatus = "rpc.response.status_code",
    // Ours.
    RequestId = "request.id",
    Tenant = "tenant.id",
    User = "enduser.id",
    Ending = "tower_watch.outcome",
}
