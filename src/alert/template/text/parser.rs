//! From words to a tree: text, actions, and what opens and ends.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use crate::alert::template::TemplateError;
use crate::alert::template::functions::Dialect;
use crate::alert::template::text::lexer;
use crate::alert::template::text::token::{Token, TokenKind};
use crate::alert::template::text::{Node, Source, Tree, Unit};

/// The most that actions and parentheses may be inside of each other.
const DEEPEST: usize = 50;

/// The most variables that there may be at one place.
pub(crate) const VARIABLES: usize = 1_000;

/// The longest text that is read, in bytes.
const LONGEST: usize = 1 << 20;

const KEYWORDS: [&str; 10] =
    ["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"];

/// Reads a text in which these variables are there beside `$`.
///
/// # Errors
///
/// What is no template, or calls a function that is not there.
pub(crate) fn parse(
    text: &str,
    file: Option<&Path>,
    dialect: Dialect,
    variables: &[&str],
) -> Result<Unit, TemplateError> {
    let source = Source { text: text.into(), file: file.map(Arc::from) };
    if text.len() > LONGEST {
        return Err(source.error(0, format!("a template is longer than {} MiB", LONGEST >> 20)));
    }
    let words = lexer::words(text).map_err(|error| match file {
        Some(file) => error.in_file(file),
        None => error,
    })?;
    let names = std::iter::once("").chain(variables.iter().copied()).map(str::to_owned).collect();
    let mut parser = Parser {
        source,
        words,
        at: 0,
        dialect,
        variables: names,
        ranges: 0,
        depth: 0,
        defines: Vec::new(),
        defined: HashSet::new(),
        calls: Vec::new(),
    };
    let (body, ending) = parser.list()?;
    match ending {
        Ending::Text => {}
        Ending::Else { offset } => {
            return Err(parser.error(offset, "else without an if, with or range before it"));
        }
        Ending::End { offset } => return Err(parser.error(offset, "end without anything that it ends")),
    }
    Ok(Unit { main: Tree { source: parser.source, body }, defines: parser.defines, calls: parser.calls })
}

/// The state of reading. What is inside of an action is read in [`pipeline`](super::pipeline).
pub(crate) struct Parser<'t> {
    pub(crate) source: Source,
    words: Vec<Token<'t>>,
    at: usize,
    pub(crate) dialect: Dialect,
    /// The names in the frame, the dot's (`$`) first and empty.
    pub(crate) variables: Vec<String>,
    /// How many ranges are open.
    ranges: usize,
    depth: usize,
    defines: Vec<(Arc<str>, Arc<Tree>)>,
    defined: HashSet<Arc<str>>,
    calls: Vec<(Arc<str>, usize)>,
}

/// What ended a list of nodes.
#[derive(Clone, Copy)]
enum Ending {
    Text,
    Else { offset: usize },
    End { offset: usize },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    With,
    Range,
}

impl<'t> Parser<'t> {
    pub(crate) fn error(&self, offset: usize, message: impl Into<String>) -> TemplateError {
        self.source.error(offset, message)
    }

