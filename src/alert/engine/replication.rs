//! One of several replicas sends: the turns that this one takes, and what it does when it is elected.
//!
//! Every replica evaluates its own rules. Who is not elected routes nothing and owes nothing; it says what fires and what is
//! silenced. The elected one takes the alerts of all others into its book as long as they say so, and shares what it decides
//! (what groups have said, what is owed, what receivers know) before it acts upon it: so whoever is elected next goes on there.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::select;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tower_watch_layers::clock::{Clock, Instant};

use crate::alert::dispatch::{Dispatcher, Silence};
use crate::alert::election::{Change, Election, ElectionError, LEASE, Round, STEP, Seat, Step};
use crate::alert::engine::core::Core;
use crate::alert::engine::driver::Engine;
use crate::alert::notify::outbox::Outbox;
use crate::alert::state::{Disk, Table, Write, Writes};
use crate::alert::{Alert, Fingerprint, Source, Status};

/// How long one call to the shared place may take.
const CALL: Duration = Duration::from_secs(5);

/// How long the end of a silence is said, so that the sender does not go on with it.
const SAID: i64 = 3_600_000;

/// How long an alert of another replica goes on when that says nothing any more.
const PEER: i64 = 60_000;

/// What stands between the name of a replica and what tells this process from another of the same name.
const APART: char = '#';

/// What of the engine's state all replicas remember.
const SHARED: [Table; 4] = [Table::Groups, Table::Debts, Table::Silences, Table::Acknowledgements];

/// What a replica says in its turn.
#[derive(Default, Serialize, Deserialize)]
struct Said {
    alerts: Vec<Alert>,
    silences: Vec<Silence>,
}

/// This replica's part in the election.
#[derive(Debug)]
pub(crate) struct Replication {
    election: Arc<dyn Election>,
    seat: Seat,
    clock: Clock,
    state: Mutex<State>,
    /// Whether the last call failed, and so was said.
    failing: AtomicBool,
    /// Whether what another replica says could not be read, and so was said.
    puzzled: AtomicBool,
    /// Rung when there is something to share.
    bell: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Until when this replica may send, where it is elected.
    until: Option<Instant>,
    /// What was decided and is not shared yet.
    unshared: BTreeMap<String, Option<Vec<u8>>>,
    /// What is shared, as far as the sender knows: a place that lost its memory is given it again.
    shared: BTreeMap<String, Vec<u8>>,
    /// Whether this replica has left, and takes no turn any more.
    has_left: bool,
}

impl Replication {
    /// One process in the election of this scope. Two of the same name are two: on one host, or while one takes over from the
    /// other, both would send.
    pub(crate) fn new(election: Arc<dyn Election>, scope: String, name: &str, clock: Clock) -> Self {
        let seat = Seat::new(scope, format!("{name}{APART}{:08x}", fastrand::u32(..)));
        let (failing, puzzled) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { election, seat, clock, state: Mutex::default(), failing, puzzled, bell: Notify::new() }
    }

    /// Notes what has to be shared of these changes.
    pub(crate) fn note(&self, writes: &Writes) {
        let mut state = self.state();
        if state.until.is_none() {
            return;
        }
        for Write { table, key, record } in writes.0.iter().filter(|write| SHARED.contains(&write.table)) {
            let key = format!("{}/{key}", table.name());
            match record {
                Some(record) => drop(state.shared.insert(key.clone(), record.clone())),
                None => drop(state.shared.remove(&key)),
            }
            state.unshared.insert(key, record.clone());
        }
        if !state.unshared.is_empty() {
            self.bell.notify_one();
        }
    }

    /// Whether a message may go out now: elected, and all that was decided is known to whoever comes next.
    pub(crate) fn may_send(&self) -> bool {
        let state = self.state();
        state.unshared.is_empty() && state.until.is_some_and(|until| self.clock.now() < until)
    }

    /// Whether this replica routes.
    pub(crate) fn is_sender(&self) -> bool {
        self.state().until.is_some()
    }

    /// Whether this replica may go on as the sender that it was: nobody else can have been elected since.
    fn goes_on(&self, round: &Round) -> bool {
        !round.is_new && self.state().until.is_some_and(|until| self.clock.now() < until)
    }

