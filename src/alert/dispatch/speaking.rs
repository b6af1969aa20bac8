//! What a group says when it is due, and to whom.

use std::collections::HashSet;
use std::sync::Arc;

use crate::alert::dispatch::book::Book;
use crate::alert::dispatch::decision::{Record, Word, decide};
use crate::alert::dispatch::dispatcher::Dispatcher;
use crate::alert::dispatch::group::GroupId;
use crate::alert::dispatch::silences::Hush;
use crate::alert::dispatch::targets::Aim;
use crate::alert::dispatch::tree::Node;
use crate::alert::notify::outbox::{Group, Outbox};
use crate::alert::notify::{Notice, Reason};
use crate::alert::state::Writes;
use crate::alert::{Alert, Fingerprint, Status};

/// How long Alertmanager remembers what it said at most.
const REMEMBERED: i64 = 5 * 24 * 60 * 60 * 1_000;

/// A member of a group at the moment when it is due.
#[derive(Debug)]
struct Member {
    fingerprint: Fingerprint,
    alert: Arc<Alert>,
    status: Status,
    quiet: bool,
    flaps: bool,
}

/// What the members of a group come to.
#[derive(Debug)]
struct Speech {
    members: Vec<Member>,
    word: Word,
    /// Those that are over, and of them those that nothing may be said of.
    over: Vec<Fingerprint>,
    quiet_over: Vec<Fingerprint>,
}

impl Dispatcher {
    /// Lets one group speak.
    pub(crate) fn speak(
        &mut self,
        id: GroupId,
        now: i64,
        book: &mut Book,
        outbox: &mut Outbox,
        writes: &mut Writes,
    ) {
        let Some(group) = self.groups.get(id) else { return };
        let node = self.tree.node(group.node);
        let speech = self.speech(&group.members, node, now, book);
        let about = Group {
            key: Arc::clone(&group.key),
            labels: group.labels.clone(),
            receiver: Arc::clone(&node.receiver),
        };
        let (page, due, interval, repeat) =
            (group.page.clone(), group.due, node.group_interval, node.repeat_interval);
        let mut records = Vec::new();
        let mut said = Vec::new();
        for aim in self.targets.of(&node.receiver) {
            let last = self.ledger.record(&page, &aim.target.0);
            let reason = speech.decide(last, aim, repeat, now);
            let ends = if self.additions.every_end {
                speech.ends(aim, &about, reason.is_some(), last, outbox)
            } else {
                Vec::new()
            };
            let notices = self.notices(&speech, aim, reason, last, &ends);
            if let Some(record) = speech.record(last, reason, &notices, &ends, now) {
                records.push((aim.target.0.to_string(), record));
            }
            if !notices.is_empty() {
                let told = notices.iter().filter(|notice| notice.status == Status::Firing);
                said.extend(told.map(|notice| Arc::clone(&notice.alert)));
                outbox.owe(&aim.target, &about, notices, reason.unwrap_or(Reason::News), writes);
            }
            outbox.forget(&aim.target, &about.key, &speech.over, writes);
        }
        if !records.is_empty() {
            let kept_for = repeat.saturating_mul(2).min(REMEMBERED);
            self.ledger.put(&page, due, kept_for, records, writes);
        }
        for alert in said {
            self.escalations.start(alert.fingerprint(), alert.labels.get("severity"), now, writes);
        }
        let (released, gone) = self.groups.flushed(id, &speech.over, interval, now);
        for fingerprint in released {
            book.release(fingerprint, writes);
        }
        if gone {
            self.ledger.close(&page, writes);
        }
    }

