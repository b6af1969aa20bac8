//! The routing tree, laid out so that an alert finds its nodes quickly.

use std::collections::HashMap;
use std::sync::Arc;

use crate::alert::Alert;
use crate::alert::config::{GroupBy, Route, Routing};
use crate::alert::dispatch::matching::{all_match, text};
use crate::series::{Labels, Matcher};

/// A node, by its place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(usize);

/// A node with what groups need of it.
#[derive(Debug)]
pub(crate) struct Node {
    /// As Alertmanager writes it: the matchers from the root to here, `{}/{severity="critical"}`.
    pub(crate) key: String,
    pub(crate) receiver: Arc<str>,
    pub(crate) group_wait: i64,
    pub(crate) group_interval: i64,
    pub(crate) repeat_interval: i64,
    /// Indices into the routing's time intervals: nothing is said in the first, and outside of the second.
    pub(crate) muted_in: Vec<usize>,
    pub(crate) active_in: Vec<usize>,
    group_by: GroupBy,
    matchers: Vec<Matcher>,
    continues: bool,
    children: Vec<NodeId>,
}

/// All nodes; the root is the first, and after those of the tree comes one for each receiver that a rule may name.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    by_name: HashMap<Arc<str>, NodeId>,
}

impl Tree {
    pub(crate) fn new(routing: &Routing) -> Self {
        let mut tree = Self { nodes: Vec::new(), by_name: HashMap::new() };
        let root = tree.add(routing, &routing.route, "");
        tree.by_name.insert(Arc::clone(&tree.node(root).receiver), root);
        for receiver in &routing.receivers {
            if tree.by_name.contains_key(receiver.name.as_str()) {
                continue;
            }
            let named =
                Route { receiver: receiver.name.clone(), routes: Vec::new(), ..routing.route.clone() };
            let node = tree.add(routing, &named, "");
            tree.by_name.insert(receiver.name.as_str().into(), node);
        }
        tree
    }

    fn add(&mut self, routing: &Routing, route: &Route, parent: &str) -> NodeId {
        let slash = if parent.is_empty() { "" } else { "/" };
        let key = format!("{parent}{slash}{}", text(&route.matchers));
        let intervals = |names: &[String]| {
            let place = |name: &String| routing.time_intervals.iter().position(|it| it.name == *name);
            names.iter().filter_map(place).collect()
        };
        let id = NodeId(self.nodes.len());
        self.nodes.push(Node {
            key: key.clone(),
            receiver: route.receiver.as_str().into(),
            group_wait: milliseconds(route.group_wait),
            group_interval: milliseconds(route.group_interval).max(1),
            repeat_interval: milliseconds(route.repeat_interval),
            muted_in: intervals(&route.mute_time_intervals),
            active_in: intervals(&route.active_time_intervals),
            group_by: route.group_by.clone(),
            matchers: route.matchers.clone(),
            continues: route.continues,
            children: Vec::new(),
        });
        let children = route.routes.iter().map(|child| self.add(routing, child, &key)).collect();
        self.nodes[id.0].children = children;
        id
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// Where an alert goes: to the receivers that its rule names, or down the tree. Names of receivers that there are not
    /// count as not named.
    pub(crate) fn nodes_of(&self, alert: &Alert) -> Vec<NodeId> {
        let mut named: Vec<NodeId> =
            alert.notify.iter().filter_map(|name| self.by_name.get(name.as_str()).copied()).collect();
        if named.is_empty() {
            self.walk(NodeId(0), &alert.labels, &mut named);
        }
        named.dedup();
        named
    }

    /// Deeper first; a node itself only where no child of it takes the alert. Whether anything did.
    fn walk(&self, id: NodeId, labels: &Labels, found: &mut Vec<NodeId>) -> bool {
        let node = self.node(id);
        if !all_match(&node.matchers, labels) {
            return false;
        }
        let before = found.len();
        for child in &node.children {
            if self.walk(*child, labels, found) && !self.node(*child).continues {
                break;
            }
        }
        if found.len() == before {
            found.push(id);
        }
        true
    }

    /// What a node takes.
    pub(crate) fn matchers_of(&self, id: NodeId) -> &[Matcher] {
        &self.node(id).matchers
    }

    /// The children of a node, in the order in which they are tried.
    pub(crate) fn children_of(&self, id: NodeId) -> &[NodeId] {
        &self.node(id).children
    }

    /// Whether siblings after a node are tried although it took the alert.
    pub(crate) fn continues(&self, id: NodeId) -> bool {
        self.node(id).continues
    }

    /// The root.
    pub(crate) fn root(&self) -> NodeId {
        NodeId(0)
    }
}

impl Node {
    /// The labels that the alerts of one group have alike.
    pub(crate) fn group_labels(&self, labels: &Labels) -> Labels {
        match &self.group_by {
            GroupBy::All => labels.clone(),
            GroupBy::Labels(names) => labels.filter(|label| names.iter().any(|name| name == label)),
        }
    }
}

fn milliseconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}
