//! What one target is owed of one alert.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::notify::{Notice, Reason};
use crate::alert::{Alert, Status};

/// One thing to be said. Its number tells it from what took its place while it was under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Debt {
    pub(crate) status: Status,
    pub(crate) reason: Reason,
    #[serde(skip)]
    pub(crate) number: u64,
}

/// What a target is owed of an alert, at most that it fires and that it is over, in either order; and what it was told.
///
/// A new word takes the place of what it makes old, but a firing is never skipped before its end:
///
/// | owed | and it fires | and it is over |
/// |---|---|---|
/// | nothing | firing | resolved |
/// | firing | firing (new) | firing, resolved |
/// | resolved | resolved, firing | resolved (new) |
/// | firing, resolved | firing (new) | firing, resolved (new) |
/// | resolved, firing | resolved, firing (new) | firing, resolved (new) |
#[derive(Clone, Debug, Default)]
pub(crate) struct Debts {
    /// The alert as it is to be told, or was told last, while it fires.
    pub(crate) firing: Option<Arc<Alert>>,
    /// The alert as its end is to be told.
    pub(crate) resolved: Option<Arc<Alert>>,
    /// Whether the target was told that it fires, and not that it is over.
    pub(crate) told: bool,
    /// Whether the alert is over for this target, which is not told so: what it is still owed is the last of it.
    pub(crate) ended: bool,
    pub(crate) owed: Owed,
}

/// Up to two debts, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owed {
    first: Option<Debt>,
    second: Option<Debt>,
}

impl Owed {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Debt> {
        [self.first, self.second].into_iter().flatten()
    }

    pub(crate) fn len(&self) -> usize {
        self.iter().count()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) fn first(&self) -> Option<Debt> {
        self.first
    }

    fn last(&self) -> Option<Debt> {
        self.second.or(self.first)
    }

    fn of(&self, status: Status) -> Option<Debt> {
        self.iter().find(|debt| debt.status == status)
    }

    fn pop(&mut self) {
        self.first = self.second.take();
    }
}

impl FromIterator<Debt> for Owed {
    /// The first two.
    fn from_iter<I: IntoIterator<Item = Debt>>(debts: I) -> Self {
        let mut debts = debts.into_iter();
        Self { first: debts.next(), second: debts.next() }
    }
}

impl Debts {
    /// The target is to be told this too.
    pub(crate) fn owe(&mut self, notice: Notice, reason: Reason, number: u64) {
        let Notice { alert, status } = notice;
        // What was not said yet of the news is said with this.
        let unsaid = self.owed.of(status).map(|debt| debt.reason);
        let reason = unsaid.map_or(reason, |unsaid| stronger(unsaid, reason));
        let debt = Debt { status, reason, number };
        let before = match status {
            Status::Firing => {
                self.firing = Some(alert);
                self.owed.first.filter(|first| first.status == Status::Resolved)
            }
            Status::Resolved => {
                self.resolved = Some(alert);
                self.owed.of(Status::Firing)
            }
        };
        self.owed = before.into_iter().chain([debt]).collect();
        self.ended = false;
        self.forget();
    }

    /// The alert is over, and the target is not told so: nothing is remembered once it has heard that it fires.
    pub(crate) fn end_unsaid(&mut self) {
        if self.believed().is_none() {
            return;
        }
        if self.owed.is_empty() {
            self.told = false;
        } else {
            self.ended = true;
        }
        self.forget();
    }

    /// The alert and what is to be said of it first.
    pub(crate) fn next(&self) -> Option<(Debt, Notice)> {
        let debt = self.owed.first?;
        let alert = match debt.status {
            Status::Firing => self.firing.as_ref(),
            Status::Resolved => self.resolved.as_ref(),
        };
        Some((debt, Notice { alert: Arc::clone(alert?), status: debt.status }))
    }

    /// This was said.
    pub(crate) fn delivered(&mut self, debt: Debt) {
        self.told = debt.status == Status::Firing && !self.ended;
        self.pop(debt);
    }

