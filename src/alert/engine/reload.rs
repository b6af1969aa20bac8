//! Rules and routing, read again: when a file has changed, when somebody says so, or at SIGHUP.

use std::sync::{Arc, MutexGuard, PoisonError};

use crate::alert::engine::core::Core;
use crate::alert::engine::driver::Engine;
use crate::alert::engine::hangup::on_hangup;
use crate::alert::engine::sources::Plan;
use crate::alert::files::Watched;
use crate::alert::state::Writes;

/// From one look at the files to the next, in milliseconds.
const LOOKS: i64 = 5_000;

impl Engine {
    /// Goes on with what the sources hold now, or leaves everything as it is; `who` asked for it, and is in the audit log with
    /// the outcome.
    ///
    /// # Errors
    ///
    /// All that is wrong with them.
    pub(crate) fn reload(self: &Arc<Self>, who: &str) -> Result<(), Vec<String>> {
        let plan = self.sources.load().inspect_err(|problems| {
            let problems = problems.join("; ");
            self.change(|dispatcher, now, writes| {
                dispatcher.note(now, who, "reload refused", &problems, writes);
            });
        })?;
        plan.say_what_is_doubtful(&self.store);
        let Plan { groups, routing, additions } = plan;
        let (now, watched) = (self.present(), self.sources.watched(&routing));
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
        self.watched().0 = watched;
        self.serve_targets();
        self.bell.ring();
        Ok(())
    }

    /// Looks at the files every few seconds, and reads them again where their content is another one. What is wrong with it is
    /// said once.
    pub(crate) fn reload_what_has_changed(self: &Arc<Self>) {
        let now = self.present();
        let mut watched = self.watched();
        let (files, looked) = &mut *watched;
        if now.saturating_sub(*looked) < LOOKS {
            return;
        }
        *looked = now;
        let changed = files.look();
        drop(watched);
        if let Some(changed) = changed {
            let files = changed.paths;
            match self.reload("file") {
                Ok(()) => tracing::info!(?files, "read rules and routing of alerts again"),
                Err(problems) => say_refused(&problems),
            }
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

    fn watched(&self) -> MutexGuard<'_, (Watched, i64)> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn say_refused(problems: &[String]) {
    tracing::error!("rules and routing of alerts go on as they were: {}", problems.join("; "));
}
