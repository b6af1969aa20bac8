//! A rule file's text.
//!
//! The format is that of <https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/>, group labels and
//! `query_offset` of Prometheus 3 included. What `promtool check rules` refuses is refused. What it lets pass and is refused
//! here: names that are UTF-8 and no words, an expression that has no samples (a range, a string), more than one YAML
//! document, and what the expression language or the templates say that they do not support.

use std::path::Path;
use std::time::Duration;

use crate::alert::config::duration::parse;
use crate::alert::config::yaml::nearest;
use crate::alert::rules::keep;
use crate::alert::rules::names::{check_label, check_metric, check_template};
use crate::alert::rules::node::{Content, Node, Place};
use crate::alert::rules::place::place_of;
use crate::alert::rules::{AlertingRule, Origin, RecordingRule, Rule, RuleGroup, RuleProblem, RuleProblems};
use crate::promql::{Query, ValueType};

const GROUP: [&str; 6] = ["name", "interval", "limit", "query_offset", "labels", "rules"];
const RULE: [&str; 7] = ["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"];

/// The groups of a file's text, or all that is wrong with it.
pub(super) fn read(source: &str, file: Option<&Path>) -> Result<Vec<RuleGroup>, RuleProblems> {
    let root: Node = serde_saphyr::from_str(source).map_err(|error| {
        let place = error.location().map(|place| (place.line(), place.column()));
        let message = syntax(&error.without_snippet().to_string());
        let file = file.map(Path::to_owned);
        RuleProblems(vec![RuleProblem { file, place, message, ..RuleProblem::default() }])
    })?;
    let mut reader = Reader { source, file, group: String::new(), rule: String::new(), problems: Vec::new() };
    let groups = reader.file(&root);
    RuleProblems::or(reader.problems, groups)
}

/// What the YAML parser says, without what it says about itself and about the place.
fn syntax(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if message.starts_with("multiple YAML documents") {
        return "more than one YAML document: of a rule file only the first would count; put all groups into one"
            .to_owned();
    }
    let message = message.split(", set DuplicateKeyPolicy").next().unwrap_or(message);
    format!("this is no YAML: {message}")
}

struct Reader<'a> {
    source: &'a str,
    file: Option<&'a Path>,
    group: String,
    rule: String,
    problems: Vec<RuleProblem>,
}

impl<'a> Reader<'a> {
    fn problem(&self) -> RuleProblem {
        RuleProblem {
            file: self.file.map(Path::to_owned),
            group: self.group.clone(),
            rule: self.rule.clone(),
            ..RuleProblem::default()
        }
    }

    fn report(&mut self, place: Place, message: impl Into<String>) {
        let place = Some((place.line, place.column));
        self.problems.push(RuleProblem { place, message: message.into(), ..self.problem() });
    }

    fn file(&mut self, root: &'a Node) -> Vec<RuleGroup> {
        let mut groups: Vec<RuleGroup> = Vec::new();
        let Some([nodes]) = self.entries(root, "a rule file", ["groups"]) else { return groups };
        for node in self.list(nodes, "groups") {
            self.group.clear();
            let Some((place, group)) = self.group(node) else { continue };
            if groups.iter().any(|other| other.name == group.name) {
                self.report(place, "a group of this name is in the file already; give it another");
            }
            groups.push(group);
        }
        groups
    }

    fn group(&mut self, node: &'a Node) -> Option<(Place, RuleGroup)> {
        self.group = self.name_of(node, &["name"]);
        let [name, interval, limit, query_offset, labels, rules] = self.entries(node, "a group", GROUP)?;
        let text = self.text(name, "name").unwrap_or_default();
        if text.is_empty() {
            self.report(name.map_or(node.place, |name| name.place), "the group has no name; say `name:`");
        }
        let mut group = RuleGroup::new(text);
        group.file = self.file.map(Path::to_owned);
        group.interval = self.duration(interval, "interval").filter(|interval| !interval.is_zero());
        group.limit = self.limit(limit);
        group.query_offset = self.duration(query_offset, "query_offset").unwrap_or_default();
        group.labels = self.labels(labels, Templates::No);
        for node in self.list(rules, "rules") {
            let rule = self.rule(node, &group.labels);
            group.rules.extend(rule);
            self.rule.clear();
        }
        Some((name.map_or(node.place, |name| name.place), group))
    }

