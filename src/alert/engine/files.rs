//! Files that are read again when they have changed.
//!
//! A bad file changes nothing: what was read before goes on, and the log says what is wrong, once for each change.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use crate::alert::engine::Engine;
use crate::alert::files::{Watched, on_hangup};

/// From one look to the next, in milliseconds.
const LOOK: i64 = 5_000;

/// What the engine knows of its files.
#[derive(Debug)]
pub(crate) struct FileWatch {
    watched: Watched,
    next_look: i64,
    /// Whether somebody wants them to be read again, changed or not.
    is_asked: bool,
}

impl FileWatch {
    pub(crate) fn new(paths: Vec<PathBuf>) -> Self {
        Self { watched: Watched::new(paths), next_look: 0, is_asked: false }
    }
}

impl Engine {
    /// Reads files again where there is news of them, at most every 5 s.
    pub(crate) fn look_at_files(self: &Arc<Self>, now: i64) {
        if !self.sources.has_files() {
            return;
        }
        let paths = self.sources.watched(&self.routing());
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let is_asked = std::mem::take(&mut files.is_asked);
        if !is_asked && now < files.next_look {
            return;
        }
        files.next_look = now.saturating_add(LOOK);
        files.watched.follow(paths);
        let changed = files.watched.look();
        drop(files);
        let (who, what) = match changed {
            Some(changed) => ("file change", changed.to_string()),
            None if is_asked => ("SIGHUP", "all".to_owned()),
            None => return,
        };
        match self.reload(who) {
            Ok(()) => tracing::info!(files = %what, "rules and routing were read again"),
            Err(problems) => tracing::error!(
                files = %what,
                "rules and routing cannot be read again, and go on as they were: {}",
                problems.join("\n")
            ),
        }
    }

    /// Reads files again at each SIGHUP. Without files the signal is left alone.
    pub(crate) fn listen_for_hangups(self: &Arc<Self>) {
        if !self.sources.has_files() {
            return;
        }
        let engine = Arc::downgrade(self);
        let ask = move || {
            if let Some(engine) = engine.upgrade() {
                engine.files.lock().unwrap_or_else(PoisonError::into_inner).is_asked = true;
                engine.bell.ring();
            }
        };
        self.delivery.spawn(async move {
            if let Err(error) = on_hangup(ask).await {
                tracing::warn!(%error, "SIGHUP cannot be listened to; files are read again when they change");
            }
        });
    }
}
