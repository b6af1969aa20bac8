//! Variables that say what they accept: one description serves parsing, errors and the documentation.

use std::borrow::Cow;

use crate::config::Lookup;

/// A variable, or several of one meaning that are there per signal too.
#[derive(Debug)]
pub(crate) struct Variable<T: 'static> {
    /// The general name first.
    pub(crate) names: &'static [&'static str],
    pub(crate) kind: Kind<T>,
    /// In words, for the documentation.
    pub(crate) default: &'static str,
    pub(crate) does: &'static str,
}

/// What a variable accepts.
#[derive(Debug)]
pub(crate) struct Kind<T: 'static> {
    /// What to give, in words that follow "give".
    pub(crate) accepts: &'static str,
    pub(crate) parse: fn(&str) -> Result<T, Refused>,
    /// Whether errors must not show the value.
    pub(crate) is_secret: bool,
}

impl<T> Clone for Kind<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Kind<T> {}

/// Why a value is not accepted.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It is none of what is accepted.
    Other,
    /// For a reason of its own, which names the mend.
    Because(Cow<'static, str>),
}

/// A line of the documentation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) names: &'static [&'static str],
    pub(crate) accepts: &'static str,
    pub(crate) default: &'static str,
    pub(crate) does: &'static str,
}

impl<T> Variable<T> {
    pub(crate) const fn row(&self) -> Row {
        Row { names: self.names, accepts: self.kind.accepts, default: self.default, does: self.does }
    }
}

/// Reads variables, and collects what is wrong with them.
pub(crate) struct Reader<'a> {
    lookup: Lookup<'a>,
    problems: Vec<(&'static str, String)>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(lookup: Lookup<'a>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// The value; none where the variable is not set, is empty, or is not accepted, which is noted.
    pub(crate) fn read<T>(&mut self, variable: &Variable<T>) -> Option<T> {
        self.read_named(variable, variable.names[0])
    }

    /// The same, for one name of several.
    pub(crate) fn read_named<T>(&mut self, variable: &Variable<T>, name: &'static str) -> Option<T> {
        let value = (self.lookup)(name)?;
        let value = value.trim();
        if value.is_empty() {
            return None;
        }
        if value.contains('\u{fffd}') {
            self.note(name, format!("is not UTF-8; give {}", variable.kind.accepts));
            return None;
        }
        match (variable.kind.parse)(value) {
            Ok(value) => return Some(value),
            Err(Refused::Because(reason)) => self.note(name, reason),
            Err(Refused::Other) if variable.kind.is_secret => {
                self.note(name, format!("is not accepted; give {}", variable.kind.accepts));
            }
            Err(Refused::Other) => {
                let shown: String = value.chars().take(SHOWN).collect();
                self.note(name, format!("{shown:?} is not accepted; give {}", variable.kind.accepts));
            }
        }
        None
    }

    /// Notes what is wrong at a variable, once: a general one is read for each signal.
    pub(crate) fn note(&mut self, name: &'static str, problem: impl Into<String>) {
        let problem = (name, problem.into());
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Whether something is wrong with one of the names of a variable.
    pub(crate) fn is_wrong<T>(&self, variable: &Variable<T>) -> bool {
        self.problems.iter().any(|(name, _)| variable.names.contains(name))
    }

    /// What is wrong: the variable, and the mend.
    pub(crate) fn into_problems(self) -> Vec<(&'static str, String)> {
        self.problems
    }
}

/// How much of a wrong value an error shows, in characters.
const SHOWN: usize = 64;
