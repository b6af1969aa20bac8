//! The named templates of notifications.

use std::path::Path;

use crate::alert::notify::Notification;
use crate::alert::template::TemplateError;

/// The named templates that a configuration's texts may use: ours under the names of Alertmanager's, and those of the files
/// of `templates`.
#[derive(Clone, Debug, Default)]
pub struct Templates {}

impl Templates {
    /// Ours.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what a text defines. What is defined already is replaced.
    ///
    /// # Errors
    ///
    /// What is no template, or uses what is not there.
    pub fn with_text(self, _text: &str) -> Result<Self, TemplateError> {
        Ok(self)
    }

    /// Adds what the files that match these patterns define (`/etc/alertmanager/templates/*.tmpl`).
    ///
    /// # Errors
    ///
    /// All files that cannot be read or are no templates.
    pub fn with_files<P: AsRef<Path>>(
        self,
        _patterns: impl IntoIterator<Item = P>,
    ) -> Result<Self, Vec<TemplateError>> {
        Ok(self)
    }

    /// Reads a text as [`expand_text`](Self::expand_text) would, to find at the start what is wrong with it.
    ///
    /// # Errors
    ///
    /// As [`expand_text`](Self::expand_text), as far as it can be known without a notification.
    pub fn check(&self, _text: &str) -> Result<(), TemplateError> {
        Ok(())
    }

    /// The text for this notification.
    ///
    /// # Errors
    ///
    /// What is no template, or went wrong on the way.
    pub fn expand_text(&self, text: &str, _notification: &Notification) -> Result<String, TemplateError> {
        Ok(text.to_owned())
    }

    /// The same as HTML: what the template computes is escaped.
    ///
    /// # Errors
    ///
    /// As [`expand_text`](Self::expand_text).
    pub fn expand_html(&self, text: &str, _notification: &Notification) -> Result<String, TemplateError> {
        Ok(text.to_owned())
    }
}
