//! What a function is, and where which are there.

use std::fmt;

use crate::alert::template::functions::{alertmanager, builtin, prometheus, shared};
use crate::alert::template::run::Context;
use crate::alert::template::value::Value;

/// A function of a template.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) arity: Arity,
    pub(crate) call: Call,
}

/// How many arguments it takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arity {
    Exactly(usize),
    AtLeast(usize),
    Between(usize, usize),
}

impl Arity {
    pub(crate) fn fits(self, given: usize) -> bool {
        match self {
            Self::Exactly(count) => given == count,
            Self::AtLeast(least) => given >= least,
            Self::Between(least, most) => (least..=most).contains(&given),
        }
    }
}

impl fmt::Display for Arity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(0) => f.write_str("no arguments"),
            Self::Exactly(1) => f.write_str("one argument"),
            Self::Exactly(count) => write!(f, "{count} arguments"),
            Self::AtLeast(1) => f.write_str("at least one argument"),
            Self::AtLeast(count) => write!(f, "at least {count} arguments"),
            Self::Between(least, most) => write!(f, "{least} to {most} arguments"),
        }
    }
}

pub(crate) type Plain = fn(&mut Context<'_>, &[Value]) -> Result<Value, String>;

/// How it is run.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    /// With the values of its arguments.
    Plain(Plain),
    /// Up to the first argument of this truth: `and`, `or`.
    Until(bool),
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
}

impl Function {
    pub(crate) const fn plain(name: &'static str, arity: Arity, call: Plain) -> Self {
        Self { name, arity, call: Call::Plain(call) }
    }
}

/// Whose functions there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Rules,
    Notifications,
}

impl Dialect {
    pub(crate) fn function(self, name: &str) -> Option<&'static Function> {
        let own = match self {
            Self::Rules => &prometheus::FUNCTIONS[..],
            Self::Notifications => &alertmanager::FUNCTIONS[..],
        };
        let all = builtin::FUNCTIONS.iter().chain(&shared::FUNCTIONS).chain(own);
        all.into_iter().find(|function| function.name == name)
    }

    /// Why there is no such function.
    pub(crate) fn unknown(self, name: &str) -> String {
        let (other, here, there) = match self {
            Self::Rules => (Self::Notifications, "rules", "notifications"),
            Self::Notifications => (Self::Rules, "notifications", "rules"),
        };
        if other.function(name).is_some() {
            return format!(
                "{name} is a function of the templates of {there}, and is not there in those of {here}"
            );
        }
        match name {
            "tmpl" => "tmpl is not there in rules; write {{ template \"name\" data }}".to_owned(),
            "call" => "the function call is not supported: nothing here can be called with it".to_owned(),
            _ => format!("there is no function {name}; a label is .Labels.{name}, and a text is in quotes"),
        }
    }
}
