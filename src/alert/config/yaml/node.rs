//! A text as a tree.

use crate::alert::config::problem::Place;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// As it was written, escapes resolved.
    Scalar {
        text: String,
        /// Whether it stands without quotes, and may mean more than its letters: `yes`, `5`, nothing.
        plain: bool,
    },
    List(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// A key of a mapping with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) place: Place,
    pub(crate) key: String,
    pub(crate) node: Node,
}

impl Node {
    /// A text, whatever it looks like.
    pub(crate) fn text_of(text: &str) -> Self {
        Self::made(Value::Scalar { text: text.to_owned(), plain: false })
    }

    /// What stands without quotes.
    pub(crate) fn plain(text: &str) -> Self {
        Self::made(Value::Scalar { text: text.to_owned(), plain: true })
    }

    pub(crate) fn list(nodes: impl IntoIterator<Item = Node>) -> Self {
        Self::made(Value::List(nodes.into_iter().collect()))
    }

    pub(crate) fn mapping<'a>(entries: impl IntoIterator<Item = (&'a str, Node)>) -> Self {
        let entry = |(key, node): (&str, Node)| Entry { place: Place::default(), key: key.to_owned(), node };
        Self::made(Value::Mapping(entries.into_iter().map(entry).collect()))
    }

    /// Of no text.
    fn made(value: Value) -> Self {
        Self { place: Place::default(), value }
    }

    /// One more element under this key, which is a list or not there.
    pub(crate) fn add_to(&mut self, key: &str, node: Node) {
        let Value::Mapping(entries) = &mut self.value else { return };
        match entries.iter_mut().find(|entry| entry.key == key) {
            Some(Entry { node: Node { value: Value::List(nodes), .. }, .. }) => nodes.push(node),
            Some(entry) => entry.node = Self::list([node]),
            None => {
                entries.push(Entry {
                    place: Place::default(),
                    key: key.to_owned(),
                    node: Self::list([node]),
                });
            }
        }
    }

    /// Nothing: no text at all, or `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The value under this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Mapping(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node),
            _ => None,
        }
    }

    /// The letters, where it is a single value. None of nothing.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// The elements, where it is a list.
    pub(crate) fn elements(&self) -> &[Node] {
        match &self.value {
            Value::List(nodes) => nodes,
            _ => &[],
        }
    }

    /// What it is, for a message. Never its content.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar { .. } if self.is_null() => "nothing",
            Value::Scalar { .. } => "a single value",
            Value::List(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// How many values it is made of, itself included.
    pub(crate) fn size(&self) -> usize {
        match &self.value {
            Value::Scalar { .. } => 1,
            Value::List(nodes) => 1 + nodes.iter().map(Node::size).sum::<usize>(),
            Value::Mapping(entries) => 1 + entries.iter().map(|entry| entry.node.size()).sum::<usize>(),
        }
    }
}
