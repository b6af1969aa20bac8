//! Lines that are kept, and read strictly.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use tower::ServiceExt;
use tower_watch::layers::spans::SpanLayer;
use tower_watch::telemetry::logs::JsonLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

/// Keeps what is written to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<Vec<u8>>>>);

impl Write for Kept {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Kept {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

impl Kept {
    /// What was written, one text per write.
    pub(crate) fn texts(&self) -> Vec<String> {
        let writes = self.0.lock().unwrap();
        writes.iter().map(|line| String::from_utf8(line.clone()).expect("lines are UTF-8")).collect()
    }

    /// The lines, each of which must be one write and one JSON object.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.texts().iter().map(|text| parse(text)).collect()
    }

    /// Forgets what was written.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// The only line.
    pub(crate) fn only(&self) -> Value {
        let [line] = &self.lines()[..] else { panic!("not one line: {:#?}", self.texts()) };
        line.clone()
    }
}

/// Reads a line, and fails where a key stands twice, or where it is not one line.
#[track_caller]
pub(crate) fn parse(text: &str) -> Value {
    assert!(text.ends_with('\n') && text.matches('\n').count() == 1, "not one line: {text:?}");
    let strict: Strict = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    assert!(strict.0.is_object(), "{text:?}");
    strict.0
}

/// A JSON value in which no key stands twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        macro_rules! plain {
            ($($method:ident: $from:ty),*) => {
                $(fn $method<E: Error>(self, value: $from) -> Result<Strict, E> { Ok(Strict(value.into())) })*
            };
        }
        impl<'de> Visitor<'de> for Reader {
            type Value = Strict;

            plain! { visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str }

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E: Error>(self) -> Result<Strict, E> {
                Ok(Strict(Value::Null))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
                let mut all = Vec::new();
                while let Some(Strict(item)) = items.next_element()? {
                    all.push(item);
                }
                Ok(Strict(Value::Array(all)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Strict, A::Error> {
                let mut all = BTreeMap::new();
                while let Some((key, Strict(value))) = members.next_entry::<String, Strict>()? {
                    if all.insert(key.clone(), value).is_some() {
                        return Err(A::Error::custom(format!("{key:?} stands twice")));
                    }
                }
                Ok(Strict(all.into_iter().collect()))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// Runs `log` where lines are written as `form` says, and hands back what was written.
pub(crate) fn written(form: impl FnOnce(JsonLayer<Kept>) -> JsonLayer<Kept>, log: impl FnOnce()) -> Kept {
    let kept = Kept::default();
    with_layer(form(JsonLayer::new(kept.clone())), log);
    kept
}

/// Runs `log` in a subscriber of the span layer and this one.
pub(crate) fn with_layer<R>(
    layer: impl Layer<tracing_subscriber::layer::Layered<SpanLayer, Registry>> + Send + Sync,
    log: impl FnOnce() -> R,
) -> R {
    let subscriber = tracing_subscriber::registry().with(SpanLayer::new()).with(layer);
    tracing::subscriber::with_default(subscriber, log)
}

/// Runs a future on this thread.
pub(crate) fn block_on<R>(future: impl Future<Output = R>) -> R {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Sends a request, and reads the answer to its end.
pub(crate) async fn ask(app: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

/// A folder that is removed at the end.
#[derive(Debug)]
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("tower-watch-logs-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
