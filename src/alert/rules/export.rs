//! Rules as a rule file, for a Prometheus or for promtool.
//!
//! | of ours | in the file |
//! |---|---|
//! | `keep_query` | a part of the expression that looks at the rule's own `ALERTS` |
//! | `notify` | a comment: receivers are the routes' matter there |
//! | expressions that count exactly | their plain text, and a comment: Prometheus extrapolates |
//! | labels and `query_offset` of a group | as they are: Prometheus 3.0 and 2.53 are the first to read them |

use crate::alert::rules::{AlertingRule, Rule, RuleGroup, duration, keep};
use crate::promql::{Expr, Extension, Query};

/// The text of a file with these groups.
pub(super) fn write(groups: &[RuleGroup]) -> String {
    let mut file = String::new();
    if groups.iter().flat_map(|group| &group.rules).any(|rule| is_exact(rule.query())) {
        file.push_str(
            "# In the process, rates and increases of rules marked `exact` are counted; Prometheus extrapolates them.\n",
        );
    }
    if groups.is_empty() {
        file.push_str("groups: []\n");
        return file;
    }
    file.push_str("groups:\n");
    let mut names: Vec<String> = Vec::new();
    for group in groups {
        let name = unused(&group.name, &names);
        file.push_str(&format!("- name: {}\n", scalar(&name, 4)));
        names.push(name);
        if let Some(interval) = group.interval {
            file.push_str(&format!("  interval: {}\n", duration::format(interval)));
        }
        if group.limit > 0 {
            file.push_str(&format!("  limit: {}\n", group.limit));
        }
        if !group.query_offset.is_zero() {
            file.push_str(&format!("  query_offset: {}\n", duration::format(group.query_offset)));
        }
        texts(&mut file, 2, "labels", group.labels.iter().map(|(name, value)| (name, value)));
        if group.rules.is_empty() {
            file.push_str("  rules: []\n");
            continue;
        }
        file.push_str("  rules:\n");
        for rule in &group.rules {
            one(&mut file, rule, group);
        }
    }
    file
}

/// A file has a name once; groups of several files may share one.
fn unused(name: &str, taken: &[String]) -> String {
    let is_taken = |name: &str| taken.iter().any(|other| other == name);
    if !is_taken(name) {
        return name.to_owned();
    }
    let numbered = (2..).map(|number| format!("{name} {number}")).find(|name| !is_taken(name));
    numbered.unwrap_or_else(|| name.to_owned())
}

fn one(file: &mut String, rule: &Rule, group: &RuleGroup) {
    if is_exact(rule.query()) {
        file.push_str("  # exact\n");
    }
    match rule {
        Rule::Recording(rule) => {
            file.push_str(&format!("  - record: {}\n", scalar(&rule.name, 6)));
            file.push_str(&format!("    expr: {}\n", scalar(rule.query.text(), 6)));
            texts(file, 4, "labels", rule.labels.iter().map(|(name, value)| (name, value)));
        }
        Rule::Alerting(rule) => alert(file, rule, group),
    }
}

fn alert(file: &mut String, rule: &AlertingRule, group: &RuleGroup) {
    if !rule.notify.is_empty() {
        file.push_str(&format!(
            "  # In the process its alerts go to {:?} only; here the routes decide.\n",
            rule.notify
        ));
    }
    let expr = match &rule.keep_query {
        Some(keep) => keep::expression(rule, &rule.query, keep, &group.labels),
        None => rule.query.text().to_owned(),
    };
    file.push_str(&format!("  - alert: {}\n", scalar(&rule.name, 6)));
    file.push_str(&format!("    expr: {}\n", scalar(&expr, 6)));
    for (key, time) in [("for", rule.for_), ("keep_firing_for", rule.keep_firing_for)] {
        if !time.is_zero() {
            file.push_str(&format!("    {key}: {}\n", duration::format(time)));
        }
    }
    texts(file, 4, "labels", rule.labels.iter().map(|(name, value)| (name, value)));
    texts(file, 4, "annotations", rule.annotations.iter());
}

fn texts<'a>(
    file: &mut String,
    indent: usize,
    key: &str,
    texts: impl ExactSizeIterator<Item = (&'a String, &'a String)>,
) {
    if texts.len() == 0 {
        return;
    }
    file.push_str(&format!("{:indent$}{key}:\n", ""));
    for (name, text) in texts {
        let name = scalar(name, 0);
        file.push_str(&format!("{:indent$}  {name}: {}\n", "", scalar(text, indent + 4)));
    }
}

fn is_exact(query: &Query) -> bool {
    let mut found = false;
    query.expr().visit(&mut |expr| {
        found |= matches!(expr, Expr::Matrix(matrix) if matrix.selector.extension == Some(Extension::Exact));
    });
    found
}

/// A text as a YAML scalar: a word as it is, lines as a block, another in single quotes, one that cannot be shown with
/// escapes.
fn scalar(text: &str, indent: usize) -> String {
    if is_word(text) {
        return text.to_owned();
    }
    let is_shown = |letter: char| {
        matches!(letter, ' '..='~' | '\u{a1}'..='\u{d7ff}') && letter != '\u{2028}' && letter != '\u{2029}'
    };
    if text.chars().all(is_shown) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let body = text.strip_suffix('\n').unwrap_or(text);
    let is_block = indent > 0
        && body.lines().count() > 1
        && !body.starts_with([' ', '\n'])
        && !body.ends_with('\n')
        && body.chars().all(|letter| letter == '\n' || is_shown(letter))
        && body.lines().all(|line| line.trim_end() == line);
    if is_block {
        let mut block = String::from(if body.len() == text.len() { "|-" } else { "|" });
        for line in body.lines() {
            block.push('\n');
            if !line.is_empty() {
                block.push_str(&format!("{:indent$}{line}", ""));
            }
        }
        return block;
    }
    escaped(text)
}

/// A word that YAML takes for a text in every version of it.
fn is_word(text: &str) -> bool {
    const OTHERS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(fits)
        && !OTHERS.contains(&text.to_ascii_lowercase().as_str())
}

fn escaped(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            ' '..='~' => quoted.push(letter),
            _ => quoted.push_str(&format!("\\U{:08x}", u32::from(letter))),
        }
    }
    quoted.push('"');
    quoted
}
