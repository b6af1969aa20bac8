//! The section `receivers`: names, and the sections of each kind.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::alert::config::file::kinds::{KINDS, UNSUPPORTED};
use crate::alert::config::problem::Problem;
use crate::alert::config::yaml::{Files, Node, Value, decode, nearest};
use crate::alert::config::{Global, HttpConfig, Integration, ReceiverConfig};
use crate::alert::receivers::{self, AlertmanagerPush, IntoReceivers, Receiver, Sections};
use crate::alert::template::Templates;

/// The names of all receivers, those that cannot be read included: a route that names one is not to blame.
pub(super) struct Names {
    names: Vec<String>,
    is_list: bool,
}

impl Names {
    pub(super) fn of(root: &Node, problems: &mut Vec<Problem>) -> Self {
        let mut names: Vec<String> = Vec::new();
        for (index, node) in elements(root).iter().enumerate() {
            let at = node.get("name").unwrap_or(node);
            let name = at.text().unwrap_or_default().to_owned();
            if name.is_empty() {
                problems.push(Problem::new(at.place, key(index), "a receiver has no name; add it"));
            } else if names.contains(&name) {
                let message = format!("two receivers are called {name:?}; rename one of them");
                problems.push(Problem::new(at.place, format!("{}.name", key(index)), message));
            }
            names.push(name);
        }
        let is_list = root.get("receivers").is_none_or(|node| matches!(node.value, Value::List(_)));
        Self { names, is_list }
    }

    /// All of them; `None` where the section is no list.
    pub(super) fn all(&self) -> Option<BTreeSet<String>> {
        self.is_list.then(|| self.names.iter().filter(|name| !name.is_empty()).cloned().collect())
    }
}

fn elements(root: &Node) -> &[Node] {
    root.get("receivers").map_or(&[], Node::elements)
}

fn key(index: usize) -> String {
    format!("receivers[{index}]")
}

/// What all receivers are read with.
pub(super) struct Reading<'a> {
    pub(super) files: Files<'a>,
    pub(super) global: &'a Global,
    pub(super) templates: &'a Arc<Templates>,
    /// The Alertmanagers that get what we cannot send.
    pub(super) push_to: &'a [String],
    pub(super) problems: &'a mut Vec<Problem>,
}

impl Reading<'_> {
    pub(super) fn receivers(&mut self, root: &Node, names: &Names) -> Vec<ReceiverConfig> {
        if let Some(node) = root.get("receivers").filter(|node| !matches!(node.value, Value::List(_)))
            && !node.is_null()
        {
            let message = format!("this is {}; write a list", node.kind());
            self.problems.push(Problem::new(node.place, "receivers", message));
        }
        let nodes = elements(root).iter().enumerate();
        nodes.zip(&names.names).map(|((index, node), name)| self.receiver(node, &key(index), name)).collect()
    }

    fn receiver(&mut self, node: &Node, key: &str, name: &str) -> ReceiverConfig {
        let mut integrations: Vec<Arc<dyn Receiver>> = Vec::new();
        let Value::Mapping(entries) = &node.value else {
            let message = format!("this is {}; write a mapping of keys and values", node.kind());
            self.problems.push(Problem::new(node.place, key, message));
            return ReceiverConfig { name: name.to_owned(), integrations: Vec::new() };
        };
        let mut is_pushed = false;
        for entry in entries {
            let key = format!("{key}.{}", entry.key);
            match entry.key.as_str() {
                "name" => {}
                kind if KINDS.contains(&kind) => {
                    integrations.extend(self.kind(&entry.node, &key, name, kind));
                }
                kind if UNSUPPORTED.contains(&kind) => {
                    let has_any = !entry.node.elements().is_empty();
                    is_pushed |= has_any && !self.push_to.is_empty();
                    if has_any && self.push_to.is_empty() {
                        let message = format!(
                            "{kind} are not sent from here; write webhook_configs, \
                             or hand them to an Alertmanager with Routing::options().push_unsupported_to(..)"
                        );
                        self.problems.push(Problem::new(entry.place, key, message));
                    }
                }
                other => {
                    let known = KINDS.iter().chain(UNSUPPORTED).copied().chain(["name"]);
                    let mend = nearest(other, known)
                        .map_or_else(|| "remove it".to_owned(), |known| format!("did you mean {known}?"));
                    let message = format!("there is no such key; {mend}");
                    self.problems.push(Problem::new(entry.place, key, message));
                }
            }
        }
        if is_pushed {
            let push = AlertmanagerPush::to(self.push_to.iter().map(String::as_str));
            let push = push.only_routed().http_config(HttpConfig::of_a_file());
            integrations.extend(push.into_receivers());
        }
        let integrations = integrations.into_iter().map(Integration::Built).collect();
        ReceiverConfig { name: name.to_owned(), integrations }
    }

    /// All sections of one kind, each built on its own: so what is wrong with it has its place.
    fn kind(&mut self, list: &Node, key: &str, name: &str, kind: &str) -> Vec<Arc<dyn Receiver>> {
        if !matches!(list.value, Value::List(_)) && !list.is_null() {
            let message = format!("this is {}; write a list, each with a - before it", list.kind());
            self.problems.push(Problem::new(list.place, key, message));
        }
        let mut built = Vec::new();
        for (index, node) in list.elements().iter().enumerate() {
            let key = format!("{key}[{index}]");
            let mut one = Sections::default();
            match kind {
                "webhook_configs" => one.webhook_configs.extend(self.section(node, &key)),
                "email_configs" => one.email_configs.extend(self.section(node, &key)),
                "pagerduty_configs" => one.pagerduty_configs.extend(self.section(node, &key)),
                _ => one.slack_configs.extend(self.section(node, &key)),
            }
            match receivers::build(name, one, self.global, self.templates) {
                Ok(receivers) => built.extend(receivers),
                Err(messages) => {
                    // It counts what it is given, which is always the first.
                    let place = format!("receiver {name:?}, {kind}[0]: ");
                    self.problems.extend(messages.into_iter().map(|message| {
                        let message = message.strip_prefix(&place).map(str::to_owned).unwrap_or(message);
                        Problem::new(node.place, &key, message)
                    }));
                }
            }
        }
        built
    }

    fn section<T: DeserializeOwned>(&mut self, node: &Node, key: &str) -> Option<T> {
        let before = self.problems.len();
        let section = decode(node, key, self.files, self.problems);
        // What is built of a section of which something was left out would be wrong once more.
        section.filter(|_| self.problems.len() == before)
    }
}
