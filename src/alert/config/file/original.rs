//! A configuration as the API shows it: what was read, without secrets.

use std::fmt::Write;

use crate::alert::config::yaml::{Node, Value};

const HIDDEN: &str = "<secret>";

/// The ends of keys whose values are secrets.
const SECRET: [&str; 13] = [
    "password",
    "secret",
    "token",
    "credentials",
    "api_key",
    "routing_key",
    "service_key",
    "user_key",
    "secret_key",
    "access_key",
    "token_id",
    "secrets",
    "private_key",
];

/// The keys of URLs that are secrets, as upstream has them or may have them tomorrow.
const SECRET_URLS: [&str; 7] =
    ["api_url", "slack_api_url", "url", "webhook_url", "mattermost_webhook_url", "proxy_url", "key"];

/// The tree as YAML.
pub(crate) fn original(root: &Node) -> String {
    let mut text = String::new();
    write(root, 0, &mut text);
    text
}

fn write(node: &Node, depth: usize, text: &mut String) {
    match &node.value {
        Value::Scalar { .. } => {
            scalar(node, text);
            text.push('\n');
        }
        Value::List(nodes) => {
            for node in nodes {
                indent(depth, text);
                text.push('-');
                below(node, depth, text);
            }
        }
        Value::Mapping(entries) => {
            for entry in entries {
                indent(depth, text);
                quoted(&entry.key, true, text);
                text.push(':');
                match is_secret(&entry.key) {
                    true => hidden(&entry.node, text),
                    false => below(&entry.node, depth, text),
                }
            }
        }
    }
}

fn below(node: &Node, depth: usize, text: &mut String) {
    match &node.value {
        Value::Scalar { .. } => {
            text.push(' ');
            write(node, depth, text);
        }
        Value::List(nodes) if nodes.is_empty() => text.push_str(" []\n"),
        Value::Mapping(entries) if entries.is_empty() => text.push_str(" {}\n"),
        Value::List(_) | Value::Mapping(_) => {
            text.push('\n');
            write(node, depth + 1, text);
        }
    }
}

/// The root is a mapping, so that what is below a list may stand on lines of its own.
fn indent(depth: usize, text: &mut String) {
    text.extend(std::iter::repeat_n("  ", depth));
}

fn hidden(node: &Node, text: &mut String) {
    let shown = if node.is_null() { "" } else { HIDDEN };
    let _ = writeln!(text, " {shown}");
}

fn is_secret(key: &str) -> bool {
    SECRET_URLS.contains(&key) || SECRET.iter().any(|end| key.ends_with(end))
}

fn scalar(node: &Node, text: &mut String) {
    if let Value::Scalar { text: value, plain } = &node.value {
        quoted(value, *plain, text);
    }
}

/// In quotes unless it means the same without.
fn quoted(value: &str, plain: bool, text: &mut String) {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_./".contains(letter);
    match plain && value.chars().all(is_plain) {
        true => text.push_str(value),
        false => {
            let _ = write!(text, "{}", serde_json::Value::from(value));
        }
    }
}
