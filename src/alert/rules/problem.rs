//! What is wrong with rules, and where.

use std::fmt;
use std::path::PathBuf;

/// One thing that is wrong with a rule, or may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleProblem {
    /// The file, where it is in one.
    pub file: Option<PathBuf>,
    /// The line and the column (in characters) in the file, from 1; where it is in code, in the line that was given.
    pub place: Option<(u64, u64)>,
    /// The group's name, where it is known.
    pub group: String,
    /// The rule's name, where it is known.
    pub rule: String,
    /// What is wrong, and how it is mended.
    pub message: String,
}

/// `alerts.yml:12:7: group "backend", rule "HighErrorRate": ...`
impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
        }
        if let Some((line, column)) = self.place {
            write!(f, "{line}:{column}:")?;
        }
        if self.file.is_some() || self.place.is_some() {
            f.write_str(" ")?;
        }
        match (self.group.as_str(), self.rule.as_str()) {
            ("", "") => {}
            (group, "") => write!(f, "group {group:?}: ")?,
            ("", rule) => write!(f, "rule {rule:?}: ")?,
            (group, rule) => write!(f, "group {group:?}, rule {rule:?}: ")?,
        }
        f.write_str(&self.message)
    }
}

/// All that is wrong with what was given: never empty, each on a line of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblems(pub Vec<RuleProblem>);

impl fmt::Display for RuleProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for RuleProblems {}

impl RuleProblems {
    /// What was made, unless something is wrong.
    pub(super) fn or<T>(problems: Vec<RuleProblem>, made: T) -> Result<T, Self> {
        if problems.is_empty() { Ok(made) } else { Err(Self(problems)) }
    }
}