    /// This was refused, and is not said again. Returns whether the end went with its beginning: who never heard of an alert
    /// need not hear that it is over.
    pub(crate) fn refused(&mut self, debt: Debt) -> bool {
        self.told &= debt.status == Status::Firing && !self.ended;
        let popped = self.pop(debt);
        let moot = popped
            && debt.status == Status::Firing
            && !self.told
            && self.owed.first.is_some_and(|first| first.status == Status::Resolved);
        if moot {
            self.owed.pop();
            self.forget();
        }
        moot
    }

    /// The alert, where the target takes it to fire, or will when it has heard all that it is owed.
    pub(crate) fn believed(&self) -> Option<&Arc<Alert>> {
        let fires = self.owed.last().map_or(self.told, |last| last.status == Status::Firing);
        self.firing.as_ref().filter(|_| fires && !self.ended)
    }

    /// Whether the target was told that it fires, and hears of no end before that is said again.
    pub(crate) fn is_open(&self) -> bool {
        self.told && self.owed.of(Status::Resolved).is_none()
    }

    /// Whether there is nothing to be remembered.
    pub(crate) fn is_over(&self) -> bool {
        !self.told && self.owed.is_empty()
    }

    /// Takes the first debt away, unless that is another one by now.
    fn pop(&mut self, debt: Debt) -> bool {
        let popped = self.owed.first.is_some_and(|first| first.number == debt.number);
        if popped {
            self.owed.pop();
        }
        self.forget();
        popped
    }

    /// Drops what nobody will ask for.
    fn forget(&mut self) {
        if !self.told && self.owed.of(Status::Firing).is_none() {
            self.firing = None;
        }
        if self.owed.of(Status::Resolved).is_none() {
            self.resolved = None;
        }
    }
}

