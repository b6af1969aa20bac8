//! One request to a receiver.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use serde::Serialize;
use tower_watch_layers::clock::Clock;

use crate::alert::config::HttpConfig;
use crate::alert::receivers::SendError;
use crate::alert::receivers::http::Address;
use crate::alert::receivers::http::outcome;
use crate::outgoing::{Answer, HttpClient};

/// Longer than any timeout of the engine, which is what ends a message.
const LONG: Duration = Duration::from_secs(3_600);

/// How one receiver is spoken to. Its connections are its own, so that a receiver that hangs takes none of another.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: Result<HttpClient, String>,
    config: HttpConfig,
    clock: Clock,
}

impl Http {
    pub(crate) fn new(config: HttpConfig) -> Self {
        let client = config.client().map_err(|error| error.to_string());
        Self { client, config, clock: Clock::system() }
    }

    /// Why nothing can be sent at all.
    pub(crate) fn problem(&self) -> Option<String> {
        self.client.as_ref().err().map(|error| format!("http_config: {error}"))
    }

    /// The wall clock: what a receiver compares its own with.
    pub(crate) fn wall(&self) -> SystemTime {
        self.clock.wall()
    }

    /// Posts this as JSON. Whatever the answer is: [`of_answer`](crate::alert::receivers::http::of_answer) says what it means.
    pub(crate) async fn post_json(
        &self,
        address: &Address,
        message: &impl Serialize,
    ) -> Result<Answer, SendError> {
        let body = json(message)?;
        self.send(Method::POST, address, HeaderMap::new(), body).await
    }

    /// Sends bytes with these headers, which go before those of the configuration. `Content-Type` is JSON where there is a
    /// body and none is given.
    pub(crate) async fn send(
        &self,
        method: Method,
        address: &Address,
        own: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, SendError> {
        let client = self.client.as_ref().map_err(|error| SendError::refused(error.clone()))?;
        let target = address.read()?;
        let mut headers = HeaderMap::new();
        if !body.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(authorization) = target.authorization {
            headers.insert(header::AUTHORIZATION, authorization);
        }
        // A file of a secret can be put right while we wait.
        self.config.apply(&mut headers).map_err(|error| SendError::retry(error.to_string()))?;
        headers.extend(own);
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = target.uri;
        *request.headers_mut() = headers;
        client.send(request, LONG).await.map_err(|error| outcome::of_error(&error))
    }
}

/// A message as JSON.
pub(crate) fn json(message: &impl Serialize) -> Result<Bytes, SendError> {
    let written = serde_json::to_vec(message).map(Bytes::from);
    written.map_err(|error| SendError::refused(format!("the message cannot be written as JSON: {error}")))
}
