//! What templates compute with.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Zoned;

/// The most that maps are put into maps (`args`), so that none is too deep to be printed.
const DEEPEST: u8 = 16;

/// A value, of the types that Go's templates meet in rules and notifications.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    /// Text that is HTML already.
    Safe(Arc<str>),
    List(List),
    Map(Map),
    Struct(Arc<Struct>),
    Time(Zoned),
    /// In nanoseconds.
    Duration(i64),
}

#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) kind: ListKind,
    pub(crate) items: Arc<[Value]>,
}

/// What a list is of: its methods, and its name in errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListKind {
    Texts,
    Samples,
    Alerts,
    Pairs,
}

#[derive(Clone, Debug)]
pub(crate) struct Map {
    pub(crate) kind: MapKind,
    pub(crate) entries: Arc<BTreeMap<Arc<str>, Value>>,
    depth: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MapKind {
    /// Of strings.
    Plain,
    /// Of strings, with Alertmanager's methods.
    Kv,
    /// Of anything.
    Any,
}

/// Named fields in their order.
#[derive(Debug)]
pub(crate) struct Struct {
    pub(crate) name: &'static str,
    pub(crate) fields: Vec<(&'static str, Value)>,
}

impl Value {
    pub(crate) fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn texts(items: impl IntoIterator<Item = Value>) -> Self {
        Self::list(ListKind::Texts, items)
    }

    pub(crate) fn list(kind: ListKind, items: impl IntoIterator<Item = Value>) -> Self {
        Self::List(List { kind, items: items.into_iter().collect() })
    }

    pub(crate) fn record(name: &'static str, fields: Vec<(&'static str, Value)>) -> Self {
        Self::Struct(Arc::new(Struct { name, fields }))
    }

    /// A map of strings.
    pub(crate) fn map<'t>(kind: MapKind, entries: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (Arc::from(key), Self::text(value))).collect();
        Self::Map(Map { kind, entries: Arc::new(entries), depth: 0 })
    }

    /// Go's `map[string]interface{}`.
    pub(crate) fn any_map(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Result<Self, String> {
        let entries: BTreeMap<Arc<str>, Value> = entries.into_iter().collect();
        let depth = entries.values().map(Self::depth).max().unwrap_or(0) + 1;
        if depth > DEEPEST {
            return Err(format!("maps are put into maps more than {DEEPEST} deep"));
        }
        Ok(Self::Map(Map { kind: MapKind::Any, entries: Arc::new(entries), depth }))
    }

    fn depth(&self) -> u8 {
        match self {
            Self::Map(map) => map.depth,
            _ => 0,
        }
    }

    /// Whether `if` takes it for true: what is there and neither zero nor empty.
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) | Self::Safe(text) => !text.is_empty(),
            Self::List(list) => !list.items.is_empty(),
            Self::Map(map) => !map.entries.is_empty(),
            Self::Struct(_) | Self::Time(_) => true,
            Self::Duration(nanos) => *nanos != 0,
        }
    }

    /// Its type as Go names it.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::Safe(_) => "template.HTML",
            Self::List(list) => match list.kind {
                ListKind::Texts => "[]string",
                ListKind::Samples => "template.queryResult",
                ListKind::Alerts => "template.Alerts",
                ListKind::Pairs => "template.Pairs",
            },
            Self::Map(map) => match map.kind {
                MapKind::Plain => "map[string]string",
                MapKind::Kv => "template.KV",
                MapKind::Any => "map[string]interface {}",
            },
            Self::Struct(record) => record.name,
            Self::Time(_) => "time.Time",
            Self::Duration(_) => "time.Duration",
        }
    }

    /// Its text, where it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Safe(text) => Some(text),
            _ => None,
        }
    }
}

impl Map {
    /// The entry, or what a missing one counts as.
    pub(crate) fn get(&self, key: &str) -> Value {
        match self.entries.get(key) {
            Some(value) => value.clone(),
            None if self.kind == MapKind::Any => Value::Nil,
            None => Value::text(""),
        }
    }
}

impl Struct {
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }
}
