//! What a script expects beside the result: errors, warnings, infos, an order.

use regex::Regex;
use tower_watch::promql::Annotations;

/// `expect ...` and the older `eval_...`.
#[derive(Debug, Default)]
pub(crate) struct Expect {
    pub(crate) ordered: bool,
    pub(crate) fail: Option<Pattern>,
    pub(crate) warn: Vec<Pattern>,
    pub(crate) no_warn: bool,
    pub(crate) info: Vec<Pattern>,
    pub(crate) no_info: bool,
}

/// What a message must be.
#[derive(Debug)]
pub(crate) enum Pattern {
    Any,
    Text(String),
    Regex(Regex),
}

impl Pattern {
    pub(crate) fn matches(&self, message: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Text(text) => text == message,
            Self::Regex(regex) => regex.is_match(message),
        }
    }

    fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(text) = text.strip_prefix("msg:") {
            Ok(Self::Text(text.trim().to_owned()))
        } else if let Some(pattern) = text.strip_prefix("regex:") {
            Regex::new(pattern.trim()).map(Self::Regex).map_err(|error| error.to_string())
        } else if text.is_empty() {
            Ok(Self::Any)
        } else {
            Err(format!("{text:?} is neither msg: nor regex:"))
        }
    }
}

impl Expect {
    /// Reads what follows `expect`.
    pub(crate) fn add(&mut self, text: &str) -> Result<(), String> {
        let (kind, pattern) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let pattern = Pattern::read(pattern)?;
        match kind {
            "ordered" => self.ordered = true,
            "fail" => self.fail = Some(pattern),
            "warn" => self.warn.push(pattern),
            "no_warn" => self.no_warn = true,
            "info" => self.info.push(pattern),
            "no_info" => self.no_info = true,
            _ => return Err(format!("unknown: expect {text}")),
        }
        Ok(())
    }

    /// Whether the annotations are what is expected.
    pub(crate) fn check(&self, annotations: &Annotations) -> Result<(), String> {
        check("warning", &self.warn, self.no_warn, annotations.warnings())?;
        check("info", &self.info, self.no_info, annotations.infos())
    }
}

/// Each pattern is met, and where there are patterns, each message meets one.
fn check(kind: &str, patterns: &[Pattern], none: bool, messages: &[String]) -> Result<(), String> {
    if none && !messages.is_empty() {
        return Err(format!("unexpected {kind}: {messages:?}"));
    }
    for pattern in patterns {
        if !messages.iter().any(|message| pattern.matches(message)) {
            return Err(format!("no {kind} is {pattern:?}, there are {messages:?}"));
        }
    }
    let known =
        |message: &String| patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(message));
    match messages.iter().find(|message| !known(message)) {
        Some(message) => Err(format!("unexpected {kind}: {message:?}")),
        None => Ok(()),
    }
}