    /// What a sender goes on with that could have been replaced meanwhile: what is shared. `None` where it may go on with what
    /// it has: the place has lost its memory, and is told all of it again.
    async fn catch_up(&self) -> Result<Option<Vec<(String, Vec<u8>)>>, ElectionError> {
        let records = self.call(self.election.remembered(&self.seat)).await?;
        let mut state = self.state();
        // Within its lease nobody else was elected there who could have had nothing to share.
        let is_within = state.until.is_some_and(|until| self.clock.now() < until);
        if is_within && records.is_empty() && !state.shared.is_empty() {
            tracing::warn!(
                "the place where replicas elect the sender of alerts has lost its memory, and is told again"
            );
            state.unshared =
                state.shared.iter().map(|(key, record)| (key.clone(), Some(record.clone()))).collect();
            return Ok(None);
        }
        Ok(Some(records))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call<T>(&self, call: Step<'_, T>) -> Result<T, ElectionError> {
        let slow = || ElectionError::new(format_args!("no answer within {CALL:?}"));
        let outcome = timeout(CALL, call).await.unwrap_or_else(|_| Err(slow()));
        match &outcome {
            Ok(_) if self.failing.swap(false, Ordering::Relaxed) => {
                tracing::info!("the place where replicas elect the sender of alerts is reached again");
            }
            Err(error) if !self.failing.swap(true, Ordering::Relaxed) => {
                tracing::error!(
                    "the place where replicas elect the sender of alerts cannot be used, and is tried again: {error}"
                );
            }
            _ => {}
        }
        outcome
    }

    /// Shares what was decided. Whether there is nothing left to share.
    pub(crate) async fn share(&self) -> bool {
        let changes: Vec<Change> = {
            let state = self.state();
            if state.until.is_none() {
                return false;
            }
            state.unshared.iter().map(|(key, record)| (key.clone(), record.clone())).collect()
        };
        if changes.is_empty() {
            return true;
        }
        if self.call(self.election.remember(&self.seat, &changes)).await.is_err() {
            return false;
        }
        let mut state = self.state();
        for (key, record) in changes {
            // What was decided anew meanwhile is still to be shared.
            if state.unshared.get(&key) == Some(&record) {
                state.unshared.remove(&key);
            }
        }
        state.unshared.is_empty()
    }
}

impl Engine {
    /// Takes turns until the engine ends.
    pub(crate) async fn take_turns(self: Arc<Self>) {
        let Some(replication) = self.replication.clone() else { return };
        loop {
            self.take_turn().await;
            let next = sleep(STEP);
            tokio::pin!(next);
            loop {
                select! {
                    () = &mut next => break,
                    () = replication.bell.notified() => {
                        if replication.share().await {
                            self.wake();
                        }
                    }
                }
            }
        }
    }

    /// Takes one turn: says what fires here, hears what fires elsewhere where it is elected, and shares what it decided.
    pub(crate) async fn take_turn(self: &Arc<Self>) {
        let Some(replication) = &self.replication else { return };
        if replication.state().has_left {
            return;
        }
        let began = replication.clock.now();
        let said = self.said();
        let turn = replication.call(replication.election.step(&replication.seat, &said)).await;
        match turn {
            Ok(round @ Round { is_sender: true, .. }) => {
                let records = if replication.goes_on(&round) {
                    None
                } else {
                    let Ok(records) = replication.catch_up().await else { return };
                    records
                };
                self.preside(began.after(LEASE), records, &round.others);
            }
            Ok(_) => self.step_down(),
            Err(_) => {
                let is_over = |until: Instant| replication.clock.now() >= until;
                let over = replication.state().until.is_some_and(is_over);
                if over {
                    self.step_down();
                }
            }
        }
        if replication.share().await {
            self.wake();
        }
    }

    /// Leaves the election, so that another replica goes on at once.
    pub(crate) async fn leave(&self) {
        let Some(replication) = &self.replication else { return };
        replication.state().has_left = true;
        replication.share().await;
        // Where it fails, the lease ends by itself.
        let _ = replication.call(replication.election.leave(&replication.seat)).await;
        replication.state().until = None;
    }

    fn said(&self) -> Vec<u8> {
        let now = self.present();
        let core = self.core();
        let own = core.book.active().filter(|alert| alert.source != Source::Peer);
        let alerts = own.map(|alert| Alert::clone(alert)).collect();
        let silences =
            core.dispatcher.silences().iter().filter(|it| it.ends_at > now - SAID).cloned().collect();
        drop(core);
        serde_json::to_vec(&Said { alerts, silences }).unwrap_or_default()
    }

