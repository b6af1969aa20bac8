//! What a template is, read.

use std::path::Path;
use std::sync::Arc;

use crate::alert::template::TemplateError;
use crate::alert::template::functions::Function;
use crate::alert::template::value::Value;

/// Where a tree was written.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) text: Arc<str>,
    pub(crate) file: Option<Arc<Path>>,
}

impl Source {
    pub(crate) fn error(&self, offset: usize, message: impl Into<String>) -> TemplateError {
        let error = TemplateError::at(&self.text, offset, message);
        match &self.file {
            Some(file) => error.in_file(file),
            None => error,
        }
    }
}

/// A text, and what is defined in it.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) main: Tree,
    pub(crate) defines: Vec<(Arc<str>, Arc<Tree>)>,
    /// Templates that are called by name, and where.
    pub(crate) calls: Vec<(Arc<str>, usize)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) source: Source,
    pub(crate) body: Vec<Node>,
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Text(Arc<str>),
    Print(Pipeline),
    If { pipeline: Pipeline, body: Vec<Node>, otherwise: Vec<Node> },
    With { pipeline: Pipeline, body: Vec<Node>, otherwise: Vec<Node> },
    Range { pipeline: Pipeline, body: Vec<Node>, otherwise: Vec<Node> },
    Template { name: Arc<str>, pipeline: Option<Pipeline>, offset: usize },
    Break,
    Continue,
}

#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    pub(crate) offset: usize,
    pub(crate) target: Target,
    pub(crate) commands: Vec<Command>,
}

/// Where the value of a pipeline goes: variables, by their places in the frame.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// Nowhere: it is the value.
    Value,
    /// New ones: one, or two in a range.
    Declare(usize),
    /// Those that are there.
    Assign(Vec<usize>),
}

/// A function, a method or a value, and what is given to it.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) first: Term,
    pub(crate) arguments: Vec<Term>,
}

#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) offset: usize,
    pub(crate) kind: TermKind,
}

#[derive(Clone, Debug)]
pub(crate) enum TermKind {
    Dot,
    Nil,
    Constant(Value),
    /// `.a.b`
    Field(Vec<Arc<str>>),
    /// `$x.a.b`
    Variable(usize, Vec<Arc<str>>),
    Function(&'static Function),
    Pipeline(Box<Pipeline>),
    /// `(...).a.b`
    Chain(Box<Term>, Vec<Arc<str>>),
}
