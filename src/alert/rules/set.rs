//! What a program watches for, put together.

use crate::alert::rules::{Rule, RuleGroup, RuleProblem, RuleProblems};

/// What becomes rules: [`Alert::rule`](crate::alert::Alert::rule), [`Alert::metric`](crate::alert::Alert::metric), a line
/// of text, the [ready set](crate::alert::rules::Ready), groups that were read or made before.
pub trait IntoRules {
    /// The rules, in their groups; none where they are switched off.
    ///
    /// # Errors
    ///
    /// All that is wrong with them.
    fn into_rules(self) -> Result<Vec<RuleGroup>, RuleProblems>;
}

impl IntoRules for RuleGroup {
    fn into_rules(self) -> Result<Vec<RuleGroup>, RuleProblems> {
        Ok(vec![self])
    }
}

impl<T: IntoRules> IntoRules for Vec<T> {
    fn into_rules(self) -> Result<Vec<RuleGroup>, RuleProblems> {
        let mut set = RuleSet::new();
        for rules in self {
            set.add(rules);
        }
        set.finish()
    }
}

/// What was read or made before, with what was wrong with it.
impl<T: IntoRules> IntoRules for Result<T, RuleProblems> {
    fn into_rules(self) -> Result<Vec<RuleGroup>, RuleProblems> {
        self?.into_rules()
    }
}

impl IntoRules for Rule {
    fn into_rules(self) -> Result<Vec<RuleGroup>, RuleProblems> {
        let mut group = RuleGroup::new(GROUP);
        group.rules.push(self);
        Ok(vec![group])
    }
}

/// The group of rules in code that have no interval of their own.
pub(super) const GROUP: &str = "code";

/// All rules of a program: collected as they are said, with all that is wrong told together at the end.
///
/// ```
/// use tower_watch::alert::{Alert, rules::RuleSet};
///
/// let mut set = RuleSet::new();
/// set.add(Alert::rule("QueueFull").when("queue_depth > 1000"));
/// set.add("http_request_duration p95 > 800ms for 5m");
/// let groups = set.finish()?;
/// assert_eq!(groups[0].rules.len(), 2);
/// # Ok::<(), tower_watch::alert::rules::RuleProblems>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    groups: Vec<RuleGroup>,
    problems: Vec<RuleProblem>,
}

impl RuleSet {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds rules. Groups that are not from files and differ in nothing but their rules are put together.
    pub fn add(&mut self, rules: impl IntoRules) -> &mut Self {
        match rules.into_rules() {
            Ok(groups) => groups.into_iter().for_each(|group| self.put(group)),
            Err(RuleProblems(problems)) => self.problems.extend(problems),
        }
        self
    }

    fn put(&mut self, mut group: RuleGroup) {
        let rules = std::mem::take(&mut group.rules);
        let is_same = |other: &&mut RuleGroup| {
            let head = |group: &RuleGroup| {
                (group.name.clone(), group.interval, group.limit, group.query_offset, group.labels.clone())
            };
            group.file.is_none() && other.file.is_none() && head(other) == head(&group)
        };
        match self.groups.iter_mut().find(is_same) {
            Some(same) => same.rules.extend(rules),
            None => {
                group.rules = rules;
                self.groups.push(group);
            }
        }
    }

    /// The groups.
    ///
    /// # Errors
    ///
    /// All that was wrong with what was added.
    pub fn finish(self) -> Result<Vec<RuleGroup>, RuleProblems> {
        RuleProblems::or(self.problems, self.groups)
    }
}