    /// Takes in what other replicas say, and may send until this time; as one that was just elected, goes on where the last one
    /// was.
    fn preside(
        self: &Arc<Self>,
        until: Instant,
        records: Option<Vec<(String, Vec<u8>)>>,
        others: &[(String, Vec<u8>)],
    ) {
        let Some(replication) = &self.replication else { return };
        let (now, mut writes) = (self.present(), Writes::new());
        let mut core = self.core();
        let is_new = records.is_some();
        {
            // Under the core's lock: nobody may send or route with what there was before.
            let mut state = replication.state();
            if state.has_left {
                return;
            }
            state.until = Some(until);
            if let Some(records) = &records {
                state.unshared.clear();
                state.shared = records.iter().cloned().collect();
            }
        }
        if let Some(records) = records {
            tracing::info!("this replica was elected to send the alerts of all");
            self.take_over(&mut core, records, &mut writes);
        }
        let mut peers = HashMap::new();
        for (replica, said) in others {
            let Said { alerts, silences } = serde_json::from_slice(said).unwrap_or_else(|error| {
                if !replication.puzzled.swap(true, Ordering::Relaxed) {
                    tracing::warn!(replica, %error, "what a replica says cannot be read; is it of another version?");
                }
                Said::default()
            });
            for silence in silences {
                core.dispatcher.learn_silence(&silence, &mut writes);
            }
            for alert in alerts {
                let fingerprint = alert.fingerprint();
                peers.entry(fingerprint).or_insert_with(|| peer(alert, replica));
            }
        }
        let over = hear(&mut core, peers, now, &mut writes);
        if is_new || over || !core.book.news().is_empty() {
            self.route(core, now, writes);
            self.bell.ring();
        } else {
            self.journal.note(writes);
            drop(core);
            self.journal.commit();
        }
    }

    fn take_over(&self, core: &mut Core, records: Vec<(String, Vec<u8>)>, writes: &mut Writes) {
        let own: Vec<Silence> = core.dispatcher.silences().iter().cloned().collect();
        let shared = Disk::holding(records.into_iter().filter_map(|(key, record)| {
            let (table, key) = key.split_once('/')?;
            let table = SHARED.into_iter().find(|shared| shared.name() == table)?;
            Some(Write { table, key: key.to_owned(), record: Some(record) })
        }));
        let additions = core.dispatcher.additions().clone();
        let before =
            std::mem::replace(&mut core.dispatcher, Dispatcher::new(Arc::clone(&core.routing), &shared));
        core.dispatcher.keep_audit(before);
        core.dispatcher.set_additions(additions);
        core.outbox = Outbox::restore(&shared);
        for silence in own {
            core.dispatcher.learn_silence(&silence, writes);
        }
        core.is_anew = true;
        self.serve_outbox(core, writes);
    }

    fn step_down(&self) {
        let Some(replication) = &self.replication else { return };
        let was = {
            let mut state = replication.state();
            state.unshared.clear();
            state.shared.clear();
            state.until.take().is_some()
        };
        if was {
            tracing::warn!("another replica sends the alerts of all from now on");
            let mut core = self.core();
            // The other one owes it.
            core.outbox = Outbox::default();
            self.serve_outbox(&mut core, &mut Writes::new());
            core.peers.clear();
        }
    }
}

/// An alert as another replica has it.
fn peer(mut alert: Alert, replica: &str) -> Arc<Alert> {
    let (replica, _) = replica.rsplit_once(APART).unwrap_or((replica, ""));
    alert.source = Source::Peer;
    alert.ends_at = None;
    alert.annotations.insert("replica".to_owned(), replica.to_owned());
    Arc::new(alert)
}

/// Takes the alerts of other replicas into the book; whether any of them is over.
fn hear(core: &mut Core, peers: HashMap<Fingerprint, Arc<Alert>>, now: i64, writes: &mut Writes) -> bool {
    let mut over = false;
    let before = std::mem::replace(&mut core.peers, peers);
    for fingerprint in before.keys().filter(|it| !core.peers.contains_key(it)) {
        let Some(alert) = core.book.active_one(*fingerprint).filter(|it| it.source == Source::Peer) else {
            continue;
        };
        let mut alert = Alert::clone(alert);
        (alert.ends_at, alert.updated_at) = (Some(now), now);
        core.book.apply(Arc::new(alert), now, writes);
        over = true;
    }
    for (fingerprint, alert) in &core.peers {
        let here = core.book.active_one(*fingerprint);
        // One that fires here as well needs nobody else; and one is not renewed more often than it has to be.
        let lasts = here.is_some_and(|here| {
            here.source != Source::Peer || here.ends_at.is_none_or(|end| end - now > PEER / 2)
        });
        if !lasts {
            core.book.apply(lasting(alert, now), now, writes);
        }
    }
    over
}

/// A peer's alert that goes on for a while.
fn lasting(alert: &Arc<Alert>, now: i64) -> Arc<Alert> {
    let mut alert = Alert::clone(alert);
    (alert.ends_at, alert.updated_at) = (Some(now + PEER), now);
    Arc::new(alert)
}

impl Core {
    /// What is news of an alert of ours: where it is over here and fires at another replica, it is not over.
    pub(crate) fn as_all_see_it(&self, alert: Arc<Alert>, now: i64) -> Arc<Alert> {
        if self.peers.is_empty() || alert.status_at(now) == Status::Firing {
            return alert;
        }
        match self.peers.get(&alert.fingerprint()) {
            Some(peer) => lasting(peer, now),
            None => alert,
        }
    }
}
