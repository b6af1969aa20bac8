//! Everything that files say, or everything that is wrong with them.

use std::fmt;
use std::path::PathBuf;

use crate::alert::config::{Additions, Problem, Routing, RoutingError, RoutingOptions};
use crate::alert::rules::{RuleGroup, RuleProblem, RuleProblems};

/// Where rules and routing are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paths {
    /// Rule files, as paths or patterns.
    pub(crate) rules: Vec<PathBuf>,
    /// An Alertmanager configuration, and how it is read.
    pub(crate) routing: Option<(PathBuf, RoutingOptions)>,
    /// What there is beside it.
    pub(crate) additions: Option<PathBuf>,
}

/// What all files say.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) groups: Vec<RuleGroup>,
    pub(crate) routing: Option<Routing>,
    pub(crate) additions: Option<Additions>,
}

/// Files that cannot be used: all that is wrong with all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadError {
    /// Of the rule files.
    pub rules: Vec<RuleProblem>,
    /// Of the routing file, and of the one beside it.
    pub routing: Vec<Problem>,
}

impl Paths {
    /// What has to be watched: these, and the files of templates that the routing names.
    pub(crate) fn watched(&self, routing: Option<&Routing>) -> Vec<PathBuf> {
        let routing_file = self.routing.iter().map(|(path, _)| path);
        let templates = routing.into_iter().flat_map(|routing| &routing.templates);
        self.rules.iter().chain(routing_file).chain(&self.additions).chain(templates).cloned().collect()
    }
}

/// Reads all files; routes may name these receivers too.
///
/// # Errors
///
/// All that is wrong with them. Then nothing of them counts.
pub(crate) fn load(paths: &Paths, receivers: &[&str]) -> Result<Loaded, LoadError> {
    let receivers = || receivers.iter().map(|&name| name.to_owned());
    let mut error = LoadError::default();
    let groups = RuleGroup::from_files(&paths.rules).unwrap_or_else(|RuleProblems(problems)| {
        error.rules = problems;
        Vec::new()
    });
    let mut noted = |problems: &RoutingError| error.routing.extend(problems.problems().iter().cloned());
    let routing = paths.routing.as_ref().map(|(path, options)| options.knowing(receivers()).from_file(path));
    let routing = routing.and_then(|read| read.inspect_err(&mut noted).ok());
    let additions = paths.additions.as_ref().map(Additions::from_file);
    let additions = additions.and_then(|read| read.inspect_err(&mut noted).ok());
    match error.rules.is_empty() && error.routing.is_empty() {
        true => Ok(Loaded { groups, routing, additions }),
        false => Err(error),
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.rules.iter().map(|problem| problem as &dyn fmt::Display);
        let routing = self.routing.iter().map(|problem| problem as &dyn fmt::Display);
        for (index, problem) in rules.chain(routing).enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}

#[cfg(test)]
mod tests {
    use super::{Paths, load};
    use crate::alert::config::RoutingOptions;
    use crate::alert::config::scratch::Scratch;

    const RULES: &str = "groups:\n- name: g\n  rules: [{alert: Down, expr: up == 0}]\n";
    const ROUTING: &str = "route: {receiver: ops}\nreceivers: [{name: ops}]\ntemplates: ['t/*.tmpl']\n";

    #[test]
    fn all_files_are_read_or_all_mistakes_are_told() {
        let scratch = Scratch::new("load");
        scratch.write("rules/a.yml", RULES);
        scratch.write("t/a.tmpl", r#"{{ define "x" }}y{{ end }}"#);
        let routing = scratch.write("am.yml", ROUTING);
        let additions = scratch.write("own.yml", "escalation: [{severity: critical, receiver: ops}]");
        let paths = Paths {
            rules: vec![scratch.path().join("rules/*.yml")],
            routing: Some((routing.clone(), RoutingOptions::default())),
            additions: Some(additions),
        };
        let loaded = load(&paths, &[]).unwrap();
        assert_eq!(loaded.groups.len(), 1);
        let watched = paths.watched(loaded.routing.as_ref());
        assert_eq!(watched.len(), 4);
        assert_eq!(watched[3], scratch.path().join("t/*.tmpl"));

        scratch.write("rules/b.yml", "groups: [{name: h, rules: [{alert: Bad, expr: 'up ='}]}]");
        scratch.write("am.yml", "route: {receiver: opz}\nreceivers: [{name: ops}]\n");
        scratch.write("own.yml", "escalation: [{severity: critical, receiver: ops, after: never}]");
        let error = load(&paths, &[]).unwrap_err();
        assert_eq!((error.rules.len(), error.routing.len()), (1, 2), "{error}");
        let told = error.to_string();
        assert!(told.contains("rules/b.yml:1:"), "{told}");
        let unknown = "am.yml:1:19: route.receiver: no receiver is called \"opz\"; did you mean \"ops\"?";
        assert!(told.contains(unknown), "{told}");
        assert!(told.contains("own.yml:1:57: escalation[0].after: \"never\" is no duration: "), "{told}");

        scratch.write("rules/b.yml", "");
        scratch.write("am.yml", ROUTING);
        scratch.write("own.yml", "");
        scratch.write("am.yml", "route: {receiver: closure}\nreceivers: [{name: ops}]\n");
        let loaded = load(&paths, &["closure", "ops"]).unwrap();
        let shown = loaded.routing.unwrap().original;
        assert_eq!(shown.matches("closure").count(), 2, "{shown}");
        assert_eq!(shown.matches("ops").count(), 1, "{shown}");
        scratch.write("am.yml", "route: {receiver: closure}\n");
        assert!(load(&paths, &["closure"]).is_ok());
        assert!(load(&paths, &["another"]).is_err());
    }
}
