//! The named templates of notifications.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use crate::alert::notify::Notification;
use crate::alert::template::TemplateError;
use crate::alert::template::data;
use crate::alert::template::functions::Dialect;
use crate::alert::template::run::{Context, Definitions, Executor, Mode};
use crate::alert::template::text::{Unit, parse};

/// Ours, in the order in which they are read.
const OURS: [(&str, &str); 4] = [
    ("common.tmpl", include_str!("default/common.tmpl")),
    ("slack.tmpl", include_str!("default/slack.tmpl")),
    ("pagerduty.tmpl", include_str!("default/pagerduty.tmpl")),
    ("email.tmpl", include_str!("default/email.tmpl")),
];

/// The named templates that a configuration's texts may use: ours under the names of Alertmanager's, and those of the files
/// of `templates`.
///
/// | name | what it is |
/// |---|---|
/// | `slack.default.title`, `.text`, `.fallback`, `.pretext`, `.titlelink` | a message to Slack |
/// | `slack.default.username`, `.iconemoji`, `.iconurl`, `.footer`, `.callbackid`, `.shortfields` | empty |
/// | `pagerduty.default.description`, `.client`, `.clientURL`, and of alerts `.instances` | an event for PagerDuty |
/// | `email.default.subject`, `.html`, `.text` | a mail |
/// | `__subject`, `__alertmanager`, `__alertmanagerURL`, and of alerts `__text_alert_list` | parts of these |
///
/// A receiver without a text of its own says what the template of its name says, so to define one again is to change what is
/// said everywhere.
///
/// A clone is a reference count.
#[derive(Clone, Debug)]
pub struct Templates {
    definitions: Arc<Definitions>,
}

/// Ours, read once.
static BUILT_IN: LazyLock<Arc<Definitions>> = LazyLock::new(|| {
    let units = OURS.iter().filter_map(|(_, text)| read(text, None).ok());
    Arc::new(units.flat_map(|unit| unit.defines).collect())
});

fn read(text: &str, file: Option<&Path>) -> Result<Unit, TemplateError> {
    parse(text, file, Dialect::Notifications, &[])
}

impl Default for Templates {
    fn default() -> Self {
        Self::new()
    }
}

impl Templates {
    /// Ours.
    #[must_use]
    pub fn new() -> Self {
        Self { definitions: Arc::clone(&BUILT_IN) }
    }

    /// Adds what a text defines. What is defined already is replaced.
    ///
    /// # Errors
    ///
    /// What is no template, or uses what is not there.
    pub fn with_text(mut self, text: &str) -> Result<Self, TemplateError> {
        let unit = read(text, None)?;
        self.add(&unit);
        self.resolve(&unit)?;
        Ok(self)
    }

    /// Adds what these files define, in their order.
    ///
    /// # Errors
    ///
    /// All files that cannot be read, are no templates, or use what is not there.
    pub fn with_files<P: AsRef<Path>>(
        mut self,
        files: impl IntoIterator<Item = P>,
    ) -> Result<Self, Vec<TemplateError>> {
        let mut faults = Vec::new();
        let mut units = Vec::new();
        for file in files {
            match load(file.as_ref()) {
                Ok(unit) => units.push(unit),
                Err(fault) => faults.push(fault),
            }
        }
        units.iter().for_each(|unit| self.add(unit));
        if faults.is_empty() {
            // A file may call what a later one defines, so this comes last; and only where nothing else explains it.
            faults.extend(units.iter().filter_map(|unit| self.resolve(unit).err()));
        }
        if faults.is_empty() { Ok(self) } else { Err(faults) }
    }

    fn add(&mut self, unit: &Unit) {
        let definitions = Arc::make_mut(&mut self.definitions);
        definitions.extend(unit.defines.iter().cloned());
    }

    /// Whether all templates that are called are there.
    fn resolve(&self, unit: &Unit) -> Result<(), TemplateError> {
        let inside: HashSet<&str> = unit.defines.iter().map(|(name, _)| &**name).collect();
        let missing = unit
            .calls
            .iter()
            .find(|(name, _)| !self.definitions.contains_key(name) && !inside.contains(&**name));
        missing.map_or(Ok(()), |(name, offset)| {
            let message = format!("the template {name:?} is not defined; is a file of `templates` missing?");
            Err(unit.main.source.error(*offset, message))
        })
    }

    /// Reads a text as [`expand_text`](Self::expand_text) would, to find at the start what is wrong with it.
    ///
    /// # Errors
    ///
    /// As [`expand_text`](Self::expand_text), as far as it can be known without a notification.
    pub fn check(&self, text: &str) -> Result<(), TemplateError> {
        if !text.contains("{{") {
            return Ok(());
        }
        self.resolve(&read(text, None)?)
    }

    /// The text for this notification, of at most 64 KiB.
    ///
    /// # Errors
    ///
    /// What is no template, or went wrong on the way.
    pub fn expand_text(&self, text: &str, notification: &Notification) -> Result<String, TemplateError> {
        self.expand(text, notification, Mode::Text)
    }

    /// The same as HTML, of at most 256 KiB. What the template computes is escaped for the place that it is written to: text, an attribute, a
    /// link. In scripts and comments it is left out.
    ///
    /// # Errors
    ///
    /// As [`expand_text`](Self::expand_text).
    pub fn expand_html(&self, text: &str, notification: &Notification) -> Result<String, TemplateError> {
        self.expand(text, notification, Mode::Html)
    }

    fn expand(&self, text: &str, notification: &Notification, mode: Mode) -> Result<String, TemplateError> {
        if !text.contains("{{") {
            return Ok(text.to_owned());
        }
        let unit = read(text, None)?;
        let mut with_own = self.clone();
        if !unit.defines.is_empty() {
            with_own.add(&unit);
        }
        let context = Context::new(&notification.external_url, notification.time, None);
        let dot = data::notification(notification);
        Executor::new(&with_own.definitions, context, mode).expand(&unit.main, &dot, Vec::new())
    }
}

fn load(file: &Path) -> Result<Unit, TemplateError> {
    let fault = |error: std::io::Error| {
        TemplateError::at("", 0, format!("the file cannot be read: {error}")).in_file(file)
    };
    let text = std::fs::read_to_string(file).map_err(fault)?;
    read(&text, Some(file))
}
