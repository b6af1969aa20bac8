//! Why an alert was told, or was not.

use std::fmt;
use std::sync::Arc;

use crate::alert::dispatch::book::Book;
use crate::alert::dispatch::dispatcher::Dispatcher;
use crate::alert::dispatch::group::Group;
use crate::alert::dispatch::matching::{all_match, first_failing, text};
use crate::alert::dispatch::tree::NodeId;
use crate::alert::{Alert, Fingerprint, Status};
use crate::series::Labels;

/// What decided about an alert, in the order in which it is decided.
///
/// Shown, it is one line for each thing. Times are in milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Explanation {
    /// The alert that was asked about.
    pub labels: Labels,
    /// What it comes to.
    pub verdict: Verdict,
    /// What was looked at.
    pub steps: Vec<Explained>,
}

/// What it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// There is no such alert: nothing has raised it, and no rule has found it.
    Absent,
    /// Its condition holds, but not for long enough yet.
    Pending,
    /// It is over.
    Over,
    /// It will be told when its group is due.
    Waiting,
    /// It was told.
    Told,
    /// Something keeps it quiet.
    Quiet,
    /// Where it goes there is nobody to be told.
    Nobody,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Explained {
    /// Its rule found it, and waits for how long it holds.
    Pending {
        /// The rule.
        rule: String,
        /// Since when it holds.
        since: i64,
        /// When it fires, if it goes on.
        fires_at: i64,
    },
    /// The last evaluation of its rule did not find it.
    NotFound {
        /// The rule.
        rule: String,
        /// What the rule asks.
        query: String,
        /// When that was; `None` where there was no evaluation yet.
        at: Option<i64>,
    },
    /// A selector of its rule finds no series at all.
    NoData {
        /// Which, of which rule, and what may have been meant.
        selector: String,
    },
    /// Its rule cannot be evaluated.
    Failing {
        /// The rule.
        rule: String,
        /// Why.
        error: String,
    },
    /// A route that did not take it, and the matcher that said no.
    PassedOver {
        /// As Alertmanager writes it: `{}/{severity="critical"}`.
        route: String,
        /// As it is written in the configuration.
        matcher: String,
    },
    /// Where it goes, and in which group.
    Routed {
        /// The route.
        route: String,
        /// Its receiver.
        receiver: Arc<str>,
        /// The labels of its group.
        group: Labels,
        /// Whether the receiver was named by the alert itself, past the routes.
        named: bool,
    },
    /// The receiver has nobody that waits for groups.
    NoIntegration {
        /// Its name.
        receiver: Arc<str>,
    },
    /// A silence holds.
    Silenced {
        /// Its id.
        id: String,
        /// Who made it.
        by: String,
        /// Why.
        comment: String,
        /// Until when.
        until: i64,
    },
    /// Another alert keeps it quiet.
    Inhibited {
        /// That alert, where it is still there.
        by: Labels,
        /// What the rule's sources must pass.
        source: String,
        /// What the rule keeps quiet.
        target: String,
        /// What both must have alike.
        equal: Vec<String>,
    },
    /// The route says nothing at this time.
    MuteTime {
        /// The route.
        route: String,
        /// The interval; empty where it is the time outside of all intervals in which the route speaks.
        interval: String,
    },
    /// It comes and goes.
    Flapping {
        /// When it will be calm, if nothing changes.
        calm_at: i64,
    },
    /// Somebody takes care of it: it is not repeated, and goes to nobody else.
    Acknowledged {
        /// Who.
        by: String,
        /// What they said.
        comment: String,
        /// Until when, where that was said.
        until: Option<i64>,
    },
    /// Its group speaks next, if it has anything to say.
    Due {
        /// The labels of the group.
        group: Labels,
        /// When.
        at: i64,
    },
    /// A target was told.
    Told {
        /// Who.
        target: String,
        /// That it fires, or that it is over.
        status: Status,
        /// When.
        at: i64,
        /// When it is told again, unless something changes.
        repeat_at: i64,
    },
    /// A target was not told yet.
    Untold {
        /// Who.
        target: String,
    },
    /// The next step of escalation.
    Escalates {
        /// When, unless somebody acknowledges it.
        at: i64,
        /// Who is told then.
        receiver: String,
    },
}