    fn rule(&mut self, node: &'a Node, group_labels: &[(String, String)]) -> Option<Rule> {
        self.rule = self.name_of(node, &["alert", "record"]);
        let [record, alert, expr, for_, keep_firing_for, labels, annotations] =
            self.entries(node, "a rule", RULE)?;
        let recorded = self.text(record, "record").filter(|name| !name.is_empty());
        let alerted = self.text(alert, "alert").filter(|name| !name.is_empty());
        let origin = Origin::File { line: node.place.line, column: node.place.column };
        let is_alert = match (recorded, alerted) {
            (Some(_), Some(_)) => {
                let place = alert.map_or(node.place, |alert| alert.place);
                self.report(place, "the rule says both `record` and `alert`; make it two rules");
                true
            }
            (None, None) => {
                self.report(node.place, "the rule has no name; say `alert:` or `record:`");
                true
            }
            (recorded, _) => recorded.is_none(),
        };
        let query = self.query(node, expr);
        let fires_after = self.duration(for_, "for").unwrap_or_default();
        let keeps_for = self.duration(keep_firing_for, "keep_firing_for").unwrap_or_default();
        if is_alert {
            let labels = self.labels(labels, Templates::Yes);
            let annotations = self.annotations(annotations);
            let mut rule = AlertingRule::new(self.rule.clone(), query?);
            rule.for_ = fires_after;
            rule.keep_firing_for = keeps_for;
            rule.labels = labels;
            rule.annotations = annotations.into_iter().collect();
            rule.origin = origin;
            keep::restore(&mut rule, group_labels);
            return Some(Rule::Alerting(rule));
        }
        let name = recorded.unwrap_or_default();
        if let (Err(message), Some(record)) = (check_metric(name), record) {
            self.report(record.place, message);
        }
        let labels = self.labels(labels, Templates::No);
        let is_set = |node: Option<&Node>| node.is_some_and(|node| !matches!(&node.content, Content::Null));
        let waits = [("for", for_, fires_after), ("keep_firing_for", keep_firing_for, keeps_for)];
        for (key, node, _) in waits.into_iter().filter(|(_, _, duration)| !duration.is_zero()) {
            self.report(place(node), format!("`{key}` is for alerts; a recording rule has none"));
        }
        if is_set(annotations) && !self.annotations(annotations).is_empty() {
            self.report(place(annotations), "`annotations` are for alerts; a recording rule has none");
        }
        let mut rule = RecordingRule::new(name, query?);
        rule.labels = labels;
        rule.origin = origin;
        Some(Rule::Recording(rule))
    }

    fn query(&mut self, rule: &Node, expr: Option<&'a Node>) -> Option<Query> {
        let text = self.text(expr, "expr");
        let Some((node, text)) = expr.zip(text).filter(|(_, text)| !text.is_empty()) else {
            if expr.is_none_or(|node| matches!(node.content, Content::Null | Content::Text(_))) {
                self.report(
                    expr.map_or(rule.place, |expr| expr.place),
                    "the rule has no expression; say `expr:`",
                );
            }
            return None;
        };
        match Query::parse(text) {
            Ok(query) => match query.expr().value_type() {
                ValueType::Scalar | ValueType::Vector => Some(query),
                other => {
                    self.report(
                        node.place,
                        format!("the expression is a {other}, and a rule needs a vector or a scalar"),
                    );
                    None
                }
            },
            Err(error) => {
                let place = place_of(self.source, node, text, error.span.start);
                self.report(place, format!("expr: {}", error.message));
                None
            }
        }
    }

    fn labels(&mut self, node: Option<&'a Node>, templates: Templates) -> Vec<(String, String)> {
        self.texts(node, "labels", templates, check_label)
    }

    fn annotations(&mut self, node: Option<&'a Node>) -> Vec<(String, String)> {
        self.texts(node, "annotations", Templates::Yes, |name| {
            check_label(name).map_err(|message| message.replacen("label", "annotation", 1))
        })
    }

