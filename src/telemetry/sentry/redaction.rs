//! What never leaves: the last look at everything that is about to be sent.
//!
//! Decided by keys, at any depth, and also inside of texts: strings that are JSON, and whatever
//! [`Redaction::text`](tower_watch_layers::redact::Redaction::text) finds; no matter who put it there.

use std::borrow::Cow;

use sentry_core::protocol::{Breadcrumb, Context, Event, Exception, Map, Request, Span, Transaction, Value};
use serde_json::{from_value, to_value};
use tower_watch_layers::redact::{REDACTED, Redaction};

/// Deeper than this nothing is looked at, and nothing is sent.
const DEPTH: usize = 32;

/// Redacts an issue.
pub(crate) fn event(redaction: &Redaction, mut event: Event<'static>) -> Event<'static> {
    event.message = event.message.map(|message| text(redaction, message));
    if let Some(entry) = &mut event.logentry {
        entry.message = text(redaction, std::mem::take(&mut entry.message));
        entry.params.iter_mut().for_each(|param| value(redaction, param, 0));
    }
    event.exception.values.iter_mut().for_each(|exception| self::exception(redaction, exception));
    event.breadcrumbs.values.iter_mut().for_each(|crumb| breadcrumb(redaction, crumb));
    texts(redaction, &mut event.tags);
    values(redaction, &mut event.extra);
    contexts(redaction, &mut event.contexts);
    event.user.iter_mut().for_each(|user| values(redaction, &mut user.other));
    event.request.iter_mut().for_each(|sent| request(redaction, sent));
    event
}

/// Redacts a transaction with its spans.
pub(crate) fn transaction(
    redaction: &Redaction,
    mut transaction: Transaction<'static>,
) -> Transaction<'static> {
    texts(redaction, &mut transaction.tags);
    values(redaction, &mut transaction.extra);
    contexts(redaction, &mut transaction.contexts);
    transaction.request.iter_mut().for_each(|sent| request(redaction, sent));
    transaction.spans.iter_mut().for_each(|inner| span(redaction, inner));
    transaction
}

fn span(redaction: &Redaction, span: &mut Span) {
    span.description = span.description.take().map(|description| text(redaction, description));
    texts(redaction, &mut span.tags);
    values(redaction, &mut span.data);
}

fn exception(redaction: &Redaction, exception: &mut Exception) {
    exception.value = exception.value.take().map(|value| text(redaction, value));
    exception.mechanism.iter_mut().for_each(|mechanism| values(redaction, &mut mechanism.data));
}

fn breadcrumb(redaction: &Redaction, crumb: &mut Breadcrumb) {
    crumb.message = crumb.message.take().map(|message| text(redaction, message));
    values(redaction, &mut crumb.data);
}

fn request(redaction: &Redaction, request: &mut Request) {
    request.cookies = request.cookies.take().map(|_| REDACTED.to_owned());
    request.query_string = request.query_string.take().map(|query| pairs(redaction, &query));
    request.data = request.data.take().map(|data| pairs(redaction, &text(redaction, data)));
    texts(redaction, &mut request.headers);
    texts(redaction, &mut request.env);
    if let Some(url) = &mut request.url {
        let query = url.query().map(|query| pairs(redaction, query));
        url.set_query(query.as_deref());
    }
}

/// The ids of the trace stay, whatever they are called.
fn contexts(redaction: &Redaction, contexts: &mut Map<String, Context>) {
    for (name, context) in contexts {
        match context {
            Context::Trace(trace) => values(redaction, &mut trace.data),
            Context::Other(fields) => {
                if redaction.is_secret(name) {
                    fields.values_mut().for_each(|field| *field = REDACTED.into());
                } else {
                    values(redaction, fields);
                }
            }
            known => {
                let Ok(mut tree) = to_value(&*known) else { continue };
                value(redaction, &mut tree, 0);
                if let Ok(redacted) = from_value(tree) {
                    *known = redacted;
                }
            }
        }
    }
}

fn texts(redaction: &Redaction, map: &mut Map<String, String>) {
    for (key, entry) in map {
        *entry = match redaction.is_secret(key) {
            true => REDACTED.to_owned(),
            false => text(redaction, std::mem::take(entry)),
        };
    }
}

fn values(redaction: &Redaction, map: &mut Map<String, Value>) {
    for (key, entry) in map {
        keyed(redaction, key, entry, 0);
    }
}

fn keyed(redaction: &Redaction, key: &str, entry: &mut Value, depth: usize) {
    match redaction.is_secret(key) {
        true => *entry = REDACTED.into(),
        false => value(redaction, entry, depth),
    }
}

