//! What there is to say about the alerts of a watch, and how their engine is made.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tower_watch_layers::clock::Clock;
use tower_watch_layers::route::Routes;

use crate::alert::engine::{Engine, Identity, Plan, Surroundings};
use crate::alert::state::Disk;
use crate::alert::{AlertSettings, Alerts};
use crate::config::{VariableError, variable};
use crate::registers::Registers;
use crate::watch::alerts::handle::Alerting;
use crate::watch::error::Problems;
use crate::watch::past::{Past, PastSettings};
use crate::watch::{Preset, WatchBuilder};

/// The variable that says where a service runs.
const ENVIRONMENT: &str = "ENVIRONMENT";

/// Settings of the alerts.
#[derive(Debug, Default)]
pub(crate) struct AlertingSettings {
    asked: Option<AlertSettings>,
    off: bool,
}

impl WatchBuilder {
    /// Says what is watched for, and who is told; see [`AlertSettings`].
    pub fn alerts(mut self, settings: AlertSettings) -> Self {
        self.alerting = AlertingSettings { asked: Some(settings), off: false };
        self
    }

    /// Has no alert engine.
    pub fn without_alerts(mut self) -> Self {
        self.alerting.off = true;
        self
    }
}

/// Settings without a fault, with all files read.
#[derive(Debug)]
pub(crate) struct Planned {
    directory: Option<PathBuf>,
    preset: Preset,
    plan: Option<(AlertSettings, Plan)>,
}

impl AlertingSettings {
    /// Checks all there is, files included.
    pub(crate) fn plan(
        self,
        preset: Preset,
        past: &PastSettings,
        routes: &Routes,
        problems: &mut Problems,
    ) -> Planned {
        let Self { asked, off } = self;
        let nothing = Planned { directory: None, preset, plan: None };
        if off {
            return nothing;
        }
        if !past.is_kept(preset) {
            if asked.is_some() {
                problems.add(
                    "alerts",
                    "nothing is kept of the past (preset Fleet, or without_store), so there is nothing to watch; keep \
                     it with store, or leave alerts to Prometheus",
                );
            }
            return nothing;
        }
        let mut settings = asked.unwrap_or_default();
        settings.problems().iter().for_each(|fault| problems.add("alerts", fault));
        settings.environment = settings.environment.or_else(|| environment(problems));
        settings.add_ready(preset == Preset::Production, slow_thresholds(routes));
        match settings.sources.load() {
            Ok(plan) => Planned { directory: past.data_dir.clone(), preset, plan: Some((settings, plan)) },
            Err(faults) => {
                faults.iter().for_each(|fault| problems.add("alerts", fault));
                nothing
            }
        }
    }
}

/// From when on routes are slow, by the policy table. A line for one method says nothing of the whole endpoint.
fn slow_thresholds(routes: &Routes) -> Vec<(String, Duration)> {
    let policies = routes.policies().filter(|(pattern, _)| pattern.method().is_none());
    policies
        .filter_map(|(pattern, policy)| Some((pattern.path().to_owned(), policy.slow_threshold()?)))
        .collect()
}

/// What the environment says of itself; an empty variable says nothing.
fn environment(problems: &mut Problems) -> Option<String> {
    match variable(ENVIRONMENT) {
        Ok(name) => Some(name).filter(|name| !name.trim().is_empty()),
        Err(VariableError::NotSet) => None,
        Err(fault) => {
            problems.add("alerts", format_args!("the variable {ENVIRONMENT} {fault}"));
            None
        }
    }
}

impl Planned {
    /// Makes the engine, with what is on disk. Nothing runs before [`Alerting::start`].
    pub(crate) fn open(self, service: &str, registers: &Registers, past: &Past, clock: &Clock) -> Alerting {
        let Self { directory, preset, plan } = self;
        let engine = plan.zip(past.kept.as_ref()).map(|((settings, plan), kept)| {
            if settings.sources.tells_only_the_log() && plan.groups.iter().any(|group| !group.rules.is_empty()) {
                tracing::warn!(
                    "alerts go to the log and to nobody else; say whom to tell with AlertSettings::receiver or \
                     AlertSettings::routing_file"
                );
            }
            if preset == Preset::Production
                && settings.replicas.number_is_unsaid()
                && let Some(receiver) = plan.told_by_each()
            {
                tracing::warn!(
                    receiver,
                    "every process of this service sends what it sees itself, so several of them tell a receiver as many \
                     times; say AlertSettings::replicas(Replicas::one()) if there is one process, \
                     Replicas::elected(..) if one of them is to send for all, or push to an Alertmanager, which \
                     tells what is the same once"
                );
            }
            plan.say_what_is_doubtful(&kept.store);
            let disk = Disk::open_or_nowhere(directory.as_deref(), registers);
            let identity = Identity {
                service: service.to_owned(),
                environment: settings.environment.clone(),
                instance: kept.ticker.sampler().target().get("instance").to_owned(),
            };
            let around = Surroundings {
                store: Arc::clone(&kept.store),
                timeline: kept.ticker.timeline(),
                clock: clock.clone(),
                disk,
                identity,
                limits: kept.queries.limits(),
            };
            Engine::new(settings, plan, around, registers)
        });
        Alerting { alerts: Alerts::of(engine) }
    }
}
