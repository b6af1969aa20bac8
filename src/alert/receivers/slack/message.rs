//! One message, as a webhook takes it (<https://api.slack.com/reference/messaging/attachments>).

use serde::Serialize;

use crate::alert::notify::Notification;
use crate::alert::receivers::facts::cut;
use crate::alert::receivers::slack::config::{Action, SlackConfig};
use crate::alert::receivers::slack::fields::ready_fields;
use crate::alert::receivers::slack::markup::escaped_notification;
use crate::alert::receivers::texts::Texts;

/// That of the worst severity, or of what is over.
const COLOR: &str = "{{ severityColor . }}";
/// Characters of a title: more is refused.
const TITLE: usize = 1_024;
/// Characters of a text: Slack cuts a message at 40,000, and shows the first few hundred.
const TEXT: usize = 8_000;
/// Characters of a field.
const FIELD: usize = 2_000;
/// Fields of an attachment.
const FIELDS: usize = 25;
/// Actions of an attachment: Slack takes five.
const ACTIONS: usize = 5;

#[derive(Debug, Serialize)]
pub(crate) struct Message {
    #[serde(skip_serializing_if = "String::is_empty")]
    channel: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    username: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    icon_emoji: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    icon_url: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    link_names: bool,
    attachments: [Attachment; 1],
}

#[derive(Debug, Default, Serialize)]
struct Attachment {
    color: String,
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    title_link: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pretext: String,
    text: String,
    fallback: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    callback_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<ShownField>,
    #[serde(skip_serializing_if = "String::is_empty")]
    image_url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    thumb_url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    footer: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<ShownAction>,
    mrkdwn_in: Vec<String>,
}

/// A title and a value.
#[derive(Debug, Serialize)]
pub(crate) struct ShownField {
    pub(crate) title: String,
    pub(crate) value: String,
    pub(crate) short: bool,
}

#[derive(Debug, Serialize)]
struct ShownAction {
    #[serde(rename = "type")]
    kind: String,
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    style: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm: Option<ShownConfirm>,
}

#[derive(Debug, Serialize)]
struct ShownConfirm {
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    ok_text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    dismiss_text: String,
}

impl Message {
    /// The configuration's texts, and the named templates where it has none.
    pub(crate) fn new(notification: &Notification, config: &SlackConfig, texts: &Texts) -> Self {
        let harmless = escaped_notification(notification);
        let write = Writer { texts, notification: &harmless };
        let text = |key: &str, template: &Option<String>, name: &str| {
            texts.text_or(key, template.as_ref(), &format!("slack.default.{name}"), &harmless)
        };
        let optional =
            |key: &str, template: &Option<String>| write.optional(key, template).unwrap_or_default();
        let mrkdwn_in = config.mrkdwn_in.clone();
        let attachment = Attachment {
            color: write.text("color", config.color.as_deref().unwrap_or(COLOR)),
            title: cut(&text("title", &config.title, "title"), TITLE),
            title_link: text("title_link", &config.title_link, "titlelink"),
            pretext: text("pretext", &config.pretext, "pretext"),
            text: cut(&text("text", &config.text, "text"), TEXT),
            fallback: cut(&text("fallback", &config.fallback, "fallback"), TITLE),
            callback_id: text("callback_id", &config.callback_id, "callbackid"),
            fields: fields(notification, config, &write),
            image_url: optional("image_url", &config.image_url),
            thumb_url: optional("thumb_url", &config.thumb_url),
            footer: text("footer", &config.footer, "footer"),
            actions: config.actions.iter().take(ACTIONS).map(|action| write.action(action)).collect(),
            mrkdwn_in: mrkdwn_in
                .unwrap_or_else(|| ["fallback", "pretext", "text", "fields"].map(str::to_owned).into()),
        };
        Self {
            channel: optional("channel", &config.channel),
            username: text("username", &config.username, "username"),
            icon_emoji: text("icon_emoji", &config.icon_emoji, "iconemoji"),
            icon_url: text("icon_url", &config.icon_url, "iconurl"),
            link_names: config.link_names,
            attachments: [attachment],
        }
    }
}

fn fields(notification: &Notification, config: &SlackConfig, write: &Writer<'_>) -> Vec<ShownField> {
    let Some(fields) = &config.fields else {
        // Whoever writes a text of his own says in it what he wants to say.
        return if config.text.is_some() { Vec::new() } else { ready_fields(notification) };
    };
    let shown = fields.iter().take(FIELDS).map(|field| ShownField {
        title: cut(&write.text("fields.title", &field.title), TITLE),
        value: cut(&write.text("fields.value", &field.value), FIELD),
        short: field.short.unwrap_or(config.short_fields),
    });
    shown.collect()
}

/// Expands the texts of one section over one notification.
struct Writer<'a> {
    texts: &'a Texts,
    notification: &'a Notification,
}

impl Writer<'_> {
    fn text(&self, key: &str, template: &str) -> String {
        self.texts.text(key, template, self.notification)
    }

    fn optional(&self, key: &str, template: &Option<String>) -> Option<String> {
        template.as_deref().map(|template| self.text(key, template))
    }

    fn action(&self, action: &Action) -> ShownAction {
        let confirm = action.confirm.as_ref().map(|confirm| ShownConfirm {
            text: self.text("actions.confirm.text", &confirm.text),
            title: self.text("actions.confirm.title", &confirm.title),
            ok_text: self.text("actions.confirm.ok_text", &confirm.ok_text),
            dismiss_text: self.text("actions.confirm.dismiss_text", &confirm.dismiss_text),
        });
        ShownAction {
            kind: self.text("actions.type", &action.kind),
            text: self.text("actions.text", &action.text),
            url: self.text("actions.url", &action.url),
            style: self.text("actions.style", &action.style),
            name: self.text("actions.name", &action.name),
            value: self.text("actions.value", &action.value),
            confirm,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Message, SlackConfig};
    use crate::alert::notify::{Notice, Notification};
    use crate::alert::receivers::texts::Texts;
    use crate::alert::template::Templates;
    use crate::alert::{Alert, Status};

    #[test]
    fn a_named_template_of_ones_own_is_what_is_said() {
        let own = r#"{{ define "slack.default.title" }}{{ .Receiver }}!{{ end }}"#;
        let texts = Texts::new(Arc::new(Templates::new().with_text(own).unwrap()));
        let down = Notice::new(Alert::new("Down"), Status::Firing);
        let notification = Notification::new("ops", vec![down], 0);
        let message = Message::new(&notification, &SlackConfig::default(), &texts);
        assert_eq!(message.attachments[0].title, "ops!");
    }

    #[test]
    fn a_source_cannot_end_the_link_that_it_stands_in() {
        let mut alert = Alert::new("Down");
        alert.generator_url = "https://a.example/|x> <!channel>".to_owned();
        let notification = Notification::new("ops", vec![Notice::new(alert, Status::Firing)], 0);
        let text = "{{ range .Alerts }}<{{ .GeneratorURL }}|source>{{ end }}";
        let config = SlackConfig { text: Some(text.to_owned()), ..SlackConfig::default() };
        let message = Message::new(&notification, &config, &Texts::default());
        assert_eq!(message.attachments[0].text, "<https://a.example/%7Cx%3E %3C!channel%3E|source>");
    }
}
