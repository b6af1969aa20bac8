//! The section `slack_configs`.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::alert::config::{HttpConfig, Secret, duration};

/// An item of `slack_configs` (<https://prometheus.io/docs/alerting/latest/configuration/#slack_config>).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SlackConfig {
    pub(crate) send_resolved: Option<bool>,
    pub(crate) http_config: Option<HttpConfig>,
    pub(crate) api_url: Option<Secret>,
    pub(crate) api_url_file: Option<PathBuf>,
    pub(crate) channel: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) color: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) title_link: Option<String>,
    pub(crate) pretext: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) fields: Option<Vec<Field>>,
    pub(crate) short_fields: bool,
    pub(crate) footer: Option<String>,
    pub(crate) fallback: Option<String>,
    pub(crate) callback_id: Option<String>,
    pub(crate) icon_emoji: Option<String>,
    pub(crate) icon_url: Option<String>,
    pub(crate) image_url: Option<String>,
    pub(crate) thumb_url: Option<String>,
    pub(crate) link_names: bool,
    pub(crate) mrkdwn_in: Option<Vec<String>>,
    pub(crate) actions: Vec<Action>,
    #[serde(deserialize_with = "duration::optional")]
    pub(crate) timeout: Option<Duration>,
}

/// An item of `fields`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Field {
    pub(crate) title: String,
    pub(crate) value: String,
    pub(crate) short: Option<bool>,
}

/// An item of `actions`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Action {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) text: String,
    pub(crate) url: String,
    pub(crate) style: String,
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) confirm: Option<Confirm>,
}

/// What is asked before an action.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Confirm {
    pub(crate) text: String,
    pub(crate) title: String,
    pub(crate) ok_text: String,
    pub(crate) dismiss_text: String,
}

impl SlackConfig {
    /// What lacks.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (index, field) in self.fields.iter().flatten().enumerate() {
            for (key, text) in [("title", &field.title), ("value", &field.value)] {
                if text.is_empty() {
                    problems.push(format!("fields[{index}].{key} is missing; add it, or remove the field"));
                }
            }
        }
        for (index, action) in self.actions.iter().enumerate() {
            for (key, text) in [("type", &action.kind), ("text", &action.text)] {
                if text.is_empty() {
                    problems.push(format!("actions[{index}].{key} is missing; add it, or remove the action"));
                }
            }
            if action.url.is_empty() && action.name.is_empty() {
                problems.push(format!("actions[{index}] leads nowhere; add url, or name and value"));
            }
            if action.confirm.as_ref().is_some_and(|confirm| confirm.text.is_empty()) {
                problems.push(format!("actions[{index}].confirm.text is missing; add it, or remove confirm"));
            }
        }
        problems
    }

    /// All that are templates, by their key.
    pub(crate) fn texts(&self) -> Vec<(&str, Option<&String>)> {
        let mut texts = vec![
            ("channel", self.channel.as_ref()),
            ("username", self.username.as_ref()),
            ("color", self.color.as_ref()),
            ("title", self.title.as_ref()),
            ("title_link", self.title_link.as_ref()),
            ("pretext", self.pretext.as_ref()),
            ("text", self.text.as_ref()),
            ("footer", self.footer.as_ref()),
            ("fallback", self.fallback.as_ref()),
            ("callback_id", self.callback_id.as_ref()),
            ("icon_emoji", self.icon_emoji.as_ref()),
            ("icon_url", self.icon_url.as_ref()),
            ("image_url", self.image_url.as_ref()),
            ("thumb_url", self.thumb_url.as_ref()),
        ];
        for field in self.fields.iter().flatten() {
            texts.extend([("fields.title", Some(&field.title)), ("fields.value", Some(&field.value))]);
        }
        for action in &self.actions {
            let Action { kind, text, url, style, name, value, confirm } = action;
            texts.extend([("actions.type", Some(kind)), ("actions.text", Some(text))]);
            texts.extend([("actions.url", Some(url)), ("actions.style", Some(style))]);
            texts.extend([("actions.name", Some(name)), ("actions.value", Some(value))]);
            if let Some(Confirm { text, title, ok_text, dismiss_text }) = confirm {
                texts.extend([("actions.confirm.text", Some(text)), ("actions.confirm.title", Some(title))]);
                texts.extend([("actions.confirm.ok_text", Some(ok_text))]);
                texts.extend([("actions.confirm.dismiss_text", Some(dismiss_text))]);
            }
        }
        texts
    }
}
