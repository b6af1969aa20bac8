//! The texts of a configuration, for one message.

use std::sync::Arc;

use crate::alert::notify::Notification;
use crate::alert::template::{TemplateError, Templates};

/// Expands the texts of a section. One that fails is replaced by its error, so that the message still goes out.
#[derive(Clone, Debug)]
pub(crate) struct Texts(Arc<Templates>);

impl Texts {
    pub(crate) fn new(templates: Arc<Templates>) -> Self {
        Self(templates)
    }

    /// The text of this key.
    pub(crate) fn text(&self, key: &str, template: &str, notification: &Notification) -> String {
        if is_plain(template) {
            return template.to_owned();
        }
        self.0.expand_text(template, notification).unwrap_or_else(|error| failed(key, &error, notification))
    }

    /// The text of this key, or that of the named template where the configuration has none.
    pub(crate) fn text_or(
        &self,
        key: &str,
        template: Option<&String>,
        name: &str,
        notification: &Notification,
    ) -> String {
        match template {
            Some(template) => self.text(key, template, notification),
            None => self.text(key, &format!("{{{{ template {name:?} . }}}}"), notification),
        }
    }

    /// What is wrong with the texts of these keys.
    pub(crate) fn problems<'a>(
        &self,
        texts: impl IntoIterator<Item = (&'a str, Option<&'a String>)>,
    ) -> Vec<String> {
        let texts = texts.into_iter().filter_map(|(key, text)| Some((key, text?)));
        texts.filter_map(|(key, text)| Some(format!("{key}: {}", self.0.check(text).err()?))).collect()
    }
}

#[cfg(feature = "mail")]
impl Texts {
    /// The same as HTML, what the template computes escaped. An error is told as `Err`, to be shown as fits.
    pub(crate) fn html(
        &self,
        key: &str,
        template: &str,
        notification: &Notification,
    ) -> Result<String, String> {
        self.0.expand_html(template, notification).map_err(|error| failed(key, &error, notification))
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self::new(Arc::default())
    }
}

fn is_plain(template: &str) -> bool {
    !template.contains("{{")
}

fn failed(key: &str, error: &TemplateError, notification: &Notification) -> String {
    tracing::warn!(
        receiver = &*notification.receiver,
        group = &*notification.group_key,
        key,
        %error,
        "a template of a notification failed; the notification goes out with the error in its place"
    );
    format!("(the template of {key} failed at {error})")
}
