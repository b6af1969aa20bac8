//! All silences.

use std::collections::{BTreeMap, BTreeSet};

use crate::alert::dispatch::silence::{Silence, SilenceError, SilenceState};
use crate::alert::state::{Disk, Table, Writes};
use crate::series::Labels;

/// How long one that is over is shown.
const RETENTION: i64 = 5 * 24 * 60 * 60 * 1_000;

/// How many there can be, those included that are over.
const MOST: usize = 10_000;

/// Silences by id, on disk too.
#[derive(Debug, Default)]
pub(crate) struct Silences {
    all: BTreeMap<String, Silence>,
    by_end: BTreeSet<(i64, String)>,
}

impl Silences {
    pub(crate) fn restore(disk: &Disk) -> Self {
        let mut silences = Self::default();
        for (_, silence) in disk.load::<Silence>(Table::Silences) {
            silences.insert(&silence);
        }
        silences
    }

    /// Makes a silence, or changes one. Where the one with this id cannot become it (its matchers are others, or it has
    /// begun or ended), that one ends and this one is new, under a new id.
    ///
    /// # Errors
    ///
    /// An id that there is not, matchers that everything passes, times that cannot be, too many.
    pub(crate) fn set(
        &mut self,
        mut silence: Silence,
        now: i64,
        writes: &mut Writes,
    ) -> Result<String, SilenceError> {
        silence.check(now)?;
        silence.updated_at = now;
        if !silence.id.is_empty() {
            let before =
                self.all.get(&silence.id).ok_or_else(|| SilenceError::NotFound(silence.id.clone()))?.clone();
            if before.may_become(&silence, now) {
                return Ok(self.put(&silence, writes));
            }
            if before.state_at(now) != SilenceState::Expired {
                self.end(before, now, writes);
            }
        }
        if self.all.len() >= MOST {
            return Err(SilenceError::TooMany(MOST));
        }
        silence.starts_at = silence.starts_at.max(now);
        silence.id = self.new_id(&silence);
        Ok(self.put(&silence, writes))
    }

    /// Ends a silence now.
    ///
    /// # Errors
    ///
    /// There is none, or it is over already.
    pub(crate) fn expire(&mut self, id: &str, now: i64, writes: &mut Writes) -> Result<(), SilenceError> {
        let silence = self.all.get(id).ok_or_else(|| SilenceError::NotFound(id.to_owned()))?.clone();
        if silence.state_at(now) == SilenceState::Expired {
            return Err(SilenceError::Expired(id.to_owned()));
        }
        self.end(silence, now, writes);
        Ok(())
    }

    /// Takes over one that was made elsewhere, unless what is known of it is as new.
    pub(crate) fn learn(&mut self, silence: &Silence, writes: &mut Writes) {
        let known = self.all.get(&silence.id);
        let is_news = match known {
            Some(known) => known.updated_at < silence.updated_at,
            None => self.all.len() < MOST,
        };
        if is_news {
            self.put(silence, writes);
        }
    }

    fn end(&mut self, mut silence: Silence, now: i64, writes: &mut Writes) {
        if silence.state_at(now) == SilenceState::Pending {
            silence.starts_at = now;
        }
        silence.ends_at = now;
        silence.updated_at = now;
        self.put(&silence, writes);
    }

    fn put(&mut self, silence: &Silence, writes: &mut Writes) -> String {
        writes.put(Table::Silences, silence.id.clone(), silence);
        self.insert(silence);
        silence.id.clone()
    }

    fn insert(&mut self, silence: &Silence) {
        self.by_end.insert((silence.ends_at, silence.id.clone()));
        if let Some(before) = self.all.insert(silence.id.clone(), silence.clone())
            && before.ends_at != silence.ends_at
        {
            self.by_end.remove(&(before.ends_at, before.id));
        }
    }

    /// In the form of a UUID, which `amtool` and others expect. It is a name and no secret.
    fn new_id(&self, silence: &Silence) -> String {
        let seed = silence.updated_at.unsigned_abs().rotate_left(20) ^ fastrand::u64(..);
        let mut random = fastrand::Rng::with_seed(seed);
        loop {
            let bits = random.u128(..) & !(0xf << 76 | 0b11 << 62) | 4 << 76 | 0b10 << 62;
            let hex = format!("{bits:032x}");
            let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
            let id = parts.join("-");
            if !self.all.contains_key(&id) {
                return id;
            }
        }
    }

    /// Forgets those that were over more than 5 days ago.
    pub(crate) fn pass(&mut self, now: i64, writes: &mut Writes) {
        while let Some((end, _)) = self.by_end.first()
            && end.saturating_add(RETENTION) < now
        {
            let Some((_, id)) = self.by_end.pop_first() else { break };
            self.all.remove(&id);
            writes.delete(Table::Silences, id);
        }
    }

    /// All of them, in the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Silence> {
        self.all.values()
    }

    /// Those that hold now: to be asked about many alerts.
    pub(crate) fn active(&self, now: i64) -> Vec<&Silence> {
        let last = self.by_end.range((now.saturating_add(1), String::new())..);
        last.filter_map(|(_, id)| self.all.get(id))
            .filter(|silence| silence.state_at(now) == SilenceState::Active)
            .collect()
    }

    /// The ids of those that hold now for an alert with these labels.
    pub(crate) fn silencing(&self, labels: &Labels, now: i64) -> Vec<String> {
        let active = self.active(now).into_iter().filter(|silence| silence.matches(labels));
        active.map(|silence| silence.id.clone()).collect()
    }
}

#[cfg(feature = "axum")]
impl Silences {
    pub(crate) fn get(&self, id: &str) -> Option<&Silence> {
        self.all.get(id)
    }
}

/// The silences that hold at one moment, found once for many alerts.
#[derive(Debug)]
pub(crate) struct Hush<'a> {
    active: Vec<&'a Silence>,
}

impl<'a> Hush<'a> {
    pub(crate) fn new(silences: &'a Silences, now: i64) -> Self {
        Self { active: silences.active(now) }
    }

    pub(crate) fn holds(&self, labels: &Labels) -> bool {
        self.active.iter().any(|silence| silence.matches(labels))
    }
}
