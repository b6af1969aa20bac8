//! Calls to databases and caches.

use std::fmt::Display;
use std::future::Future;

use tracing::Span;
use tracing::field::Empty;

use crate::cut::cut;
use crate::traced::Traced;
use crate::traced::query::without_literals;
use crate::traced::work;

/// A span around a call to a database, by OpenTelemetry's conventions:
/// <https://opentelemetry.io/docs/specs/semconv/database/database-spans/>. A cache is a database there too:
/// `DbSpan::new("redis", "GET")`.
///
/// The text of a query is shown only where it is given, and then without what is in it.
#[derive(Clone, Debug)]
#[must_use = "it is made by `run`, `run_fn` or `span`"]
pub struct DbSpan<'a> {
    system: &'a str,
    operation: &'a str,
    collection: Option<&'a str>,
    namespace: Option<&'a str>,
    text: Option<Text<'a>>,
    server: Option<(&'a str, u16)>,
}

#[derive(Clone, Copy, Debug)]
enum Text<'a> {
    Raw(&'a str),
    Clean(&'a str),
}

/// The most bytes of a query's text.
const LONGEST_TEXT: usize = 4_096;

impl<'a> DbSpan<'a> {
    /// A call to a database of this kind (`postgresql`, `mysql`, `redis`; `db.system.name`) that does this (`SELECT`, `GET`;
    /// `db.operation.name`).
    pub fn new(system: &'a str, operation: &'a str) -> Self {
        Self { system, operation, collection: None, namespace: None, text: None, server: None }
    }

    /// The table or collection that it works on (`db.collection.name`), which becomes part of the span's name.
    pub fn collection(mut self, name: &'a str) -> Self {
        self.collection = Some(name);
        self
    }

    /// The database or schema (`db.namespace`).
    pub fn namespace(mut self, name: &'a str) -> Self {
        self.namespace = Some(name);
        self
    }

    /// The text of the query (`db.query.text`), in which strings and numbers are replaced by `?` and comments left out.
    /// For SQL; costs a walk over the text.
    pub fn query_text(mut self, text: &'a str) -> Self {
        self.text = Some(Text::Raw(text));
        self
    }

    /// The text of a query whose values are all parameters, so that there is nothing in it to hide.
    pub fn parameterized_query_text(mut self, text: &'a str) -> Self {
        self.text = Some(Text::Clean(text));
        self
    }

    /// Where the database is (`server.address`, `server.port`).
    pub fn server(mut self, host: &'a str, port: u16) -> Self {
        self.server = Some((host, port));
        self
    }

    /// The span, for what none of the others fits.
    #[must_use]
    pub fn span(&self) -> Span {
        let span = tracing::info_span!(
            "db call",
            otel.name = Empty,
            otel.kind = "client",
            db.system.name = self.system,
            db.operation.name = self.operation,
            db.collection.name = self.collection,
            db.namespace = self.namespace,
            db.query.text = Empty,
            server.address = self.server.map(|(host, _)| host),
            server.port = self.server.map(|(_, port)| port),
            otel.status_code = Empty,
            otel.status_description = Empty,
            error.type = Empty,
        );
        if span.is_disabled() {
            return span;
        }
        match self.collection {
            Some(collection) => span.record("otel.name", format!("{} {collection}", self.operation)),
            None => span.record("otel.name", self.operation),
        };
        match self.text {
            Some(Text::Raw(text)) => {
                span.record("db.query.text", without_literals(text, self.system, LONGEST_TEXT));
            }
            Some(Text::Clean(text)) => {
                span.record("db.query.text", cut(text, LONGEST_TEXT));
            }
            None => {}
        }
        span
    }

    /// Runs a future in the span, which is marked as failed where that fails.
    pub fn run<F, T, E>(&self, future: F) -> Traced<F>
    where
        F: Future<Output = Result<T, E>>,
        E: Display,
    {
        Traced::new(self.span(), future)
    }

    /// Runs a function in the span; see [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// Those of the function.
    pub fn run_fn<T, E: Display>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        work::run(&self.span(), work)
    }
}
