//! Where rules and routing come from, and what they are when all of it is read.

use std::path::PathBuf;
use std::sync::Arc;

use crate::alert::config::{self, Integration, ReceiverConfig, Route, Routing};
use crate::alert::dispatch::Additions;
use crate::alert::receivers::Receiver;
use crate::alert::rules::{Rule, RuleGroup, RuleProblems, RuleSet};
use crate::series::Store;

/// What was given, to be read at the start and at each reload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    pub(crate) rules: RuleSet,
    /// Files, or patterns of them.
    pub(crate) rule_files: Vec<PathBuf>,
    pub(crate) routing: RoutingSource,
    pub(crate) additions: AdditionsSource,
    pub(crate) receivers: Vec<(String, Vec<Arc<dyn Receiver>>)>,
}

/// Where the routing comes from.
#[derive(Clone, Debug, Default)]
pub(crate) enum RoutingSource {
    /// From nowhere: all to the first receiver.
    #[default]
    Receivers,
    Given(Box<Routing>),
    File(PathBuf),
}

/// Where that comes from for which an Alertmanager configuration has no words.
#[derive(Clone, Debug, Default)]
pub(crate) enum AdditionsSource {
    /// From nowhere: the defaults.
    #[default]
    Default,
    Given(Box<config::Additions>),
    File(PathBuf),
}

/// All rules, and who is told: without a fault.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) groups: Vec<RuleGroup>,
    pub(crate) routing: Arc<Routing>,
    pub(crate) additions: Additions,
}

impl Sources {
    /// Reads everything.
    ///
    /// # Errors
    ///
    /// All that is wrong, each with its place and the mend.
    pub(crate) fn load(&self) -> Result<Plan, Vec<String>> {
        let mut problems = Vec::new();
        let mut groups = Vec::new();
        for read in [self.rules.clone().finish(), RuleGroup::from_files(&self.rule_files)] {
            match read {
                Ok(read) => groups.extend(read),
                Err(RuleProblems(faults)) => problems.extend(faults.iter().map(ToString::to_string)),
            }
        }
        for (index, group) in groups.iter().enumerate() {
            let same = |other: &RuleGroup| other.name == group.name && other.file == group.file;
            if groups[..index].iter().any(same) {
                problems.push(format!(
                    "two groups of rules are called {:?}; give one of them another name",
                    group.name
                ));
            }
        }
        let routing = self.routing(&mut problems);
        if let Some(routing) = &routing {
            check_named_receivers(&groups, routing, &mut problems);
        }
        let additions = self.additions(routing.as_ref(), &mut problems);
        match routing {
            Some(routing) if problems.is_empty() => {
                Ok(Plan { groups, routing: Arc::new(routing), additions })
            }
            _ => Err(problems),
        }
    }

    /// Whether nobody is told but the log.
    pub(crate) fn tells_only_the_log(&self) -> bool {
        matches!(self.routing, RoutingSource::Receivers) && self.receivers.is_empty()
    }

    /// Whether any of it is read from files.
    pub(crate) fn has_files(&self) -> bool {
        let is_file = matches!(self.routing, RoutingSource::File(_));
        is_file || !self.rule_files.is_empty() || matches!(self.additions, AdditionsSource::File(_))
    }

    /// The files, as paths and patterns, those that the routing's file names included.
    pub(crate) fn watched(&self, routing: &Routing) -> Vec<PathBuf> {
        let mut paths = self.rule_files.clone();
        if let RoutingSource::File(path) = &self.routing {
            paths.push(path.clone());
            paths.extend(routing.templates.iter().cloned());
        }
        if let AdditionsSource::File(path) = &self.additions {
            paths.push(path.clone());
        }
        paths
    }

    fn additions(&self, routing: Option<&Routing>, problems: &mut Vec<String>) -> Additions {
        let read = match &self.additions {
            AdditionsSource::Default => return Additions::default(),
            AdditionsSource::Given(additions) => Ok(config::Additions::clone(additions)),
            AdditionsSource::File(path) => config::Additions::from_file(path),
        };
        match read {
            Ok(additions) => {
                let faults = routing.map(|routing| additions.problems(routing)).unwrap_or_default();
                problems.extend(faults.iter().map(ToString::to_string));
                Additions::from(&additions)
            }
            Err(error) => {
                problems.extend(error.problems().iter().map(ToString::to_string));
                Additions::default()
            }
        }
    }

    /// `None` where it cannot be read.
    fn routing(&self, problems: &mut Vec<String>) -> Option<Routing> {
        let mut routing = match &self.routing {
            RoutingSource::Receivers => self.default_routing(),
            RoutingSource::Given(routing) => Routing::clone(routing),
            RoutingSource::File(path) => match Routing::from_file(path) {
                Ok(routing) => routing,
                Err(error) => {
                    problems.extend(error.problems().iter().map(ToString::to_string));
                    return None;
                }
            },
        };
        let configured = if self.tells_only_the_log() { 0 } else { routing.receivers.len() };
        for (name, receivers) in &self.receivers {
            if name.trim().is_empty() {
                problems.push("receiver(\"\", ..): a receiver has a name that routes call it by".into());
                continue;
            }
            for fault in receivers.iter().filter_map(|receiver| receiver.check().err()).flatten() {
                problems.push(format!("receiver({name:?}, ..): {fault}"));
            }
            let built = receivers.iter().map(|receiver| Integration::Built(Arc::clone(receiver)));
            match routing.receivers.iter().position(|other| other.name == *name) {
                Some(at) if at < configured => problems.push(format!(
                    "receiver({name:?}, ..): the routing has a receiver of that name; give this one another"
                )),
                Some(at) => routing.receivers[at].integrations.extend(built),
                None => {
                    let integrations = built.collect();
                    routing.receivers.push(ReceiverConfig { name: name.clone(), integrations });
                }
            }
        }
        Some(routing)
    }

    /// Everything to the first receiver that is told what routes say, and to the log where there is none at all.
    fn default_routing(&self) -> Routing {
        let is_told = |(_, receivers): &&(String, Vec<Arc<dyn Receiver>>)| {
            receivers.iter().any(|receiver| receiver.feed().is_none())
        };
        match self.receivers.iter().find(is_told).or(self.receivers.first()) {
            Some((first, _)) => Routing::new(Route::new(first.as_str()), Vec::new()),
            None => Routing::log(),
        }
    }
}

/// A rule that names a receiver that there is not would tell nobody.
fn check_named_receivers(groups: &[RuleGroup], routing: &Routing, problems: &mut Vec<String>) {
    for rule in groups.iter().flat_map(|group| &group.rules) {
        let Rule::Alerting(rule) = rule else { continue };
        for name in &rule.notify {
            if !routing.receivers.iter().any(|receiver| receiver.name == *name) {
                problems.push(format!(
                    "rule {:?}: notify({name:?}): there is no such receiver; add it with receiver, or in the routing",
                    rule.name
                ));
            }
        }
    }
}

impl Plan {
    /// Says in the log what is no fault, and surely not meant: rules that cannot fire, routes that nothing comes to, and (where
    /// there are series already) selectors that match none of them.
    pub(crate) fn say_what_is_doubtful(&self, store: &Store) {
        for warning in &self.routing.warnings {
            tracing::warn!("alert routing: {warning}");
        }
        for warning in RuleGroup::warnings(&self.groups) {
            tracing::warn!("alert rules: {warning}");
        }
        if store.size().series > 0 {
            for missing in RuleGroup::missing(&self.groups, store) {
                tracing::info!("alert rules: {missing}");
            }
        }
    }
}