fn value(redaction: &Redaction, tree: &mut Value, depth: usize) {
    match tree {
        Value::Object(_) | Value::Array(_) if depth == DEPTH => *tree = REDACTED.into(),
        Value::Object(map) => map.iter_mut().for_each(|(key, entry)| keyed(redaction, key, entry, depth + 1)),
        Value::Array(items) => items.iter_mut().for_each(|item| value(redaction, item, depth + 1)),
        Value::String(inner) => *inner = text(redaction, std::mem::take(inner)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A string that is a JSON object or array is one of those, and is written anew only where something in it is secret. In any
/// other the secrets are found as in a log line.
fn text(redaction: &Redaction, text: String) -> String {
    if !matches!(text.trim_start().as_bytes().first(), Some(b'{' | b'[')) {
        return match redaction.text(&text) {
            Cow::Owned(redacted) => redacted,
            Cow::Borrowed(_) => text,
        };
    }
    let Ok(mut tree) = serde_json::from_str::<Value>(&text) else { return cut_json(redaction, text) };
    let before = tree.clone();
    value(redaction, &mut tree, 1);
    if tree == before { text } else { tree.to_string() }
}

/// JSON that was cut, or is none after all: where a secret key stands in it, nothing of it goes.
fn cut_json(redaction: &Redaction, text: String) -> String {
    let has_secret = text.split('"').any(|part| redaction.is_secret(part));
    if has_secret { REDACTED.to_owned() } else { text }
}

/// `a=1&password=2`.
fn pairs(redaction: &Redaction, text: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((key, _)) if redaction.is_secret(key) => format!("{key}={REDACTED}"),
        _ => pair.to_owned(),
    };
    text.split('&').map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use sentry_core::protocol::{
        Context, Event, Map, OsContext, Request, ResponseContext, TraceContext, TraceId, Value,
    };
    use serde_json::json;
    use tower_watch_layers::redact::Redaction;

    #[test]
    fn no_part_of_an_issue_is_left_out() {
        let headers = Map::from([
            ("Authorization".to_owned(), "s3cret".to_owned()),
            ("accept".to_owned(), "*".to_owned()),
        ]);
        let trace = TraceContext { trace_id: TraceId::from([7; 16]), ..TraceContext::default() };
        let response = ResponseContext {
            headers: headers.clone(),
            status_code: Some(500),
            ..ResponseContext::default()
        };
        let os = OsContext { name: Some("Linux".to_owned()), ..OsContext::default() };
        let deep = (0..100).fold(json!({"password": "s3cret"}), |inner, _| json!({ "a": inner }));
        let event = Event {
            message: Some(r#" {"token": "s3cret", "kept": 1}"#.to_owned()),
            request: Some(Request {
                url: "https://shop.example/?token=s3cret&page=2".parse().ok(),
                query_string: Some("api_key=s3cret&page=2".to_owned()),
                cookies: Some("s3cret".to_owned()),
                data: Some("password=s3cret&name=ada".to_owned()),
                headers,
                ..Request::default()
            }),
            tags: Map::from([("session_token".to_owned(), "s3cret".to_owned())]),
            extra: Map::from([
                ("list".to_owned(), json!([{"db-password": "s3cret"}, "[{\"cookie\":\"s3cret\"}]"])),
                ("deep".to_owned(), deep),
            ]),
            contexts: Map::from([
                ("trace".to_owned(), trace.into()),
                ("response".to_owned(), response.into()),
                ("os".to_owned(), os.into()),
                ("secret".to_owned(), Context::Other(Map::from([("any".to_owned(), "s3cret".into())]))),
            ]),
            ..Event::default()
        };
        // A word that stands in the name of the trace's own context.
        let event = super::event(&Redaction::new().with_key("trace_id"), event);
        let sent: Value = serde_json::to_value(event).expect("JSON");
        assert!(!sent.to_string().contains("s3cret"), "{sent}");
        assert_eq!(sent["contexts"]["trace"]["trace_id"], "07070707070707070707070707070707");
        assert_eq!(sent["contexts"]["response"]["status_code"], 500);
        assert_eq!(sent["contexts"]["os"]["name"], "Linux");
        assert_eq!(sent["request"]["headers"]["accept"], "*");
        assert_eq!(sent["request"]["data"], "password=[redacted]&name=ada");
        assert_eq!(sent["message"], r#"{"kept":1,"token":"[redacted]"}"#);
    }
}