impl Dispatcher {
    /// What decided about the alert with these labels, there or not.
    pub(crate) fn explain(&self, labels: &Labels, book: &Book, now: i64) -> Explanation {
        let fingerprint = Fingerprint::of(labels);
        let known = book.get(fingerprint);
        let asked = Alert::with_labels(labels.clone());
        let alert = known.map_or(&asked, |alert| &**alert);
        let mut steps = Vec::new();
        if alert.notify.is_empty() {
            self.passed_over(self.tree.root(), labels, &mut steps);
        }
        let before = steps.len();
        let mut somebody = false;
        for node in self.tree.nodes_of(alert) {
            let of = self.tree.node(node);
            steps.push(Explained::Routed {
                route: of.key.clone(),
                receiver: Arc::clone(&of.receiver),
                group: of.group_labels(labels),
                named: alert.notify.iter().any(|name| **name == *of.receiver),
            });
            if self.targets.of(&of.receiver).next().is_none() {
                steps.push(Explained::NoIntegration { receiver: Arc::clone(&of.receiver) });
            } else {
                somebody = true;
            }
            if let Some(interval) = self.mute_time(of, now) {
                steps.push(Explained::MuteTime { route: of.key.clone(), interval: interval.to_owned() });
            }
        }
        self.kept_quiet(labels, book, now, &mut steps);
        let quiet = self.is_quiet(&steps[before..]);
        self.cared_for(fingerprint, &mut steps);
        let mut told = false;
        for group in self.groups.of(fingerprint) {
            told |= self.told(fingerprint, group, &mut steps);
        }
        let verdict = match known.map(|alert| alert.status_at(now)) {
            None => Verdict::Absent,
            Some(Status::Resolved) => Verdict::Over,
            Some(Status::Firing) if quiet => Verdict::Quiet,
            Some(Status::Firing) if !somebody => Verdict::Nobody,
            Some(Status::Firing) if told => Verdict::Told,
            Some(Status::Firing) => Verdict::Waiting,
        };
        Explanation { labels: labels.clone(), verdict, steps }
    }

    /// Something holds for all routes, or each of them has its own mute time.
    fn is_quiet(&self, steps: &[Explained]) -> bool {
        let count = |keep: fn(&Explained) -> bool| steps.iter().filter(|it| keep(it)).count();
        let everywhere =
            count(|it| matches!(it, Explained::Silenced { .. } | Explained::Inhibited { .. })) > 0;
        let routes = count(|it| matches!(it, Explained::Routed { .. }));
        everywhere || count(|it| matches!(it, Explained::MuteTime { .. })) == routes
    }

    /// The routes that were tried and said no, as the walk tries them.
    fn passed_over(&self, id: NodeId, labels: &Labels, steps: &mut Vec<Explained>) {
        for child in self.tree.children_of(id) {
            let matchers = self.tree.matchers_of(*child);
            if let Some(matcher) = first_failing(matchers, labels) {
                let route = self.tree.node(*child).key.clone();
                steps.push(Explained::PassedOver { route, matcher: matcher.to_string() });
            }
            if all_match(matchers, labels) {
                self.passed_over(*child, labels, steps);
                if !self.tree.continues(*child) {
                    break;
                }
            }
        }
    }

    fn kept_quiet(&self, labels: &Labels, book: &Book, now: i64, steps: &mut Vec<Explained>) {
        for silence in self.silences.active(now).into_iter().filter(|silence| silence.matches(labels)) {
            steps.push(Explained::Silenced {
                id: silence.id.clone(),
                by: silence.created_by.clone(),
                comment: silence.comment.clone(),
                until: silence.ends_at,
            });
        }
        if let Some((index, by)) = self.inhibition.inhibited_by(labels)
            && let Some(rule) = self.inhibition.rule(index)
        {
            steps.push(Explained::Inhibited {
                by: book.get(by).map(|alert| alert.labels.clone()).unwrap_or_default(),
                source: text(&rule.source),
                target: text(&rule.target),
                equal: rule.equal.clone(),
            });
        }
    }

    fn cared_for(&self, fingerprint: Fingerprint, steps: &mut Vec<Explained>) {
        if let Some(calm_at) = self.flaps.calm_at(fingerprint) {
            steps.push(Explained::Flapping { calm_at });
        }
        if let Some(acknowledgement) = self.acknowledgements.get(fingerprint) {
            steps.push(Explained::Acknowledged {
                by: acknowledgement.author.clone(),
                comment: acknowledgement.comment.clone(),
                until: acknowledgement.until,
            });
        } else if let Some((at, receiver)) = self.escalations.next(fingerprint) {
            steps.push(Explained::Escalates { at, receiver: receiver.to_owned() });
        }
    }

