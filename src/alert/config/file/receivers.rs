//! The section `receivers`: names, and the sections of each kind.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::alert::config::file::RoutingOptions;
use crate::alert::config::problem::{Place, Problem};
use crate::alert::config::yaml::{Files, Node};
use crate::alert::config::{Global, ReceiverConfig};

/// The names of all receivers, those that cannot be read included: a route that names one is not to blame.
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn of(root: &Node, problems: &mut Vec<Problem>) -> Self {
        let mut names: Vec<String> = Vec::new();
        for (index, node) in receivers(root).iter().enumerate() {
            let key = format!("receivers[{index}]");
            let at = node.get("name").unwrap_or(node);
            let name = at.text().unwrap_or_default().to_owned();
            if name.is_empty() {
                problems.push(Problem::new(at.place, key, "a receiver has no name; add it"));
            } else if names.contains(&name) {
                let message = format!("two receivers are called {name:?}; rename one of them");
                problems.push(Problem::new(at.place, format!("{key}.name"), message));
            }
            names.push(name);
        }
        Self(names)
    }

    pub(super) fn all(&self) -> BTreeSet<String> {
        self.0.iter().filter(|name| !name.is_empty()).cloned().collect()
    }
}

fn receivers(root: &Node) -> &[Node] {
    root.get("receivers").map_or(&[], Node::elements)
}

pub(super) fn read(
    root: &Node,
    names: &Names,
    _files: Files<'_>,
    _global: &Global,
    _templates: &[PathBuf],
    _options: &RoutingOptions,
    problems: &mut Vec<Problem>,
) -> Vec<ReceiverConfig> {
    if let Some(node) = root.get("receivers").filter(|node| node.elements().is_empty() && !node.is_null()) {
        problems.push(Problem::new(
            node.place,
            "receivers",
            format!("this is {}; write a list", node.kind()),
        ));
    }
    let _ = Place::default();
    names.0.iter().map(|name| ReceiverConfig { name: name.clone(), integrations: Vec::new() }).collect()
}
