//! Where rules and routing come from, and what they are when all of it is read.

use std::path::PathBuf;
use std::sync::Arc;

use crate::alert::config::{Additions, Integration, ReceiverConfig, Route, Routing, shown};
use crate::alert::dispatch;
use crate::alert::files::{Loaded, Paths, load};
use crate::alert::receivers::Receiver;
use crate::alert::rules::{Rule, RuleGroup, RuleProblems, RuleSet};
use crate::series::Store;

/// What was given, to be read at the start and at each reload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    pub(crate) rules: RuleSet,
    pub(crate) files: Paths,
    /// Weaker than a file of the routing.
    pub(crate) routing: Option<Box<Routing>>,
    /// Weaker than a file of them.
    pub(crate) additions: Option<Additions>,
    pub(crate) receivers: Vec<(String, Vec<Arc<dyn Receiver>>)>,
}

/// All rules, and who is told: without a fault.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) groups: Vec<RuleGroup>,
    pub(crate) routing: Arc<Routing>,
    pub(crate) additions: dispatch::Additions,
}

impl Sources {
    /// Reads everything.
    ///
    /// # Errors
    ///
    /// All that is wrong, each with its place and the mend.
    pub(crate) fn load(&self) -> Result<Plan, Vec<String>> {
        let mut problems = Vec::new();
        let mut groups = match self.rules.clone().finish() {
            Ok(groups) => groups,
            Err(RuleProblems(faults)) => {
                problems.extend(faults.iter().map(ToString::to_string));
                Vec::new()
            }
        };
        let loaded = match load(&self.files, &self.added()) {
            Ok(loaded) => Some(loaded),
            Err(error) => {
                problems.extend(error.rules.iter().map(ToString::to_string));
                problems.extend(error.routing.iter().map(ToString::to_string));
                None
            }
        };
        let is_read = loaded.is_some();
        let Loaded { groups: read, routing, additions } =
            loaded.unwrap_or(Loaded { groups: Vec::new(), routing: None, additions: None });
        groups.extend(read);
        for (index, group) in groups.iter().enumerate() {
            let same = |other: &RuleGroup| other.name == group.name && other.file == group.file;
            if groups[..index].iter().any(same) {
                problems.push(format!(
                    "two groups of rules are called {:?}; give one of them another name",
                    group.name
                ));
            }
        }
        let additions = additions.or_else(|| self.additions.clone()).unwrap_or_default();
        let routing = self.routing(routing, &mut problems);
        // Where files could not be read, who is in them is not known.
        if is_read {
            check_named_receivers(&groups, &routing, &mut problems);
            problems.extend(additions.problems(&routing).iter().map(ToString::to_string));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Plan { groups, routing: Arc::new(routing), additions: (&additions).into() })
    }

    pub(crate) fn has_files(&self) -> bool {
        !self.files.watched(None).is_empty()
    }

    /// All files, those of templates included that this routing names.
    pub(crate) fn watched(&self, routing: &Routing) -> Vec<PathBuf> {
        self.files.watched(Some(routing))
    }

    /// Whether nobody is told but the log.
    pub(crate) fn tells_only_the_log(&self) -> bool {
        self.routing.is_none() && self.files.routing.is_none() && self.receivers.is_empty()
    }

    /// The routing of a file, or the given one, or none; with the receivers that were added.
    fn routing(&self, of_file: Option<Routing>, problems: &mut Vec<String>) -> Routing {
        let given = || self.routing.as_deref().cloned();
        let mut routing = of_file.or_else(given).unwrap_or_else(|| self.default_routing());
        let taken: Vec<String> = match self.tells_only_the_log() {
            true => Vec::new(),
            false => told(&routing).map(ToOwned::to_owned).collect(),
        };
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
                Some(_) if taken.contains(name) => problems.push(format!(
                    "receiver({name:?}, ..): the routing has a receiver of that name; give this one another"
                )),
                Some(at) => routing.receivers[at].integrations.extend(built),
                None => {
                    let integrations = built.collect();
                    routing.receivers.push(ReceiverConfig { name: name.clone(), integrations });
                }
            }
        }
        if routing.original.is_empty() {
            routing.original = shown(&routing);
        }
        routing
    }

    /// The names of receivers that were added.
    fn added(&self) -> Vec<&str> {
        self.receivers.iter().map(|(name, _)| name.as_str()).collect()
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

/// The receivers that have somebody to be told; another one is a name, for the program to say who that is.
fn told(routing: &Routing) -> impl Iterator<Item = &str> {
    let told = routing.receivers.iter().filter(|receiver| !receiver.integrations.is_empty());
    told.map(|receiver| receiver.name.as_str())
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
    /// A receiver that is told by each of several processes what they all see; `None` where only such are told as tell the same
    /// once, or speak for one process.
    pub(crate) fn told_by_each(&self) -> Option<&str> {
        let tells_all = |Integration::Built(receiver): &Integration| {
            !matches!(receiver.kind(), "alertmanager" | "heartbeat" | "log")
        };
        let found = self.routing.receivers.iter().find(|config| config.integrations.iter().any(tells_all));
        found.map(|config| config.name.as_str())
    }

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
