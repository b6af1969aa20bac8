//! Which fields the span has.
//!
//! The macros of `tracing` fix the fields of a span when the program is compiled. The headers of an allowlist and fields of
//! the application's own are only known when it starts, so the callsite is made then, once per list of fields, and lives as
//! long as the process: a few hundred bytes each.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::callsite::{self, Callsite, Identifier};
use tracing::field::{Field, FieldSet, Value, ValueSet};
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata, Span, dispatcher};

use crate::trace::shown::Attribute;

/// The target of the spans of exchanges, for filters.
const TARGET: &str = "tower_watch::request";

/// The fields of a span, and where it is made.
#[derive(Debug)]
pub(crate) struct Shape {
    callsite: &'static SpanCallsite,
    /// First those that every span can have, then the others.
    fields: Vec<Field>,
}

/// A field with its value, where it has one.
pub(crate) type FieldOf<'v> = (&'v Field, Option<&'v dyn Value>);

impl Shape {
    /// A span with these fields beside those that every span can have.
    pub(crate) fn new(more: impl IntoIterator<Item = String>) -> Self {
        let callsite = SpanCallsite::of(more.into_iter().collect());
        Self { callsite, fields: callsite.metadata().fields().iter().collect() }
    }

    #[inline]
    fn metadata(&self) -> &'static Metadata<'static> {
        let callsite: &'static SpanCallsite = self.callsite;
        callsite.metadata.get().expect("set when it is made")
    }

    pub(crate) fn field(&self, attribute: Attribute) -> &Field {
        &self.fields[attribute as usize]
    }

    /// The fields beside those that every span can have, in the order in which they were given.
    pub(crate) fn more(&self) -> &[Field] {
        &self.fields[Attribute::NAMES.len()..]
    }

    /// Pads a list of values.
    pub(crate) fn nothing(&self) -> FieldOf<'_> {
        (&self.fields[0], None)
    }

    /// These values of this span.
    pub(crate) fn values<'v, const N: usize>(&'v self, values: &'v [FieldOf<'v>; N]) -> ValueSet<'v> {
        self.metadata().fields().value_set(values)
    }

    /// Whether any subscriber might want the span.
    #[inline]
    pub(crate) fn is_of_interest(&self) -> bool {
        Level::INFO <= STATIC_MAX_LEVEL
            && Level::INFO <= LevelFilter::current()
            && self.callsite.interest() != NEVER
    }

    /// The span with these values; one that is disabled where the subscriber does not want it.
    #[inline]
    pub(crate) fn span(&self, values: &ValueSet<'_>) -> Span {
        let metadata = self.metadata();
        let is_wanted = self.callsite.interest() == ALWAYS
            || dispatcher::get_default(|subscriber| subscriber.enabled(metadata));
        if is_wanted { Span::new(metadata, values) } else { Span::none() }
    }
}

const NEVER: u8 = 0;
const SOMETIMES: u8 = 1;
const ALWAYS: u8 = 2;

/// Where spans of one list of fields are made.
#[derive(Debug)]
struct SpanCallsite {
    /// Set before anybody else sees it.
    metadata: OnceLock<Metadata<'static>>,
    interest: AtomicU8,
}

impl SpanCallsite {
    /// The callsite of this list, made where there is none yet: layers with the same list share one.
    fn of(more: Vec<String>) -> &'static Self {
        static KNOWN: Mutex<Vec<(Vec<String>, &'static SpanCallsite)>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, callsite)) = known.iter().find(|(list, _)| *list == more) {
            return callsite;
        }
        let callsite = Self::make(&more);
        known.push((more, callsite));
        callsite
    }

    fn make(more: &[String]) -> &'static Self {
        let own = more.iter().map(|name| &*Box::leak(name.clone().into_boxed_str()));
        let names: Vec<&'static str> = Attribute::NAMES.iter().copied().chain(own).collect();
        let callsite: &'static Self =
            Box::leak(Box::new(Self { metadata: OnceLock::new(), interest: AtomicU8::new(SOMETIMES) }));
        callsite.metadata.get_or_init(|| {
            let fields = FieldSet::new(Vec::leak(names), Identifier(callsite));
            let (file, line, module) = (Some(file!()), Some(line!()), Some(module_path!()));
            Metadata::new("request", TARGET, Level::INFO, file, line, module, fields, Kind::SPAN)
        });
        callsite::register(callsite);
        callsite
    }

    #[inline]
    fn interest(&self) -> u8 {
        self.interest.load(Ordering::Relaxed)
    }
}

impl Callsite for SpanCallsite {
    fn set_interest(&self, interest: Interest) {
        let interest = match () {
            () if interest.is_never() => NEVER,
            () if interest.is_always() => ALWAYS,
            () => SOMETIMES,
        };
        self.interest.store(interest, Ordering::Relaxed);
    }

    #[inline]
    fn metadata(&self) -> &Metadata<'_> {
        self.metadata.get().expect("set when it is made")
    }
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::Shape;

    /// What is made for a list of fields is never freed.
    #[test]
    fn layers_with_the_same_fields_share_their_callsite() {
        let [one, same, other] = ["a", "a", "b"].map(|name| Shape::new([name.to_owned()]).callsite);
        assert!(ptr::eq(one, same));
        assert!(!ptr::eq(one, other));
    }
}
