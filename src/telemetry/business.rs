//! What happened in the business, as an event of its own: an order was placed, a contract was signed.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::{self, Debug};
use std::rc::Rc;

use tower_watch_layers::redact::{REDACTED, Redaction};
use tracing::Metadata;

use crate::RequestContext;

/// The target of business events: what a subscriber's filter knows them by.
pub const BUSINESS_TARGET: &str = "tower_watch::business";

/// Begins an event of the business; [`emit`](BusinessEvent::emit) writes it.
///
/// It is an event of `tracing` at INFO with the target `tower_watch::business`, so it carries the ids of its request like any log
/// line, and `RUST_LOG=warn` does not silence it where tower-watch writes the lines.
///
/// ```
/// tower_watch::telemetry::event("order_placed").user("ada").data("amount", 12.5).data("currency", "EUR").emit();
/// ```
pub fn event(kind: &str) -> BusinessEvent<'_> {
    BusinessEvent { kind, user: None, data: Vec::new() }
}

/// Something that happened in the business; see [`event`].
#[derive(Clone, Debug)]
#[must_use = "nothing is written before emit"]
pub struct BusinessEvent<'a> {
    kind: &'a str,
    user: Option<Cow<'a, str>>,
    data: Vec<(Cow<'a, str>, Datum)>,
}

/// A value of a business event: a text, a number, or yes and no.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Datum {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
}

macro_rules! datum {
    ($($from:ty => $into:ident($convert:expr)),* $(,)?) => {
        $(impl From<$from> for Datum {
            fn from(value: $from) -> Self {
                let convert: fn($from) -> _ = $convert;
                Self::$into(convert(value))
            }
        })*
    };
}

datum! {
    &str => Text(str::to_owned),
    String => Text(|text| text),
    i32 => Integer(i128::from),
    i64 => Integer(i128::from),
    u32 => Integer(i128::from),
    u64 => Integer(i128::from),
    usize => Integer(|number| number as i128),
    f32 => Float(f64::from),
    f64 => Float(|number| number),
    bool => Bool(|yes| yes),
}

/// More is left out: an event is no document.
const MOST_DATA: usize = 64;

impl<'a> BusinessEvent<'a> {
    /// On whose behalf. By default the user of the request.
    pub fn user(mut self, user: impl Into<Cow<'a, str>>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Adds a value; the last one of a key counts. Of more than 64 the rest is left out.
    pub fn data(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Datum>) -> Self {
        let (key, value) = (key.into(), value.into());
        self.data.retain(|(known, _)| *known != key);
        if self.data.len() < MOST_DATA {
            self.data.push((key, value));
        }
        self
    }

    /// Writes it.
    pub fn emit(self) {
        let Self { kind, user, data } = self;
        let user = user
            .or_else(|| RequestContext::current()?.user().map(|user| Cow::Owned(user.as_str().to_owned())));
        let data: Rc<Data> = data.into_iter().map(|(key, value)| (key.into_owned(), value)).collect();
        carrying(&data, || {
            tracing::info!(
                target: BUSINESS_TARGET,
                event_type = kind,
                user_id = user.as_deref(),
                data = ?Shown(&data),
                "business event"
            );
        });
    }
}

type Data = [(String, Datum)];

thread_local! {
    /// What the event that is being written carries: a field of `tracing` has no room for it.
    static DATA: RefCell<Option<Rc<Data>>> = const { RefCell::new(None) };
}

fn carrying(data: &Rc<Data>, write: impl FnOnce()) {
    struct Restore(Option<Rc<Data>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            let outer = self.0.take();
            let _ = DATA.try_with(|current| current.replace(outer));
        }
    }
    let outer = DATA.try_with(|current| current.replace(Some(Rc::clone(data)))).ok().flatten();
    let _restore = Restore(outer);
    write();
}

/// Hands over what the event that is being written on this thread carries.
pub(crate) fn with_data(mut take: impl FnMut(&str, &Datum)) {
    let data = DATA.try_with(|current| current.borrow().clone()).ok().flatten();
    for (key, value) in data.iter().flat_map(|data| data.iter()) {
        take(key, value);
    }
}

/// Whether an event is one of these, and not only named like one.
pub(crate) fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target() == BUSINESS_TARGET && metadata.module_path() == Some(module_path!())
}

/// For layers that do not know business events.
struct Shown<'a>(&'a Data);

impl Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redaction = Redaction::default();
        let mut map = f.debug_map();
        for (key, value) in self.0 {
            match value {
                _ if redaction.is_secret(key) => map.entry(key, &REDACTED),
                Datum::Text(text) => map.entry(key, text),
                Datum::Integer(number) => map.entry(key, number),
                Datum::Float(number) => map.entry(key, number),
                Datum::Bool(yes) => map.entry(key, yes),
            };
        }
        map.finish()
    }
}
