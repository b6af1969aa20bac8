//! Rule files on the disk.

use std::path::{Path, PathBuf};

use crate::alert::files::{expand, text};
use crate::alert::rules::{RuleGroup, RuleProblem, RuleProblems, export, yaml};

impl RuleGroup {
    /// The groups of a rule file's text, in the format of Prometheus
    /// (<https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/>). A text without groups has none.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, each with group, rule, line and column: what `promtool check rules` refuses, names that
    /// are no words (UTF-8 names of Prometheus 3), expressions without samples, a second YAML document, and what is not
    /// supported of the expression language and the templates.
    ///
    /// ```
    /// use tower_watch::alert::rules::RuleGroup;
    ///
    /// let text = "groups: [{name: shop, rules: [{alert: Down, expr: up = 0}]}]";
    /// let problems = RuleGroup::from_yaml(text).unwrap_err();
    /// assert!(problems.to_string().starts_with("1:54: group \"shop\", rule \"Down\": expr: "));
    /// ```
    pub fn from_yaml(text: &str) -> Result<Vec<Self>, RuleProblems> {
        yaml::read(text, None)
    }

    /// The groups of a rule file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is longer than 16 MiB, and as [`from_yaml`](Self::from_yaml).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Vec<Self>, RuleProblems> {
        let path = path.as_ref();
        let text = text(path).map_err(|message| RuleProblems(vec![problem(path, message)]))?;
        yaml::read(&text, Some(path))
    }

    /// The groups of all files that these patterns name, as in Prometheus' `rule_files`: `*` stands for any letters of a name,
    /// `?` for one, `[a-z]` for one of a set. Files are read in the order of the patterns and of their names, each once; a
    /// pattern that finds nothing is fine, a path that is none is not.
    ///
    /// # Errors
    ///
    /// All that is wrong with all files.
    pub fn from_files<P: AsRef<Path>>(
        patterns: impl IntoIterator<Item = P>,
    ) -> Result<Vec<Self>, RuleProblems> {
        let mut paths: Vec<PathBuf> = Vec::new();
        let mut groups = Vec::new();
        let mut problems = Vec::new();
        for pattern in patterns {
            match expand(pattern.as_ref()) {
                Ok(found) => {
                    let new: Vec<PathBuf> = found.into_iter().filter(|path| !paths.contains(path)).collect();
                    paths.extend(new);
                }
                Err(message) => problems.push(problem(pattern.as_ref(), message)),
            }
        }
        for path in paths {
            match Self::from_file(&path) {
                Ok(read) => groups.extend(read),
                Err(RuleProblems(others)) => problems.extend(others),
            }
        }
        RuleProblems::or(problems, groups)
    }

    /// These groups as a rule file that Prometheus and promtool read.
    ///
    /// A rule with a threshold of its own for the end means the same there; receivers named by a rule are lost, with a
    /// comment that says so; a rule that counts exactly is extrapolated there. Labels of groups need Prometheus 3.0, and
    /// `query_offset` 2.53. Groups of the same name are numbered.
    #[must_use]
    pub fn to_yaml(groups: &[Self]) -> String {
        export::write(groups)
    }
}

fn problem(path: &Path, message: String) -> RuleProblem {
    RuleProblem { file: Some(path.to_owned()), message, ..RuleProblem::default() }
}
