//! Rules and routing, read again: when a file has changed, when somebody says so, or at SIGHUP.

use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};

use crate::alert::engine::core::Core;
use crate::alert::engine::driver::Engine;
use crate::alert::engine::hangup::on_hangup;
use crate::alert::engine::sources::Plan;
use crate::alert::files::Watched;
use crate::alert::state::Writes;

/// From one look at the files to the next, in milliseconds.
const LOOKS: i64 = 5_000;

/// The files of the sources, and what came of the last looks at them.
#[derive(Debug)]
pub(crate) struct Looks {
    files: Watched,
    at: i64,
    /// What was wrong when they were read last.
    refused: Option<Vec<String>>,
}

impl Looks {
    pub(crate) fn new(paths: Vec<PathBuf>, now: i64) -> Self {
        Self { files: Watched::new(paths), at: now, refused: None }
    }
}

impl Engine {
    /// Goes on with what the sources hold now, or leaves everything as it is; `who` asked for it, and is in the audit log with
    /// the outcome.
    ///
    /// # Errors
    ///
    /// All that is wrong with them.
    pub(crate) fn reload(self: &Arc<Self>, who: &str) -> Result<(), Vec<String>> {
        let reloading = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        // Before they are read: a change that comes while they are is seen at the next look.
        self.looks().files.look();
        let plan = self.sources.load().inspect_err(|problems| {
            self.looks().refused = Some(problems.clone());
            let problems = problems.join("; ");
            self.change(|dispatcher, now, writes| {
                dispatcher.note(now, who, "reload refused", &problems, writes);
            });
        })?;
        plan.say_what_is_doubtful(&self.store);
        let Plan { groups, routing, additions } = plan;
        let now = self.present();
        let mut looks = self.looks();
        looks.files.follow(self.sources.watched(&routing));
        looks.refused = None;
        drop(looks);
        let mut writes = Writes::new();
        let mut evaluation = self.evaluation();
        let over = evaluation.reload(groups, now, &mut writes);
        let mut core = self.core();
        drop(evaluation);
        for alert in over {
            core.book.apply(alert, now, &mut writes);
        }
        core.routing = Arc::clone(&routing);
        core.book.set_resolve_timeout(routing.global.resolve_timeout);
        let Core { book, dispatcher, .. } = &mut *core;
        dispatcher.reload(routing, book, &mut writes);
        dispatcher.set_additions(additions);
        self.serve_outbox(&mut core, &mut writes);
        core.dispatcher.note(now, who, "reloaded", "rules and routing", &mut writes);
        self.route(core, now, writes);
        drop(reloading);
        self.serve_targets();
        self.bell.ring();
        Ok(())
    }

    /// Looks at the files every few seconds, and reads them again where their content is another one. What is wrong with it is
    /// said once.
    pub(crate) fn reload_what_has_changed(self: &Arc<Self>) {
        let now = self.present();
        let mut looks = self.looks();
        if now.saturating_sub(looks.at) < LOOKS {
            return;
        }
        looks.at = now;
        let files = looks.files.look().map(|changed| changed.paths);
        let refused = looks.refused.clone();
        drop(looks);
        // What a refused routing names (templates, secrets) is not among the files that are looked at: whether it was mended
        // shows when it is read.
        let is_mended = || refused.is_some_and(|before| self.sources.load().err().as_ref() != Some(&before));
        if files.is_none() && !is_mended() {
            return;
        }
        let files = files.unwrap_or_default();
        match self.reload("file") {
            Ok(()) => tracing::info!(?files, "read rules and routing of alerts again"),
            Err(problems) => say_refused(&problems),
        }
    }

    /// Reads files again at SIGHUP, where there are any.
    pub(crate) fn listen_to_hangups(self: &Arc<Self>) {
        if !self.sources.has_files() {
            return;
        }
        // Dropped with its runtime, at the end of the engine.
        let engine = Arc::clone(self);
        let _ = self.delivery.spawn(on_hangup(move || match engine.reload("SIGHUP") {
            Ok(()) => tracing::info!("read rules and routing of alerts again, as SIGHUP asks for"),
            Err(problems) => say_refused(&problems),
        }));
    }

    fn looks(&self) -> MutexGuard<'_, Looks> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn say_refused(problems: &[String]) {
    tracing::error!("rules and routing of alerts go on as they were: {}", problems.join("; "));
}
