//! What there is to say about alerts.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::alert::config::{Additions, Routing, RoutingOptions};
use crate::alert::election::Replicas;
use crate::alert::engine::sources::Sources;
use crate::alert::receivers::IntoReceivers;
use crate::alert::rules::{IntoRules, Ready};

/// The shortest and the longest time between two evaluations.
const EVALUATIONS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(3_600);

/// The shortest and the longest time that a receiver may take for one message.
const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(300);

/// What is watched for, who is told, and how: for [`WatchBuilder::alerts`](crate::WatchBuilder::alerts). Everything has a
/// default, and nothing is checked before the watch starts, which then names all that cannot be.
///
/// | setting | default |
/// |---|---|
/// | [`rule`](Self::rule), [`rules_file`](Self::rules_file) | none |
/// | [`ready`](Self::ready) | the [ready set](Ready) in the preset `Production`, and no other |
/// | [`routing`](Self::routing), [`routing_file`](Self::routing_file), [`receiver`](Self::receiver) | the log |
/// | [`additions`](Self::additions), [`additions_file`](Self::additions_file) | no escalation; what flaps is held back |
/// | [`evaluate_every`](Self::evaluate_every) | 15 s |
/// | [`notification_timeout`](Self::notification_timeout) | 10 s |
/// | [`environment`](Self::environment) | the variable `ENVIRONMENT`, where it is set |
/// | [`external_url`](Self::external_url) | none, so messages have no links |
/// | [`max_active`](Self::max_active) | 10,000 |
/// | [`replicas`](Self::replicas) | each sends what it sees itself |
#[derive(Clone, Debug)]
#[must_use = "settings do nothing until WatchBuilder::alerts has them"]
pub struct AlertSettings {
    pub(crate) sources: Sources,
    pub(crate) evaluate_every: Duration,
    pub(crate) notification_timeout: Duration,
    pub(crate) environment: Option<String>,
    pub(crate) external_url: String,
    pub(crate) max_active: usize,
    pub(crate) replicas: Replicas,
    ready: ReadyChoice,
}

/// Which of the rules that every service can have.
#[derive(Clone, Debug, Default)]
enum ReadyChoice {
    #[default]
    Preset,
    These(Ready),
    Never,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self {
            sources: Sources::default(),
            evaluate_every: Duration::from_secs(15),
            notification_timeout: Duration::from_secs(10),
            environment: None,
            external_url: String::new(),
            max_active: 10_000,
            replicas: Replicas::each(),
            ready: ReadyChoice::default(),
        }
    }
}

impl AlertSettings {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what is watched for: [`Alert::rule`](crate::alert::Alert::rule), [`Alert::metric`](crate::alert::Alert::metric), a
    /// line of text (`"http_request_duration p95 > 800ms for 5m"`), groups that were read or made before.
    pub fn rule(mut self, rules: impl IntoRules) -> Self {
        self.sources.rules.add(rules);
        self
    }

    /// Adds Prometheus' rule files: a path, with `*` and `?` in its last part for several. They are read at the start, and again
    /// at each reload.
    pub fn rules_file(mut self, pattern: impl Into<PathBuf>) -> Self {
        self.sources.files.rules.push(pattern.into());
        self
    }

    /// Routes alerts by this configuration.
    pub fn routing(mut self, routing: Routing) -> Self {
        self.sources.routing = Some(Box::new(routing));
        self
    }

    /// Routes alerts by this Alertmanager configuration. It is read at the start, and again at each reload.
    pub fn routing_file(self, path: impl Into<PathBuf>) -> Self {
        self.routing_file_with(path, RoutingOptions::default())
    }

    /// The same, read with choices.
    pub fn routing_file_with(mut self, path: impl Into<PathBuf>, options: RoutingOptions) -> Self {
        self.sources.files.routing = Some((path.into(), options));
        self
    }

    /// Says what an Alertmanager configuration has no words for: escalation, flapping, how long an acknowledgement holds.
    pub fn additions(mut self, additions: Additions) -> Self {
        self.sources.additions = Some(additions);
        self
    }