    fn speech<'a>(
        &self,
        members: impl IntoIterator<Item = &'a Fingerprint>,
        node: &Node,
        now: i64,
        book: &Book,
    ) -> Speech {
        let muted = self.mute_time(node, now).is_some();
        let hush = Hush::new(&self.silences, now);
        let mut speech =
            Speech { members: Vec::new(), word: Word::default(), over: Vec::new(), quiet_over: Vec::new() };
        for fingerprint in members.into_iter().copied() {
            let Some(alert) = book.get(fingerprint) else {
                speech.over.push(fingerprint);
                continue;
            };
            let flaps = self.flaps.held(fingerprint);
            let status = if flaps { Status::Firing } else { alert.status_at(now) };
            let quiet =
                muted || hush.holds(&alert.labels) || self.inhibition.inhibited_by(&alert.labels).is_some();
            if status == Status::Resolved {
                speech.over.push(fingerprint);
                if quiet {
                    speech.quiet_over.push(fingerprint);
                }
            }
            speech.members.push(Member { fingerprint, alert: Arc::clone(alert), status, quiet, flaps });
        }
        let of = |keep: fn(&Member) -> bool| {
            speech.members.iter().filter(|it| !it.quiet && keep(it)).map(|it| it.fingerprint).collect()
        };
        speech.word = Word {
            firing: of(|it| it.status == Status::Firing),
            resolved: of(|it| it.status == Status::Resolved),
            flapping: of(|it| it.flaps),
        };
        speech
    }

    /// What one target is told: nothing, the whole group as far as it is not quiet, or only ends.
    fn notices(
        &self,
        speech: &Speech,
        aim: &Aim,
        reason: Option<Reason>,
        last: Option<&Record>,
        ends: &[Fingerprint],
    ) -> Vec<Notice> {
        let ends: HashSet<Fingerprint> = ends.iter().copied().filter(|_| aim.send_resolved).collect();
        let told = |it: &&Member| {
            if ends.contains(&it.fingerprint) {
                return true;
            }
            let Some(reason) = reason.filter(|_| !it.quiet) else { return false };
            // Who is told of one alert at a time sees no group, and to tell what is no news of it is a repetition.
            let unchanged = aim.single && reason == Reason::News && last.is_some_and(|last| last.knows(it));
            if it.status == Status::Resolved {
                return aim.send_resolved && !unchanged;
            }
            let cared_for = self.acknowledgements.get(it.fingerprint).is_some();
            !(unchanged || cared_for && reason == Reason::Repeat)
        };
        let mut members: Vec<&Member> = speech.members.iter().filter(told).collect();
        members.sort_by_cached_key(|it| {
            let labels = it.alert.labels.clone();
            (labels.get("job").to_owned(), labels.get("instance").to_owned(), labels.len(), labels)
        });
        let notice = |it: &Member| {
            let mut alert = Arc::clone(&it.alert);
            if it.flaps {
                let note = self.flaps.note(it.fingerprint);
                let alert = Arc::make_mut(&mut alert);
                alert.annotations.insert("flapping".to_owned(), note);
                alert.ends_at = None;
            }
            Notice { alert, status: it.status }
        };
        members.into_iter().map(notice).collect()
    }
}

impl Record {
    /// Whether this was said of it.
    fn knows(&self, member: &Member) -> bool {
        match member.status {
            Status::Firing => {
                self.firing.contains(member.fingerprint)
                    && (!member.flaps || self.flapping.contains(member.fingerprint))
            }
            Status::Resolved => self.resolved.contains(member.fingerprint),
        }
    }
}

impl Speech {
    fn decide(&self, last: Option<&Record>, aim: &Aim, repeat_interval: i64, now: i64) -> Option<Reason> {
        // Nothing may be said: then nothing is struck from the record either.
        if self.members.iter().all(|it| it.quiet) {
            return None;
        }
        decide(last, &self.word, aim.send_resolved, repeat_interval, now)
    }

    /// The ends that are owed although the group would not tell them: of what is quiet, and of what the record does not know.
    fn ends(
        &self,
        aim: &Aim,
        about: &Group,
        speaks: bool,
        last: Option<&Record>,
        outbox: &Outbox,
    ) -> Vec<Fingerprint> {
        let candidates = if speaks { &self.quiet_over } else { &self.over };
        if candidates.is_empty() {
            return Vec::new();
        }
        if !aim.send_resolved {
            let known = |it: &Fingerprint| last.is_some_and(|last| last.firing.contains(*it));
            return candidates.iter().copied().filter(known).collect();
        }
        let believed = outbox.believed_firing(&aim.target, &about.key);
        let believed: HashSet<Fingerprint> = believed.iter().map(|alert| alert.fingerprint()).collect();
        candidates.iter().copied().filter(|it| believed.contains(it)).collect()
    }

    /// What is to be remembered, where anything was decided.
    fn record(
        &self,
        last: Option<&Record>,
        reason: Option<Reason>,
        notices: &[Notice],
        ends: &[Fingerprint],
        now: i64,
    ) -> Option<Record> {
        // All that would be repeated is acknowledged: it is said again as soon as that ends.
        let speaks = reason.is_some_and(|reason| reason != Reason::Repeat || !notices.is_empty());
        if !speaks && ends.is_empty() {
            return None;
        }
        let mut record = if speaks {
            let Word { firing, resolved, flapping } = self.word.clone();
            Record { at: now, firing, resolved, flapping }
        } else {
            last.cloned().unwrap_or_else(|| Record { at: now, ..Record::default() })
        };
        for end in ends {
            record.firing.remove(*end);
            record.flapping.remove(*end);
            record.resolved.add(*end);
        }
        Some(record)
    }
}
