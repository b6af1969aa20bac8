//! The order service: its messages, its server and its client, as `tonic-prost-build` would write them from
//!
//! ```text
//! package shop;
//! service Orders {
//!   rpc Create(Order) returns (Receipt);
//!   rpc Follow(Order) returns (stream Receipt);
//! }
//! ```

use std::convert::Infallible;

use axum::body::Body;
use axum::http::uri::PathAndQuery;
use axum::http::{Request, Response};
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use tonic::client::{Grpc as GrpcClient, GrpcService};
use tonic::server::Grpc as GrpcServer;
use tonic::{Status, body};
use tonic_prost::ProstCodec;
use tower::service_fn;
use tower::util::BoxCloneSyncService;
use tower_watch::RequestContext;

pub(crate) const CREATE: &str = "/shop.Orders/Create";
pub(crate) const FOLLOW: &str = "/shop.Orders/Follow";

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Order {
    #[prost(string, tag = "1")]
    pub(crate) item: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Receipt {
    #[prost(uint32, tag = "1")]
    pub(crate) step: u32,
    #[prost(string, tag = "2")]
    pub(crate) request_id: String,
    #[prost(string, tag = "3")]
    pub(crate) trace_id: String,
    #[prost(string, tag = "4")]
    pub(crate) parent: String,
}

impl Receipt {
    /// With what the service knows of the request that it works on.
    fn now(step: u32) -> Self {
        let context = RequestContext::current();
        let trace = context.as_ref().and_then(|context| context.slot().trace());
        let request_id = context.as_ref().and_then(RequestContext::request_id);
        Self {
            step,
            request_id: request_id.map(ToString::to_string).unwrap_or_default(),
            trace_id: trace.map(|trace| trace.trace_id.to_string()).unwrap_or_default(),
            parent: trace.and_then(|trace| trace.parent).map(|parent| parent.to_string()).unwrap_or_default(),
        }
    }
}

async fn create(order: tonic::Request<Order>) -> Result<tonic::Response<Receipt>, Status> {
    match &*order.into_inner().item {
        "gold" => Err(Status::resource_exhausted("sold out")),
        _ => Ok(tonic::Response::new(Receipt::now(1))),
    }
}

type Receipts = BoxStream<'static, Result<Receipt, Status>>;

async fn follow(_: tonic::Request<Order>) -> Result<tonic::Response<Receipts>, Status> {
    Ok(tonic::Response::new(stream::iter(1..=3).map(|step| Ok(Receipt::now(step))).boxed()))
}

/// The server.
pub(crate) fn service() -> BoxCloneSyncService<Request<Body>, Response<body::Body>, Infallible> {
    BoxCloneSyncService::new(service_fn(answer))
}

async fn answer(request: Request<Body>) -> Result<Response<body::Body>, Infallible> {
    let codec = ProstCodec::<Receipt, Order>::default();
    Ok(match request.uri().path() {
        CREATE => GrpcServer::new(codec).unary(service_fn(create), request).await,
        FOLLOW => GrpcServer::new(codec).server_streaming(service_fn(follow), request).await,
        _ => Status::unimplemented("no such method").into_http(),
    })
}

/// The client, over a channel or whatever stands around one.
pub(crate) struct OrdersClient<S> {
    grpc: GrpcClient<S>,
}

impl<S> OrdersClient<S>
where
    S: GrpcService<body::Body>,
    S::Error: std::fmt::Display,
    S::ResponseBody: axum::body::HttpBody<Data = axum::body::Bytes> + Send + 'static,
    <S::ResponseBody as axum::body::HttpBody>::Error: Into<tower::BoxError> + Send,
{
    pub(crate) fn new(service: S) -> Self {
        Self { grpc: GrpcClient::new(service) }
    }

    async fn ready(&mut self) -> Result<(), Status> {
        self.grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))
    }

    pub(crate) async fn create(&mut self, order: Order) -> Result<Receipt, Status> {
        self.ready().await?;
        let codec = ProstCodec::<Order, Receipt>::default();
        let path = PathAndQuery::from_static(CREATE);
        Ok(self.grpc.unary(tonic::Request::new(order), path, codec).await?.into_inner())
    }

    pub(crate) async fn follow(&mut self, order: Order) -> Result<Vec<Receipt>, Status> {
        self.ready().await?;
        let codec = ProstCodec::<Order, Receipt>::default();
        let path = PathAndQuery::from_static(FOLLOW);
        let steps = self.grpc.server_streaming(tonic::Request::new(order), path, codec).await?.into_inner();
        steps.try_collect().await
    }
}
