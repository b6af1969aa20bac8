//! What handlers leave for the engine: a push, and nothing that waits.
//!
//! A handler that fails a thousand times a second raises one alert, so what is left again before it was fetched takes no
//! place. Bounded: what does not fit is counted and gone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use metrics::Counter;

use crate::alert::{Alert, Fingerprint};
use crate::series::Labels;

/// How many entries wait at most. An engine fetches them within milliseconds.
const MOST: usize = 10_000;

/// What was left.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// It is there, or (with an end that has passed) over.
    Raised(Box<Alert>),
    /// The alert with these labels is over, at this time.
    Resolved(Labels, i64),
}

/// Entries in the order in which they came.
#[derive(Debug)]
pub(crate) struct Inbox {
    waiting: Mutex<Waiting>,
    dropped: Counter,
}

#[derive(Debug, Default)]
struct Waiting {
    entries: Vec<Entry>,
    /// Where the last entry about an alert is.
    last: HashMap<Fingerprint, usize>,
}

impl Inbox {
    pub(crate) fn new(dropped: Counter) -> Self {
        Self { waiting: Mutex::default(), dropped }
    }

    /// Leaves an entry; `false` where there was no room.
    pub(crate) fn leave(&self, entry: Entry) -> bool {
        let about = match &entry {
            Entry::Raised(alert) => alert.fingerprint(),
            Entry::Resolved(labels, _) => Fingerprint::of(labels),
        };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let Waiting { entries, last } = &mut *waiting;
        if let Some(before) = last.get(&about).and_then(|at| entries.get_mut(*at))
            && std::mem::discriminant(before) == std::mem::discriminant(&entry)
        {
            *before = entry;
            return true;
        }
        if entries.len() >= MOST {
            self.dropped.increment(1);
            return false;
        }
        last.insert(about, entries.len());
        entries.push(entry);
        true
    }

    /// All that is there, in its order.
    pub(crate) fn fetch(&self) -> Vec<Entry> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner)).entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raised(name: &str) -> Entry {
        Entry::Raised(Box::new(Alert::new(name)))
    }

    fn names(inbox: &Inbox) -> Vec<String> {
        let name = |entry: Entry| match entry {
            Entry::Raised(alert) => alert.name().to_owned(),
            Entry::Resolved(labels, at) => format!("{} is over at {at}", labels.get("alertname")),
        };
        inbox.fetch().into_iter().map(name).collect()
    }

    #[test]
    fn what_is_said_again_takes_no_place_and_an_end_is_not_lost() {
        let inbox = Inbox::new(Counter::noop());
        let down = Alert::new("Down").labels;
        for entry in [raised("Down"), raised("Slow"), raised("Down")] {
            assert!(inbox.leave(entry));
        }
        assert!(inbox.leave(Entry::Resolved(down.clone(), 1)));
        assert!(inbox.leave(Entry::Resolved(down, 2)));
        assert!(inbox.leave(raised("Down")));
        assert_eq!(names(&inbox), ["Down", "Slow", "Down is over at 2", "Down"]);
        assert!(inbox.fetch().is_empty());
    }

    #[test]
    fn it_is_bounded() {
        let inbox = Inbox::new(Counter::noop());
        for number in 0..MOST {
            assert!(inbox.leave(raised(&number.to_string())));
        }
        assert!(!inbox.leave(raised("one more")));
        assert!(inbox.leave(raised("0")), "what is there can be said again");
        assert_eq!(inbox.fetch().len(), MOST);
        assert!(inbox.leave(raised("one more")));
    }
}
