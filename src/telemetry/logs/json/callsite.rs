//! What all lines of a callsite have in common.

use std::cell::RefCell;
use std::rc::Rc;

use tower_watch_layers::access;
use tracing::Metadata;

use crate::telemetry::business;
use crate::telemetry::logs::json::escape::push_string;
use crate::telemetry::logs::json::form::Form;
use crate::telemetry::logs::keys::{AccessName, Names};
use crate::telemetry::logs::plan::Plans;

/// The keys of a callsite, escaped.
#[derive(Debug)]
pub(crate) struct CallsitePlan {
    /// From the end of the timestamp to the target: `","level":"INFO","target":"orders"`.
    pub(crate) head: String,
    pub(crate) fields: Vec<FieldPlan>,
    /// The [`Part`]s that it says itself, as an access line does, whatever the thread says.
    pub(crate) own_parts: u8,
}

/// One field.
#[derive(Debug)]
pub(crate) struct FieldPlan {
    /// `,"amount":`
    pub(crate) key: String,
    /// The part whose key this is where that part is missing; where it is there, the field's key is the second.
    pub(crate) shared_with: Option<(Part, String)>,
    /// What the line says under the field's name in any case: where the field says the same, it is left out.
    pub(crate) said: Option<String>,
    pub(crate) kind: Kind,
}

/// The parts that are in some lines only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    RequestId = 1,
    Tenant = 2,
    User = 4,
    Trace = 8,
    Span = 16,
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Value,
    /// Only that it is there is said.
    Secret,
    /// The digits of a trace or of a span.
    TraceId,
    SpanId,
    /// Milliseconds that become nanoseconds.
    Nanoseconds,
    /// A member of the object `httpRequest`.
    Http(HttpForm),
    /// The data of a business event.
    Data,
    /// What the `log` facade says of where it was called.
    Left,
}

/// How a member of `httpRequest` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HttpForm {
    AsItIs,
    Text,
    Version,
    Seconds,
}

thread_local! {
    static PLANS: RefCell<Plans<CallsitePlan>> = RefCell::default();
}

impl CallsitePlan {
    pub(crate) fn of(metadata: &'static Metadata<'static>, form: &Form) -> Rc<Self> {
        let make = || Self::new(metadata, form);
        PLANS
            .try_with(|plans| Plans::of(plans, form.plans, metadata, make))
            .unwrap_or_else(|_| Rc::new(make()))
    }

    fn new(metadata: &Metadata<'_>, form: &Form) -> Self {
        let names = form.keys.names();
        let is_access = metadata.target() == access::TARGET;
        let is_business = business::is_ours(metadata);
        let is_log = metadata.target() == "log" && metadata.fields().field("log.target").is_some();
        let mut head = "\",".to_owned();
        push_key(&mut head, names.level);
        push_string(&mut head, names.level_name(*metadata.level()));
        if !is_log {
            head.push(',');
            push_key(&mut head, names.target);
            push_string(&mut head, metadata.target());
        }
        let mut keys = UsedKeys { names, form, metadata, used: Vec::new() };
        let fields = metadata.fields().iter().map(|field| {
            let name = field.name();
            match names.access_name(name).filter(|_| is_access) {
                Some(access) => keys.access_field(access),
                None if is_log && name == "log.target" => FieldPlan::new(names.target, Kind::Value),
                None if is_log && name.starts_with("log.") => FieldPlan::new(name, Kind::Left),
                None if is_business && name == "data" => keys.field(name, Kind::Data),
                None if form.redaction.is_secret(name) => keys.field(name, Kind::Secret),
                None => keys.field(name, Kind::Value),
            }
        });
        let fields = fields.collect();
        let own_parts = match () {
            () if is_access => u8::MAX,
            () if is_business => Part::User as u8,
            () => 0,
        };
        Self { head, fields, own_parts }
    }
}

impl FieldPlan {
    fn new(key: &str, kind: Kind) -> Self {
        Self { key: member(key), shared_with: None, said: None, kind }
    }
}

/// The keys that are given away, so that none is given twice.
struct UsedKeys<'a> {
    names: &'static Names,
    form: &'a Form,
    metadata: &'a Metadata<'a>,
    used: Vec<String>,
}

impl UsedKeys<'_> {
    fn field(&mut self, name: &str, kind: Kind) -> FieldPlan {
        if name == "message" && !self.used.iter().any(|used| used == name) {
            self.used.push(name.to_owned());
            return FieldPlan::new(self.names.message, kind);
        }
        let names = self.names;
        let ids = [
            ("request_id", names.request_id, Part::RequestId, kind),
            ("tenant", names.tenant, Part::Tenant, kind),
            ("user_id", names.user_id, Part::User, kind),
            ("trace_id", names.trace_id, Part::Trace, Kind::TraceId),
            ("span_id", names.span_id, Part::Span, Kind::SpanId),
        ];
        match ids.into_iter().find(|(own, key, ..)| *own == name || *key == name) {
            Some((_, key, part, kind)) if !self.used.iter().any(|used| used == key) => {
                self.used.push(key.to_owned());
                let kind = if kind == Kind::Secret { Kind::Value } else { kind };
                let elsewhere = self.free(name, true);
                FieldPlan {
                    key: member(key),
                    shared_with: Some((part, member(&elsewhere))),
                    said: None,
                    kind,
                }
            }
            found => {
                let key = self.free(name, found.is_some() || names.is_taken(name));
                FieldPlan { said: self.said(name), ..FieldPlan::new(&key, kind) }
            }
        }
    }

    fn access_field(&mut self, name: AccessName) -> FieldPlan {
        let (key, kind) = match name {
            AccessName::Key(key) => (key, Kind::Value),
            AccessName::Nanoseconds(key) => (key, Kind::Nanoseconds),
            AccessName::Http(key) => (key, Kind::Http(HttpForm::AsItIs)),
            AccessName::HttpText(key) => (key, Kind::Http(HttpForm::Text)),
            AccessName::HttpVersion(key) => (key, Kind::Http(HttpForm::Version)),
            AccessName::HttpSeconds(key) => (key, Kind::Http(HttpForm::Seconds)),
        };
        self.used.push(key.to_owned());
        FieldPlan::new(key, kind)
    }

    /// What stands under this key in all lines of the callsite.
    fn said(&self, key: &str) -> Option<String> {
        match key {
            _ if key == self.names.level => Some(self.names.level_name(*self.metadata.level()).to_owned()),
            _ if key == self.names.target => Some(self.metadata.target().to_owned()),
            _ => self.form.constant(key).map(ToOwned::to_owned),
        }
    }

    /// The name, or one that is free.
    fn free(&mut self, name: &str, is_taken: bool) -> String {
        let mut key = if is_taken { format!("fields.{name}") } else { name.to_owned() };
        while self.used.contains(&key) || self.names.is_taken(&key) {
            key = if key.starts_with("fields.") { format!("{key}_") } else { format!("fields.{key}") };
        }
        self.used.push(key.clone());
        key
    }
}

/// `,"key":`
fn member(key: &str) -> String {
    let mut member = ",".to_owned();
    push_key(&mut member, key);
    member
}

fn push_key(out: &mut String, key: &str) {
    push_string(out, key);
    out.push(':');
}
