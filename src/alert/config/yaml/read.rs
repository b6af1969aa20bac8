//! From a text to a tree.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span};

use crate::alert::config::problem::{Place, Problem};
use crate::alert::config::yaml::node::{Entry, Node, Value};

const LONGEST_TEXT: usize = 4 * 1024 * 1024;
const MOST_VALUES: usize = 100_000;
const DEEPEST: usize = 64;

/// Reads a text of one document; `None` where nothing is in it. Notes keys that are given twice, and goes on.
///
/// # Errors
///
/// What is not YAML, or too much of it.
pub(crate) fn read(text: &str, problems: &mut Vec<Problem>) -> Result<Option<Node>, Problem> {
    if text.len() > LONGEST_TEXT {
        return Err(at(
            Place::default(),
            "it is longer than 4 MiB; split it, or look whether it is the right file",
        ));
    }
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = DEEPEST;
    options.block_nesting_limit = DEEPEST;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parser = Parser::new_from_str_with_options(text, options);
    Reader { parser, anchors: HashMap::new(), open: Vec::new(), values: 0, problems }.document()
}

fn at(place: Place, message: impl Into<String>) -> Problem {
    Problem::new(place, "", message)
}

struct Reader<'a, P> {
    parser: P,
    /// What aliases stand for. A value is in here when it is whole, so that none can hold itself.
    anchors: HashMap<usize, Node>,
    open: Vec<Open>,
    values: usize,
    problems: &'a mut Vec<Problem>,
}

/// A list or mapping whose end has not come.
struct Open {
    place: Place,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Mapping { entries: Vec<Entry>, merged: Vec<Node>, key: Option<(Place, Option<String>)> },
}

impl<'t, P: Iterator<Item = Result<(Event<'t>, Span), ScanError>>> Reader<'_, P> {
    fn document(mut self) -> Result<Option<Node>, Problem> {
        let mut root = None;
        while let Some(next) = self.parser.next() {
            let (event, span) = next.map_err(|error| {
                let told = error.info();
                let mend = if told.contains("tab") { "; indent with spaces" } else { "" };
                at(place(error.marker()), format!("this is not YAML: {told}{mend}"))
            })?;
            let here = place(&span.start);
            let done = match event {
                Event::DocumentStart(..) if root.is_some() => {
                    let told = "a second document begins here, and only one is read; write one file for each";
                    return Err(at(here, told));
                }
                Event::Scalar(text, style, anchor, tag) => {
                    let is_text = tag.is_some_and(|tag| tag.core_suffix() == Some("str"));
                    let plain = style == ScalarStyle::Plain && !is_text;
                    let value = Value::Scalar { text: text.into_owned(), plain };
                    self.finished(Node { place: here, value }, anchor)?
                }
                Event::Alias(anchor) => {
                    let Some(mut node) = self.anchors.get(&anchor).cloned() else {
                        return Err(at(
                            here,
                            "this alias stands for something that it is part of; write it out",
                        ));
                    };
                    self.count(node.size(), here)?;
                    node.place = here;
                    self.put(node)
                }
                Event::SequenceStart(_, anchor, _) => {
                    self.open.push(Open { place: here, anchor, content: Content::List(Vec::new()) });
                    None
                }
                Event::MappingStart(_, anchor, _) => {
                    let content = Content::Mapping { entries: Vec::new(), merged: Vec::new(), key: None };
                    self.open.push(Open { place: here, anchor, content });
                    None
                }
                Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                    Some(open) => {
                        let value = open.content.value();
                        self.finished(Node { place: open.place, value }, open.anchor)?
                    }
                    None => None,
                },
                _ => None,
            };
            root = root.or(done);
        }
        Ok(root.filter(|node| !node.is_null()))
    }

    fn count(&mut self, values: usize, place: Place) -> Result<(), Problem> {
        self.values += values;
        match self.values > MOST_VALUES {
            true => {
                Err(at(place, "with its aliases it is more than 100,000 values; write it with fewer of them"))
            }
            false => Ok(()),
        }
    }

    fn finished(&mut self, node: Node, anchor: usize) -> Result<Option<Node>, Problem> {
        self.count(1, node.place)?;
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(self.put(node))
    }

    /// Puts a value where it belongs; gives it back where it is the whole document.
    fn put(&mut self, node: Node) -> Option<Node> {
        let Some(open) = self.open.last_mut() else { return Some(node) };
        match &mut open.content {
            Content::List(nodes) => nodes.push(node),
            Content::Mapping { entries, merged, key } => match key.take() {
                None => {
                    let text = match &node.value {
                        Value::Scalar { text, .. } => Some(text.clone()),
                        _ => None,
                    };
                    if text.is_none() {
                        let message = format!("a key is {}; write a single word", node.kind());
                        self.problems.push(at(node.place, message));
                    }
                    *key = Some((node.place, text));
                }
                Some((_, None)) => {}
                Some((_, Some(text))) if text == "<<" => match node.value {
                    Value::List(nodes) => merged.extend(nodes),
                    _ => merged.push(node),
                },
                Some((place, Some(text))) => match entries.iter().find(|entry| entry.key == text) {
                    Some(first) => {
                        let line = first.place.line;
                        let message =
                            format!("{text:?} is given twice, first in line {line}; remove one of them");
                        self.problems.push(at(place, message));
                    }
                    None => entries.push(Entry { place, key: text, node }),
                },
            },
        }
        None
    }
}

impl Content {
    fn value(self) -> Value {
        match self {
            Self::List(nodes) => Value::List(nodes),
            Self::Mapping { mut entries, merged, .. } => {
                for entry in merged.into_iter().flat_map(|node| match node.value {
                    Value::Mapping(entries) => entries,
                    _ => Vec::new(),
                }) {
                    if entries.iter().all(|own| own.key != entry.key) {
                        entries.push(entry);
                    }
                }
                Value::Mapping(entries)
            }
        }
    }
}

fn place(marker: &granit_parser::Marker) -> Place {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place { line: number(marker.line()), column: number(marker.col() + 1) }
}
