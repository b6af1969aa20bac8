//! Runs a tree over its data.

use std::collections::HashMap;
use std::sync::Arc;

use crate::alert::template::TemplateError;
use crate::alert::template::functions::{Call, Function};
use crate::alert::template::go;
use crate::alert::template::html::Html;
use crate::alert::template::output::{LONGEST, LONGEST_PAGE, Output};
use crate::alert::template::run::{Context, methods};
use crate::alert::template::text::{Command, Node, Pipeline, Source, Target, Term, TermKind, Tree};
use crate::alert::template::value::Value;

/// The most that nodes, parentheses and templates may be inside of each other while they run.
const DEEPEST: usize = 120;

/// Templates by name.
pub(crate) type Definitions = HashMap<Arc<str>, Arc<Tree>>;

/// What the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Text,
    /// What is computed is escaped.
    Html,
}

/// One expansion.
pub(crate) struct Executor<'a> {
    definitions: &'a Definitions,
    context: Context<'a>,
    mode: Mode,
    output: Output,
    html: Html,
    frame: Vec<Value>,
    depth: usize,
}

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// Where in a tree, and over what.
#[derive(Clone, Copy)]
struct Here<'t> {
    source: &'t Source,
    dot: &'t Value,
}

impl<'t> Here<'t> {
    fn over(self, dot: &'t Value) -> Self {
        Self { dot, ..self }
    }

    fn fault(self, offset: usize) -> impl Fn(String) -> TemplateError + 't {
        let source = self.source;
        move |message| source.error(offset, message)
    }
}

type Result<T> = std::result::Result<T, TemplateError>;

impl<'a> Executor<'a> {
    pub(crate) fn new(definitions: &'a Definitions, context: Context<'a>, mode: Mode) -> Self {
        Self {
            definitions,
            context,
            mode,
            output: Output::up_to(match mode {
                Mode::Text => LONGEST,
                Mode::Html => LONGEST_PAGE,
            }),
            html: Html::new(),
            frame: Vec::new(),
            depth: 0,
        }
    }

    /// The text of a tree over this data, with these variables beside `$`.
    pub(crate) fn expand(mut self, tree: &Tree, data: &Value, variables: Vec<Value>) -> Result<String> {
        self.frame = Vec::with_capacity(variables.len() + 4);
        self.frame.push(data.clone());
        self.frame.extend(variables);
        self.list(Here { source: &tree.source, dot: data }, &tree.body)?;
        Ok(self.output.finish())
    }