    fn texts(
        &mut self,
        node: Option<&'a Node>,
        key: &str,
        templates: Templates,
        check_name: impl Fn(&str) -> Result<(), String>,
    ) -> Vec<(String, String)> {
        let entries = match node.map(|node| &node.content) {
            None | Some(Content::Null) => return Vec::new(),
            Some(Content::Map(entries)) => entries,
            Some(_) => {
                self.report(place(node), format!("`{key}` has to be a map of names and texts"));
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for (name, value) in entries {
            let Some(key) = self.text(Some(name), "a name") else { continue };
            if let Err(message) = check_name(key) {
                self.report(name.place, message);
            }
            let text = match &value.content {
                Content::Null => "",
                _ => match self.text(Some(value), key) {
                    Some(text) => text,
                    None => continue,
                },
            };
            if matches!(templates, Templates::Yes)
                && let Err(error) = check_template(text)
            {
                let byte = byte_of(text, error.line, error.column);
                let place = place_of(self.source, value, text, byte);
                self.report(place, format!("the template of {key:?}: {}", error.message));
            }
            texts.push((key.to_owned(), text.to_owned()));
        }
        texts
    }

    fn limit(&mut self, node: Option<&'a Node>) -> usize {
        let number = match node.map(|node| &node.content) {
            None | Some(Content::Null) => return 0,
            Some(Content::Plain) => self.text(node, "limit").and_then(|text| text.parse::<i64>().ok()),
            Some(_) => None,
        };
        match number {
            // Upstream takes what is below zero for no limit.
            Some(limit) => usize::try_from(limit).unwrap_or(0),
            None => {
                self.report(place(node), "`limit` has to be a whole number");
                0
            }
        }
    }

    fn duration(&mut self, node: Option<&'a Node>, key: &str) -> Option<Duration> {
        let text = self.text(node, key)?;
        match parse(text) {
            Ok(duration) => Some(duration),
            Err(message) => {
                self.report(place(node), format!("{key}: {message}"));
                None
            }
        }
    }

    /// What stands under the first of these keys that says something: so that problems have a name from the first one on.
    fn name_of(&self, node: &Node, keys: &[&str]) -> String {
        let Content::Map(entries) = &node.content else { return String::new() };
        let text = |wanted: &&str| {
            let (_, value) = entries.iter().find(|(key, _)| key.text(self.source) == Some(wanted))?;
            value.text(self.source).filter(|text| !text.is_empty())
        };
        keys.iter().find_map(text).unwrap_or_default().to_owned()
    }

    /// A scalar's text; nothing where there is none, which is said where something else is.
    fn text(&mut self, node: Option<&'a Node>, key: &str) -> Option<&'a str> {
        let node = node.filter(|node| !matches!(node.content, Content::Null))?;
        let text = node.text(self.source);
        if text.is_none() {
            self.report(node.place, format!("`{key}` has to be a text, and is {}", node.kind()));
        }
        text
    }

    fn list(&mut self, node: Option<&'a Node>, key: &str) -> &'a [Node] {
        match node.map(|node| &node.content) {
            None | Some(Content::Null) => &[],
            Some(Content::List(nodes)) => nodes,
            Some(_) => {
                self.report(place(node), format!("`{key}` has to be a list"));
                &[]
            }
        }
    }

    /// The values of these keys, in their order. Others are no keys of it.
    fn entries<const N: usize>(
        &mut self,
        node: &'a Node,
        what: &str,
        keys: [&str; N],
    ) -> Option<[Option<&'a Node>; N]> {
        let mut values = [None; N];
        let entries = match &node.content {
            // Upstream takes nothing for a thing without keys too.
            Content::Null => return Some(values),
            Content::Map(entries) => entries,
            _ => {
                self.report(node.place, format!("{what} has to be a map, and is {}", node.kind()));
                return None;
            }
        };
        for (key, value) in entries {
            let text = key.text(self.source).unwrap_or_default().to_owned();
            if let Some(index) = keys.iter().position(|known| *known == text) {
                values[index] = Some(value);
                continue;
            }
            let mend = match nearest(&text, keys) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", keys.map(|key| format!("`{key}`")).join(", ")),
            };
            self.report(key.place, format!("{what} has no key `{text}`; {mend}"));
        }
        Some(values)
    }
}

/// Whether the texts are templates.
#[derive(Clone, Copy)]
enum Templates {
    Yes,
    No,
}

fn place(node: Option<&Node>) -> Place {
    node.map_or(Place { line: 1, column: 1 }, |node| node.place)
}

/// The byte at a line and a column (in characters), from 1.
fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let letters = text[start..].chars().take(column.saturating_sub(1));
    start + letters.map(char::len_utf8).sum::<usize>()
}