/// The reason that a person wants to see of two.
pub(crate) fn stronger(one: Reason, other: Reason) -> Reason {
    let weight = |reason| match reason {
        Reason::Repeat => 0,
        Reason::Test => 1,
        Reason::News => 2,
        Reason::Escalation => 3,
    };
    if weight(one) >= weight(other) { one } else { other }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Debt, Debts};
    use crate::alert::notify::{Notice, Reason};
    use crate::alert::{Alert, Status};

    fn owe(debts: &mut Debts, letter: char, number: u64) {
        let status = if letter == 'F' { Status::Firing } else { Status::Resolved };
        let mut alert = Alert::new("Down");
        alert.starts_at = number as i64;
        debts.owe(Notice { alert: Arc::new(alert), status }, Reason::News, number);
    }

    /// What is owed: letters with the number of the word, as `F1 R2`.
    fn shown(debts: &Debts) -> String {
        let shown = debts.owed.iter().map(|debt| {
            let (letter, alert) = match debt.status {
                Status::Firing => ('F', &debts.firing),
                Status::Resolved => ('R', &debts.resolved),
            };
            assert_eq!(alert.as_ref().unwrap().starts_at, debt.number as i64);
            format!("{letter}{}", debt.number)
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    fn after(letters: &str) -> Debts {
        let mut debts = Debts::default();
        letters.chars().zip(1..).for_each(|(letter, number)| owe(&mut debts, letter, number));
        debts
    }

    #[test]
    fn words_merge_as_the_table_says() {
        for (words, owed) in [
            ("F", "F1"),
            ("R", "R1"),
            ("FF", "F2"),
            ("RF", "R1 F2"),
            ("FRF", "F3"),
            ("RFF", "R1 F3"),
            ("FR", "F1 R2"),
            ("RR", "R2"),
            ("FRR", "F1 R3"),
            ("RFR", "F2 R3"),
        ] {
            assert_eq!(shown(&after(words)), owed, "{words}");
        }
    }

    #[test]
    fn what_took_the_place_of_what_is_under_way_is_still_owed() {
        for (words, meanwhile, left, told) in [
            ("F", "", "", true),
            ("F", "F", "F11", true),
            ("F", "R", "R11", true),
            ("FR", "F", "F11", true),
            ("FR", "RR", "R12", true),
            ("R", "F", "F11", false),
            ("R", "FR", "F11 R12", false),
            ("RF", "R", "F2 R11", false),
        ] {
            let mut debts = after(words);
            let under_way = debts.owed.first().unwrap();
            meanwhile.chars().zip(11..).for_each(|(letter, number)| owe(&mut debts, letter, number));
            debts.delivered(under_way);
            assert_eq!((shown(&debts).as_str(), debts.told), (left, told), "{words} and then {meanwhile}");
        }
    }

    #[test]
    fn a_refused_firing_leaves_the_target_as_it_was() {
        let first = |debts: &Debts| -> Debt { debts.owed.first().unwrap() };
        let mut unknown = after("F");
        assert!(!unknown.refused(first(&unknown)));
        assert!(unknown.is_over() && unknown.believed().is_none() && unknown.firing.is_none());

        let mut unknown = after("FR");
        assert!(unknown.refused(first(&unknown)), "nobody knows of what would be over");
        assert!(unknown.is_over() && unknown.resolved.is_none());

        let mut known = after("F");
        known.delivered(first(&known));
        owe(&mut known, 'F', 2);
        assert!(!known.refused(first(&known)));
        assert!(known.believed().is_some(), "it was told before");
        owe(&mut known, 'R', 3);
        assert!(known.believed().is_none(), "its end is owed");
        assert!(!known.refused(first(&known)));
        assert!(known.is_over(), "nobody tries an end again and again");
    }

    #[test]
    fn news_that_were_not_said_are_news_with_the_repeat_too() {
        let mut debts = after("F");
        let notice = Notice { alert: Arc::new(Alert::new("Down")), status: Status::Firing };
        debts.owe(notice, Reason::Repeat, 2);
        assert_eq!(debts.next().unwrap().0.reason, Reason::News);
    }

    /// What is remembered when an alert ends for a target that is not told so.
    #[test]
    fn an_end_that_is_not_said_leaves_nothing_behind() {
        // What is owed, what comes of it, and whether the target is owed an end afterwards.
        for (words, said, refused) in [("F", 1, false), ("F", 0, false), ("F", 0, true), ("FRF", 1, false)] {
            let mut debts = Debts::default();
            for (number, letter) in (1..).zip(words.chars()) {
                owe(&mut debts, letter, number);
            }
            for _ in 0..said {
                let (debt, _) = debts.next().unwrap();
                debts.delivered(debt);
            }
            debts.end_unsaid();
            assert!(debts.believed().is_none(), "{words}");
            let owed = debts.owed.len();
            while let Some((debt, _)) = debts.next() {
                if refused {
                    debts.refused(debt);
                } else {
                    debts.delivered(debt);
                }
            }
            assert!(debts.is_over() && debts.firing.is_none(), "{words}: {owed} owed, {debts:?}");
        }
        // An end that is to be said stays; one that was not to be said is none when it fires again.
        let mut debts = Debts::default();
        owe(&mut debts, 'F', 1);
        owe(&mut debts, 'R', 2);
        debts.end_unsaid();
        assert_eq!(shown(&debts), "F1 R2");
        let mut debts = Debts::default();
        owe(&mut debts, 'F', 1);
        let (under_way, _) = debts.next().unwrap();
        debts.end_unsaid();
        owe(&mut debts, 'F', 2);
        debts.delivered(under_way);
        let (debt, _) = debts.next().unwrap();
        debts.delivered(debt);
        assert!(debts.believed().is_some());
        // A repetition that is refused is no reason to remember it.
        owe(&mut debts, 'F', 3);
        debts.end_unsaid();
        let (debt, _) = debts.next().unwrap();
        debts.refused(debt);
        assert!(debts.is_over());
    }
}