    fn deeper<T>(
        &mut self,
        here: Here<'_>,
        offset: usize,
        run: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if self.depth == DEEPEST {
            return Err(here.source.error(offset, "templates call each other without an end"));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    fn list(&mut self, here: Here<'_>, nodes: &[Node]) -> Result<Flow> {
        for node in nodes {
            match self.node(here, node)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    /// Runs nodes whose variables end with them.
    fn scoped(&mut self, here: Here<'_>, nodes: &[Node], offset: usize) -> Result<Flow> {
        let mark = self.frame.len();
        let flow = self.deeper(here, offset, |run| run.list(here, nodes));
        self.frame.truncate(mark);
        flow
    }

    fn node(&mut self, here: Here<'_>, node: &Node) -> Result<Flow> {
        match node {
            Node::Text(text) => {
                let written = self.context.spend(1).and_then(|()| self.output.push(text));
                written.map_err(here.fault(0))?;
                if self.mode == Mode::Html {
                    self.html.text(text);
                }
            }
            Node::Print(pipeline) => {
                let value = self.pipeline(here, pipeline)?;
                if matches!(pipeline.target, Target::Value) {
                    self.print(&value).map_err(here.fault(pipeline.offset))?;
                }
            }
            Node::If { pipeline, body, otherwise } => {
                let mark = self.frame.len();
                let is_true = self.pipeline(here, pipeline)?.is_true();
                let flow = self.scoped(here, if is_true { body } else { otherwise }, pipeline.offset);
                self.frame.truncate(mark);
                return flow;
            }
            Node::With { pipeline, body, otherwise } => {
                let mark = self.frame.len();
                let value = self.pipeline(here, pipeline)?;
                let flow = match value.is_true() {
                    true => self.scoped(here.over(&value), body, pipeline.offset),
                    false => self.scoped(here, otherwise, pipeline.offset),
                };
                self.frame.truncate(mark);
                return flow;
            }
            Node::Range { pipeline, body, otherwise } => {
                let mark = self.frame.len();
                let flow = self.range(here, pipeline, body, otherwise);
                self.frame.truncate(mark);
                return flow;
            }
            Node::Template { name, pipeline, offset } => {
                let value = match pipeline {
                    Some(pipeline) => self.pipeline(here, pipeline)?,
                    None => Value::Nil,
                };
                self.template(here, name, &value, *offset)?;
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn print(&mut self, value: &Value) -> std::result::Result<(), String> {
        let text = match value {
            Value::Nil => "<no value>".to_owned(),
            value => go::show(value)?,
        };
        self.context.spend(1 + text.len() / 64)?;
        match self.mode {
            Mode::Text => self.output.push(&text),
            Mode::Html => self.html.value(&text, matches!(value, Value::Safe(_)), &mut self.output),
        }
    }

    fn range(
        &mut self,
        here: Here<'_>,
        pipeline: &Pipeline,
        body: &[Node],
        otherwise: &[Node],
    ) -> Result<Flow> {
        let value = self.pipeline(here, pipeline)?;
        let items: Vec<(Value, Value)> = match &value {
            Value::List(list) => {
                let keys = (0..).map(Value::Int);
                keys.zip(list.items.iter().cloned()).collect()
            }
            Value::Map(map) => {
                map.entries.iter().map(|(key, value)| (Value::Text(key.clone()), value.clone())).collect()
            }
            Value::Int(count) => return self.count(here, pipeline, *count, body, otherwise),
            Value::Nil => Vec::new(),
            other => {
                let message = format!("range goes over lists and maps, and not over {}", other.type_name());
                return Err(here.source.error(pipeline.offset, message));
            }
        };
        if items.is_empty() {
            return self.scoped(here, otherwise, pipeline.offset);
        }
        for (key, item) in items {
            match self.round(here, pipeline, key, &item, body)? {
                Flow::Break => break,
                Flow::Continue | Flow::Next => {}
            }
        }
        Ok(Flow::Next)
    }

    fn count(
        &mut self,
        here: Here<'_>,
        pipeline: &Pipeline,
        count: i64,
        body: &[Node],
        otherwise: &[Node],
    ) -> Result<Flow> {
        if count <= 0 {
            return self.scoped(here, otherwise, pipeline.offset);
        }
        for index in 0..count {
            if self.round(here, pipeline, Value::Int(index), &Value::Int(index), body)? == Flow::Break {
                break;
            }
        }
        Ok(Flow::Next)
    }

    fn round(
        &mut self,
        here: Here<'_>,
        pipeline: &Pipeline,
        key: Value,
        item: &Value,
        body: &[Node],
    ) -> Result<Flow> {
        self.context.spend(1).map_err(here.fault(pipeline.offset))?;
        let slots = match &pipeline.target {
            Target::Value => Vec::new(),
            Target::Declare(count) => (self.frame.len() - count..self.frame.len()).collect(),
            Target::Assign(slots) => slots.clone(),
        };
        match slots[..] {
            [one] => self.set(one, item.clone()),
            [first, second] => {
                self.set(first, key);
                self.set(second, item.clone());
            }
            _ => {}
        }
        self.scoped(here.over(item), body, pipeline.offset)
    }

    fn set(&mut self, slot: usize, value: Value) {
        if let Some(variable) = self.frame.get_mut(slot) {
            *variable = value;
        }
    }

    fn template(&mut self, here: Here<'_>, name: &str, data: &Value, offset: usize) -> Result<()> {
        let Some(tree) = self.definitions.get(name).map(Arc::clone) else {
            return Err(here.source.error(offset, format!("the template {name:?} is not defined")));
        };
        let frame = std::mem::replace(&mut self.frame, vec![data.clone()]);
        let there = Here { source: &tree.source, dot: data };
        let result = self.deeper(here, offset, |run| run.list(there, &tree.body));
        self.frame = frame;
        result.map(|_| ())
    }

    fn pipeline(&mut self, here: Here<'_>, pipeline: &Pipeline) -> Result<Value> {
        let mut last = None;
        for command in &pipeline.commands {
            last = Some(self.command(here, command, last)?);
        }
        let value = last.unwrap_or(Value::Nil);
        match &pipeline.target {
            Target::Value => {}
            Target::Declare(count) => self.frame.extend(std::iter::repeat_n(value.clone(), *count)),
            Target::Assign(slots) => slots.iter().for_each(|slot| self.set(*slot, value.clone())),
        }
        Ok(value)
    }

    fn command(&mut self, here: Here<'_>, command: &Command, piped: Option<Value>) -> Result<Value> {
        self.term(here, &command.first, &command.arguments, piped)
    }

    fn term(
        &mut self,
        here: Here<'_>,
        term: &Term,
        arguments: &[Term],
        piped: Option<Value>,
    ) -> Result<Value> {
        self.context.spend(1).map_err(here.fault(term.offset))?;
        match &term.kind {
            TermKind::Dot => Ok(here.dot.clone()),
            TermKind::Nil => Ok(Value::Nil),
            TermKind::Constant(value) => Ok(value.clone()),
            TermKind::Field(fields) => self.fields(here, here.dot.clone(), term, fields, arguments, piped),
            TermKind::Variable(slot, fields) => {
                let value = self.frame.get(*slot).cloned().unwrap_or(Value::Nil);
                self.fields(here, value, term, fields, arguments, piped)
            }
            TermKind::Pipeline(pipeline) => {
                self.deeper(here, term.offset, |run| run.pipeline(here, pipeline))
            }
            TermKind::Chain(inner, fields) => {
                let value = self.deeper(here, term.offset, |run| run.term(here, inner, &[], None))?;
                self.fields(here, value, term, fields, arguments, piped)
            }
            TermKind::Function(function) => self.function(here, term.offset, function, arguments, piped),
        }
    }

    /// Values of arguments, what comes through the pipe last.
    fn values(&mut self, here: Here<'_>, arguments: &[Term], piped: Option<Value>) -> Result<Vec<Value>> {
        let mut values = Vec::with_capacity(arguments.len() + 1);
        for argument in arguments {
            values.push(self.term(here, argument, &[], None)?);
        }
        values.extend(piped);
        Ok(values)
    }

    fn fields(
        &mut self,
        here: Here<'_>,
        mut value: Value,
        term: &Term,
        fields: &[Arc<str>],
        arguments: &[Term],
        piped: Option<Value>,
    ) -> Result<Value> {
        let given = self.values(here, arguments, piped)?;
        let Some((last, path)) = fields.split_last() else {
            return match given.is_empty() {
                true => Ok(value),
                false => Err(here
                    .source
                    .error(term.offset, "this takes no arguments: only functions and methods do")),
            };
        };
        for name in path {
            value = field(&value, name, &[]).map_err(here.fault(term.offset))?;
        }
        field(&value, last, &given).map_err(here.fault(term.offset))
    }

    fn function(
        &mut self,
        here: Here<'_>,
        offset: usize,
        function: &Function,
        arguments: &[Term],
        piped: Option<Value>,
    ) -> Result<Value> {
        match function.call {
            Call::Plain(call) => {
                let values = self.values(here, arguments, piped)?;
                let length: usize = values.iter().filter_map(Value::as_text).map(str::len).sum();
                let result =
                    self.context.spend(1 + length / 64).and_then(|()| call(&mut self.context, &values));
                result.map_err(|message| here.source.error(offset, format!("{}: {message}", function.name)))
            }
            Call::Until(stops) => {
                let mut value = Value::Nil;
                for argument in arguments {
                    value = self.term(here, argument, &[], None)?;
                    if value.is_true() == stops {
                        return Ok(value);
                    }
                }
                Ok(piped.unwrap_or(value))
            }
        }
    }
}

/// A field, entry or method of a value.
fn field(value: &Value, name: &str, arguments: &[Value]) -> std::result::Result<Value, String> {
    if let Some(result) = methods::call(value, name, arguments) {
        return result;
    }
    if !arguments.is_empty() {
        return Err(format!("{name} is given arguments, and takes none"));
    }
    match value {
        Value::Map(map) => Ok(map.get(name)),
        Value::Struct(record) => record.field(name).cloned().ok_or_else(|| {
            let known: Vec<&str> = record.fields.iter().map(|(name, _)| *name).collect();
            format!("there is no field {name} in {}; there are {}", record.name, known.join(", "))
        }),
        Value::Nil => Err(format!("there is no field {name} in nothing")),
        other => Err(format!("there is no field {name} in {}", other.type_name())),
    }
}