    pub(crate) fn peek(&self) -> &Token<'t> {
        // The last word is the end, which is never gone past.
        &self.words[self.at.min(self.words.len() - 1)]
    }

    pub(crate) fn peek_after(&self) -> &Token<'t> {
        &self.words[(self.at + 1).min(self.words.len() - 1)]
    }

    pub(crate) fn next(&mut self) -> Token<'t> {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    /// Reads with one level more, of those that there may be.
    pub(crate) fn deeper<T>(
        &mut self,
        offset: usize,
        read: impl FnOnce(&mut Self) -> Result<T, TemplateError>,
    ) -> Result<T, TemplateError> {
        if self.depth == DEEPEST {
            return Err(
                self.error(offset, format!("actions are inside of each other more than {DEEPEST} deep"))
            );
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Nodes up to an `else`, an `end` or the end of the text.
    fn list(&mut self) -> Result<(Vec<Node>, Ending), TemplateError> {
        let mut nodes = Vec::new();
        loop {
            let token = self.next();
            match token.kind {
                TokenKind::Text(text) => nodes.push(Node::Text(text.into())),
                TokenKind::Open => {
                    if let Some(ending) = self.action(token.offset, &mut nodes)? {
                        return Ok((nodes, ending));
                    }
                }
                _ => return Ok((nodes, Ending::Text)),
            }
        }
    }

    fn action(&mut self, offset: usize, nodes: &mut Vec<Node>) -> Result<Option<Ending>, TemplateError> {
        let keyword = match self.peek().kind {
            TokenKind::Word(word) => KEYWORDS.iter().copied().find(|keyword| *keyword == word),
            _ => None,
        };
        let Some(keyword) = keyword else {
            let pipeline = self.pipeline(1, "an action")?;
            self.close()?;
            nodes.push(Node::Print(pipeline));
            return Ok(None);
        };
        self.next();
        match keyword {
            "if" => nodes.push(self.deeper(offset, |parser| parser.control(Control::If, offset))?),
            "with" => nodes.push(self.deeper(offset, |parser| parser.control(Control::With, offset))?),
            "range" => nodes.push(self.deeper(offset, |parser| parser.control(Control::Range, offset))?),
            "define" => self.define(offset)?,
            "block" => nodes.push(self.block(offset)?),
            "template" => nodes.push(self.template(offset)?),
            "else" => return Ok(Some(Ending::Else { offset })),
            "end" => {
                self.close()?;
                return Ok(Some(Ending::End { offset }));
            }
            _ => {
                self.close()?;
                if self.ranges == 0 {
                    return Err(self.error(offset, format!("{keyword} outside of a range")));
                }
                nodes.push(if keyword == "break" { Node::Break } else { Node::Continue });
            }
        }
        Ok(None)
    }

    fn control(&mut self, control: Control, offset: usize) -> Result<Node, TemplateError> {
        let frame = self.variables.len();
        let (most, what) = match control {
            Control::If => (1, "if"),
            Control::With => (1, "with"),
            Control::Range => (2, "range"),
        };
        let pipeline = self.pipeline(most, what)?;
        self.close()?;
        self.ranges += usize::from(control == Control::Range);
        let (body, ending) = self.list()?;
        self.ranges -= usize::from(control == Control::Range);
        let otherwise = self.otherwise(control, offset, ending)?;
        self.variables.truncate(frame);
        Ok(match control {
            Control::If => Node::If { pipeline, body, otherwise },
            Control::With => Node::With { pipeline, body, otherwise },
            Control::Range => Node::Range { pipeline, body, otherwise },
        })
    }

    /// What comes after the body: nothing, or an else up to its end.
    fn otherwise(
        &mut self,
        control: Control,
        offset: usize,
        ending: Ending,
    ) -> Result<Vec<Node>, TemplateError> {
        match ending {
            Ending::End { .. } => return Ok(Vec::new()),
            Ending::Text => return Err(self.error(offset, "this is not closed with {{ end }}")),
            Ending::Else { .. } => {}
        }
        let chained = match (control, &self.peek().kind) {
            (Control::If, TokenKind::Word("if")) => Some(Control::If),
            (Control::With, TokenKind::Word("with")) => Some(Control::With),
            _ => None,
        };
        if let Some(control) = chained {
            let offset = self.next().offset;
            return Ok(vec![self.deeper(offset, |parser| parser.control(control, offset))?]);
        }
        self.close()?;
        let (nodes, ending) = self.list()?;
        match ending {
            Ending::End { .. } => Ok(nodes),
            Ending::Text => Err(self.error(offset, "this is not closed with {{ end }}")),
            Ending::Else { offset } => Err(self.error(offset, "a second else; only an if has more than one")),
        }
    }

    fn define(&mut self, offset: usize) -> Result<(), TemplateError> {
        if self.depth > 0 {
            return Err(self.error(offset, "define stands inside of another action; move it out"));
        }
        let name = self.name("define")?;
        self.close()?;
        self.definition(name, offset)
    }

    fn block(&mut self, offset: usize) -> Result<Node, TemplateError> {
        let name = self.name("block")?;
        let pipeline = self.pipeline(1, "block")?;
        self.close()?;
        self.definition(name.clone(), offset)?;
        self.calls.push((name.clone(), offset));
        Ok(Node::Template { name, pipeline: Some(pipeline), offset })
    }

    /// Reads the body of a template with a name. It sees no variable of the text around it.
    fn definition(&mut self, name: Arc<str>, offset: usize) -> Result<(), TemplateError> {
        let variables = std::mem::replace(&mut self.variables, vec![String::new()]);
        let ranges = std::mem::take(&mut self.ranges);
        let (body, ending) = self.deeper(offset, Self::list)?;
        (self.variables, self.ranges) = (variables, ranges);
        match ending {
            Ending::End { .. } => {}
            Ending::Text => return Err(self.error(offset, "this is not closed with {{ end }}")),
            Ending::Else { offset } => {
                return Err(self.error(offset, "else without an if, with or range before it"));
            }
        }
        if !self.defined.insert(name.clone()) {
            return Err(self.error(offset, format!("the template {name:?} is defined twice in this text")));
        }
        self.defines.push((name, Arc::new(Tree { source: self.source.clone(), body })));
        Ok(())
    }

    fn template(&mut self, offset: usize) -> Result<Node, TemplateError> {
        let name = self.name("template")?;
        let pipeline = match self.peek().kind {
            TokenKind::Close => None,
            _ => Some(self.pipeline(1, "template")?),
        };
        self.close()?;
        self.calls.push((name.clone(), offset));
        Ok(Node::Template { name, pipeline, offset })
    }

    fn name(&mut self, what: &str) -> Result<Arc<str>, TemplateError> {
        let token = self.next();
        match token.kind {
            TokenKind::Quoted(name) => Ok(name.into()),
            other => {
                let found = other.describe();
                Err(self.error(token.offset, format!("{what} takes a name in quotes, and here is {found}")))
            }
        }
    }

    fn close(&mut self) -> Result<(), TemplateError> {
        let token = self.next();
        match token.kind {
            TokenKind::Close => Ok(()),
            other => {
                Err(self.error(token.offset, format!("{} where the action should end", other.describe())))
            }
        }
    }
}

/// Whether a word has a meaning of its own, and is no function.
pub(crate) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}