    fn told(&self, fingerprint: Fingerprint, group: &Group, steps: &mut Vec<Explained>) -> bool {
        let node = self.tree.node(group.node);
        steps.push(Explained::Due { group: group.labels.clone(), at: group.due });
        let mut told = false;
        for aim in self.targets.of(&node.receiver) {
            let target = aim.target.0.to_string();
            let record = self.ledger.record(&group.page, &target);
            let said = record.and_then(|record| {
                let firing = record.firing.contains(fingerprint).then_some(Status::Firing);
                let status = firing.or(record.resolved.contains(fingerprint).then_some(Status::Resolved))?;
                Some((record.at, status))
            });
            steps.push(match said {
                Some((at, status)) => {
                    told |= status == Status::Firing;
                    let repeat_at = at.saturating_add(node.repeat_interval);
                    Explained::Told { target, status, at, repeat_at }
                }
                None => Explained::Untold { target },
            });
        }
        told
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "there is no such alert: nothing raised it, and no rule found it",
            Self::Pending => "it is pending: it holds, but not for long enough yet",
            Self::Over => "it is over",
            Self::Waiting => "it is told when its group is due",
            Self::Told => "it was told",
            Self::Quiet => "it is kept quiet",
            Self::Nobody => "nobody is there to be told",
        })
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending { rule, since, fires_at } => {
                write!(
                    f,
                    "the rule {rule} has found it since {}: it fires at {}",
                    Time(*since),
                    Time(*fires_at)
                )
            }
            Self::NotFound { rule, query, at: Some(at) } => {
                write!(f, "the rule {rule} did not find it at {}: {query}", Time(*at))
            }
            Self::NotFound { rule, query, at: None } => {
                write!(f, "the rule {rule} was not evaluated yet: {query}")
            }
            Self::NoData { selector } => f.write_str(selector),
            Self::Failing { rule, error } => write!(f, "the rule {rule} cannot be evaluated: {error}"),
            Self::PassedOver { route, matcher } => {
                write!(f, "the route {route} does not take it: {matcher} does not hold")
            }
            Self::Routed { route, receiver, group, named: false } => {
                write!(f, "the route {route} sends it to {receiver}, in the group {group}")
            }
            Self::Routed { receiver, group, named: true, .. } => {
                write!(f, "it names its receiver itself: {receiver}, in the group {group}")
            }
            Self::NoIntegration { receiver } => {
                write!(f, "the receiver {receiver} has nobody who waits for groups")
            }
            Self::Silenced { id, by, comment, until } => {
                write!(f, "the silence {id} of {by} holds until {}: {comment}", Time(*until))
            }
            Self::Inhibited { by, source, target, equal } => {
                write!(f, "{by} inhibits it: of {source} against {target}")?;
                if equal.is_empty() { Ok(()) } else { write!(f, ", with the same {}", equal.join(", ")) }
            }
            Self::MuteTime { route, interval } if interval.is_empty() => {
                write!(f, "the route {route} is outside of its active time intervals")
            }
            Self::MuteTime { route, interval } => {
                write!(f, "the route {route} is in its mute time interval {interval}")
            }
            Self::Flapping { calm_at } => {
                write!(
                    f,
                    "it comes and goes, and is held as firing until it is calm, at {} at the earliest",
                    Time(*calm_at)
                )
            }
            Self::Acknowledged { by, comment, until: None } => {
                write!(f, "{by} acknowledged it: {comment}")
            }
            Self::Acknowledged { by, comment, until: Some(until) } => {
                write!(f, "{by} acknowledged it until {}: {comment}", Time(*until))
            }
            Self::Due { group, at } => write!(f, "its group {group} is looked at next at {}", Time(*at)),
            Self::Told { target, status, at, repeat_at } => {
                write!(f, "{target} was told at {} that it is {status}", Time(*at))?;
                if *status == Status::Firing {
                    write!(f, ", and is told again after {}", Time(*repeat_at))?;
                }
                Ok(())
            }
            Self::Untold { target } => write!(f, "{target} was not told"),
            Self::Escalates { at, receiver } => {
                write!(f, "unless it is acknowledged, {receiver} is told at {}", Time(*at))
            }
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.labels, self.verdict)?;
        for step in &self.steps {
            write!(f, "\n- {step}")?;
        }
        Ok(())
    }
}

/// A time as people read it, in UTC.
struct Time(i64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}
