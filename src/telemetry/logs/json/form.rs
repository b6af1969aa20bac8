//! What all lines of a layer have in common.

use tower_watch_layers::clock::Clock;
use tower_watch_layers::redact::Redaction;

use crate::telemetry::Identity;
use crate::telemetry::logs::json::escape::push_string;
use crate::telemetry::logs::keys::{Constant, Keys};
use crate::telemetry::logs::plan::PlanSet;

/// How lines are written.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) keys: Keys,
    pub(crate) redaction: Redaction,
    pub(crate) limit: usize,
    pub(crate) clock: Clock,
    /// `{"timestamp":"`
    pub(crate) opening: String,
    /// `,"service":"orders","environment":"production"}` and the end of the line.
    pub(crate) closing: String,
    /// The texts among what is the same in every line.
    constants: Vec<(&'static str, String)>,
    /// What stands before the digits of a trace.
    pub(crate) trace_prefix: String,
    pub(crate) plans: PlanSet,
}

/// A value is cut where it is longer than this, in bytes.
pub(crate) const LIMIT: usize = 8 * 1024;

/// So many times the limit of a value all values of a line have together.
pub(crate) const VALUES: usize = 8;

impl Form {
    pub(crate) fn new(
        keys: Keys,
        identity: Option<&Identity>,
        redaction: Redaction,
        limit: usize,
        clock: Clock,
    ) -> Self {
        let mut opening = "{".to_owned();
        push_string(&mut opening, keys.names().timestamp);
        opening.push_str(":\"");
        let constants = identity.map_or_else(Vec::new, |identity| {
            keys.constants(&identity.service, identity.version.as_deref(), identity.environment.as_deref())
        });
        let (mut closing, mut texts) = (String::new(), Vec::new());
        for (key, value) in constants {
            push_member(&mut closing, key, &value);
            if let Constant::Text(text) = value {
                texts.push((key, text.to_owned()));
            }
        }
        closing.push_str("}\n");
        let trace_prefix = keys.trace_prefix();
        let plans = PlanSet::new();
        Self { keys, redaction, limit, clock, opening, closing, constants: texts, trace_prefix, plans }
    }

    /// What stands under this key in every line.
    pub(crate) fn constant(&self, key: &str) -> Option<&str> {
        self.constants.iter().find(|(own, _)| *own == key).map(|(_, text)| text.as_str())
    }
}

fn push_member(out: &mut String, key: &str, value: &Constant<'_>) {
    out.push(',');
    push_string(out, key);
    out.push(':');
    match value {
        Constant::Text(text) => push_string(out, text),
        Constant::Object(members) => {
            out.push('{');
            for (index, (key, text)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_string(out, key);
                out.push(':');
                push_string(out, text);
            }
            out.push('}');
        }
    }
}
