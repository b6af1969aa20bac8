//! Where rules and routing come from, and what they are when all of it is read.

use std::path::PathBuf;
use std::sync::Arc;

use crate::alert::config::{Integration, ReceiverConfig, Route, Routing};
use crate::alert::dispatch::Additions;
use crate::alert::receivers::{Log, Receiver};
use crate::alert::rules::{RuleGroup, RuleProblems, RuleSet};

/// What was given, to be read at the start and at each reload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    pub(crate) rules: RuleSet,
    /// Files, or patterns of them.
    pub(crate) rule_files: Vec<PathBuf>,
    pub(crate) routing: Option<Routing>,
    pub(crate) receivers: Vec<(String, Vec<Arc<dyn Receiver>>)>,
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
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Plan { groups, routing: Arc::new(routing), additions: Additions::default() })
    }

    /// Whether nobody is told but the log.
    pub(crate) fn tells_only_the_log(&self) -> bool {
        self.routing.is_none() && self.receivers.is_empty()
    }

    fn routing(&self, problems: &mut Vec<String>) -> Routing {
        let mut routing = self.routing.clone().unwrap_or_else(|| self.default_routing());
        let configured = routing.receivers.len();
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
        routing
    }

    /// Everything to the first receiver that is told what routes say, and to the log where there is none at all.
    fn default_routing(&self) -> Routing {
        let is_told = |(_, receivers): &&(String, Vec<Arc<dyn Receiver>>)| {
            receivers.iter().any(|receiver| receiver.feed().is_none())
        };
        let first = self.receivers.iter().find(is_told).or(self.receivers.first());
        let log = ReceiverConfig {
            name: "log".to_owned(),
            integrations: vec![Integration::Built(Arc::new(Log::new()))],
        };
        Routing::new(
            Route::new(first.map_or("log", |(name, _)| name)),
            if first.is_none() { vec![log] } else { Vec::new() },
        )
    }
}
