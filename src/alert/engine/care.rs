//! What people do about alerts: silence them, take care of them, ask why.

use std::sync::Arc;

use crate::alert::dispatch::Dispatcher;
use crate::alert::engine::core::Core;
use crate::alert::engine::driver::Engine;
use crate::alert::engine::handle::Alerts;
use crate::alert::state::Writes;
use crate::alert::{Acknowledgement, Alert, AuditEntry, Explanation, Silence, SilenceError};
use crate::series::{Labels, Matcher};

impl Alerts {
    /// Makes a silence, or changes the one with its id; returns the id, which is another one where matchers were changed, or
    /// a beginning that has passed. It is on disk when this returns, and holds for what is told from then on; an alert that
    /// somebody was told of is told to be over all the same.
    ///
    /// # Errors
    ///
    /// See [`SilenceError`].
    pub fn silence(&self, silence: Silence) -> Result<String, SilenceError> {
        let Some(engine) = &self.engine else { return Err(SilenceError::NotFound(silence.id)) };
        engine.change(|dispatcher, now, writes| dispatcher.silence(silence, now, writes))
    }

    /// Ends a silence; `who` is for the audit log.
    ///
    /// # Errors
    ///
    /// There is none of this id, or it is over.
    pub fn expire_silence(&self, id: &str, who: &str) -> Result<(), SilenceError> {
        let Some(engine) = &self.engine else { return Err(SilenceError::NotFound(id.to_owned())) };
        engine.change(|dispatcher, now, writes| dispatcher.expire_silence(id, who, now, writes))
    }

    /// All silences, those included that were over less than 5 days ago.
    #[must_use]
    pub fn silences(&self) -> Vec<Silence> {
        let Some(engine) = &self.engine else { return Vec::new() };
        engine.core().dispatcher.silences().iter().cloned().collect()
    }

    /// Says that somebody takes care of the alerts that fire and pass these matchers: they are not repeated and go to nobody
    /// else. Returns how many these are. It is on disk when this returns.
    ///
    /// Receivers that have such a notion (PagerDuty) and were told of an alert hear of it from the engine's own thread: asked
    /// again with growing waits where they do not answer, for as long as the alert fires and is acknowledged. A restart forgets
    /// what is still on its way to them, and nothing else.
    ///
    /// Where one of several replicas is elected to send, say it to that one: others do not pass it on.
    pub fn acknowledge(&self, matchers: &[Matcher], acknowledgement: &Acknowledgement) -> usize {
        let Some(engine) = &self.engine else { return 0 };
        let mut writes = Writes::new();
        let mut core = engine.core();
        let Core { dispatcher, book, .. } = &mut *core;
        let found = dispatcher.acknowledge(matchers, acknowledgement, book, &mut writes);
        engine.pass_on(&core, &found);
        engine.journal.note(writes);
        drop(core);
        engine.journal.commit();
        found.len()
    }

    /// Says that nobody takes care any more of the alerts that fire and pass these matchers: they are repeated, and escalation
    /// goes on where it was. Returns how many of them somebody took care of; `who` is for the audit log.
    ///
    /// Receivers are not told: none of their protocols has a word for it.
    pub fn withdraw_acknowledgement(&self, matchers: &[Matcher], who: &str) -> usize {
        let Some(engine) = &self.engine else { return 0 };
        let (now, mut writes) = (engine.present(), Writes::new());
        let mut core = engine.core();
        let Core { dispatcher, book, .. } = &mut *core;
        let withdrawn = dispatcher.withdraw(matchers, who, now, book, &mut writes);
        engine.journal.note(writes);
        drop(core);
        engine.journal.commit();
        engine.bell.ring();
        withdrawn.len()
    }

    /// Why an alert with these labels is told, or not; or, where a rule of its `alertname` is there and it does not fire, why
    /// that is: it is pending, the rule did not find it, there are no data, the rule cannot be evaluated.
    #[must_use]
    pub fn explain(&self, labels: &Labels) -> Option<Explanation> {
        self.engine.as_ref().map(|engine| engine.explain(labels))
    }

    /// Who did what, the latest first; at most 1,000 entries.
    #[must_use]
    pub fn audit(&self) -> Vec<AuditEntry> {
        let Some(engine) = &self.engine else { return Vec::new() };
        engine.core().dispatcher.audit().iter().cloned().collect()
    }

    /// The alerts that ended last, the latest first; at most 1,000.
    #[must_use]
    pub fn history(&self) -> Vec<Arc<Alert>> {
        let Some(engine) = &self.engine else { return Vec::new() };
        engine.core().book.history().cloned().collect()
    }
}

impl Engine {
    /// Changes something about whom alerts are told, durably.
    pub(crate) fn change<T>(&self, work: impl FnOnce(&mut Dispatcher, i64, &mut Writes) -> T) -> T {
        let (now, mut writes) = (self.present(), Writes::new());
        let mut core = self.core();
        let done = work(&mut core.dispatcher, now, &mut writes);
        self.journal.note(writes);
        drop(core);
        self.journal.commit();
        self.bell.ring();
        done
    }
}