    /// The same in a file of its own, beside that of the routing. It is read at the start, and again at each reload.
    pub fn additions_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.files.additions = Some(path.into());
        self
    }

    /// Watches for what every service should be watched for: the [ready set](Ready), adjusted or not. Without this, it is what
    /// the preset `Production` watches for, and no other.
    pub fn ready(mut self, ready: Ready) -> Self {
        self.ready = ReadyChoice::These(ready);
        self
    }

    /// Leaves the ready set out, whatever the preset is.
    pub fn without_ready(mut self) -> Self {
        self.ready = ReadyChoice::Never;
        self
    }

    /// Adds a receiver. Routes put together in code call it by this name, and rules with `notify`; without any routing,
    /// everything goes to the first. One that takes alerts as they come (another Alertmanager, a heartbeat) needs no route. Of the same name there
    /// can be several: each is told.
    pub fn receiver(mut self, name: impl Into<String>, receiver: impl IntoReceivers) -> Self {
        self.sources.receivers.push((name.into(), receiver.into_receivers()));
        self
    }

    /// From one evaluation to the next, for groups that say none: 1 s to 1 h, 15 s by default.
    pub fn evaluate_every(mut self, interval: Duration) -> Self {
        self.evaluate_every = interval;
        self
    }

    /// How long a receiver may take for one message before it counts as failed, to be tried again: 100 ms to 5 min, 10 s by
    /// default.
    pub fn notification_timeout(mut self, timeout: Duration) -> Self {
        self.notification_timeout = timeout;
        self
    }

    /// Where the service runs (`production`): the label `environment` on every alert that has none. By default what the
    /// variable `ENVIRONMENT` says, and no label where it is not set.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.environment = Some(environment.into());
        self
    }

    /// Where people reach the admin listener (`https://shop.example/watch`): the beginning of the links in messages.
    pub fn external_url(mut self, url: impl Into<String>) -> Self {
        self.external_url = url.into().trim_end_matches('/').to_owned();
        self
    }

    /// Says how many processes of the service there are, and who of them sends.
    pub fn replicas(mut self, replicas: Replicas) -> Self {
        self.replicas = replicas;
        self
    }

    /// How many alerts may be active at the same time. What comes beyond is dropped, counted, and said once in the log.
    pub fn max_active(mut self, alerts: usize) -> Self {
        self.max_active = alerts;
        self
    }

    /// Adds the ready set, where it was asked for, or where `by_default` holds and it was not refused. Routes of these patterns
    /// are slow from these times on, where the set itself says nothing else of them.
    pub(crate) fn add_ready(&mut self, by_default: bool, slow: Vec<(String, Duration)>) {
        let ready = match std::mem::replace(&mut self.ready, ReadyChoice::Never) {
            ReadyChoice::These(ready) => ready,
            ReadyChoice::Preset if by_default => Ready::production(),
            ReadyChoice::Preset | ReadyChoice::Never => return,
        };
        let add = |ready: Ready, (pattern, threshold)| ready.route_threshold(pattern, threshold);
        self.sources.rules.add(slow.into_iter().fold(ready, add));
    }

    /// What cannot be, one line each, as far as that shows without reading a file.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut check = |good: bool, problem: fmt::Arguments<'_>| {
            if !good {
                problems.push(problem.to_string());
            }
        };
        let Self { evaluate_every, notification_timeout, environment, external_url, max_active, .. } = self;
        check(
            EVALUATIONS.contains(evaluate_every),
            format_args!("evaluate_every({evaluate_every:?}): give 1 s to 1 hour; 15 s is the default"),
        );
        check(
            TIMEOUTS.contains(notification_timeout),
            format_args!(
                "notification_timeout({notification_timeout:?}): give 100 ms to 5 minutes; 10 s is the default"
            ),
        );
        check(
            environment.as_deref().is_none_or(|name| !name.trim().is_empty()),
            format_args!("environment(\"\"): an empty name says nothing; give one, or leave it out"),
        );
        let is_web = ["http://", "https://"].iter().any(|scheme| external_url.starts_with(scheme));
        check(
            external_url.is_empty() || is_web,
            format_args!("external_url({external_url:?}): a link begins with http:// or https://"),
        );
        check(*max_active > 0, format_args!("max_active(0): nothing could ever fire; 10,000 is the default"));
        problems
    }
}
