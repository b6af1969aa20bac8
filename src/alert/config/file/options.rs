//! How a configuration is read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::alert::config::file::read::read;
use crate::alert::config::{Problem, Routing, RoutingError};

/// How an Alertmanager configuration is read.
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is read before from_file or from_yaml"]
pub struct RoutingOptions {
    pub(crate) push_to: Vec<String>,
    /// Receivers that the program adds.
    also: BTreeSet<String>,
}

impl RoutingOptions {
    /// Sends what routes to a kind of receiver that there is not here (Opsgenie, Teams, Telegram, ...) to these Alertmanagers
    /// (`http://alertmanager:9093`, all replicas), which speak it. Without this such a receiver is an error.
    pub fn push_unsupported_to<U: Into<String>>(mut self, urls: impl IntoIterator<Item = U>) -> Self {
        self.push_to = urls.into_iter().map(Into::into).collect();
        self
    }

    /// Lets routes name receivers that are not in the file.
    pub(crate) fn knowing(&self, receivers: impl IntoIterator<Item = String>) -> Self {
        Self { also: receivers.into_iter().collect(), ..self.clone() }
    }

    /// Receivers that the program adds.
    pub(super) fn also(&self) -> &BTreeSet<String> {
        &self.also
    }

    /// Reads a file. Files that it names are relative to its directory.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, each with file, line, column, key and the mend.
    pub fn from_file(&self, path: impl AsRef<Path>) -> Result<Routing, RoutingError> {
        let path = path.as_ref();
        let in_file = |error: RoutingError| error.in_file(path);
        let text = crate::alert::files::text(path).map_err(|message| {
            in_file(RoutingError::new(vec![Problem::new(Default::default(), "", message)]))
        })?;
        let directory = path.parent().map(Path::to_path_buf).unwrap_or_else(PathBuf::new);
        let mut routing = read(&text, Some(&directory), self).map_err(in_file)?;
        for warning in &mut routing.warnings {
            warning.file = Some(path.to_path_buf());
        }
        Ok(routing)
    }

    /// Reads a text. Files that it names are relative to the working directory.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, each with line, column, key and the mend.
    pub fn from_yaml(&self, text: &str) -> Result<Routing, RoutingError> {
        read(text, None, self)
    }
}
