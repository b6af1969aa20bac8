//! Rule files on the disk.

use std::fs;
use std::path::{Path, PathBuf};

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
    /// A file that cannot be read, and as [`from_yaml`](Self::from_yaml).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Vec<Self>, RuleProblems> {
        let path = path.as_ref();
        let text = fs::read_to_string(path)
            .map_err(|error| RuleProblems(vec![problem(path, format!("it cannot be read: {error}"))]))?;
        yaml::read(&text, Some(path))
    }

    /// The groups of all files that these patterns name, as in Prometheus' `rule_files`: `*` and `?` may stand in the last
    /// part of a path. Files are read in the order of the patterns and of their names, each once; a pattern with `*` that
    /// finds nothing is fine.
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
            match found(pattern.as_ref()) {
                Ok(found) => {
                    let new: Vec<PathBuf> = found.into_iter().filter(|path| !paths.contains(path)).collect();
                    paths.extend(new);
                }
                Err(problem) => problems.push(problem),
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

/// The files of a pattern.
fn found(pattern: &Path) -> Result<Vec<PathBuf>, RuleProblem> {
    let is_pattern = |part: &str| part.contains(['*', '?']);
    let folder = pattern.parent().unwrap_or(Path::new(""));
    if folder.to_str().is_some_and(is_pattern) {
        let message = "`*` and `?` may only stand in the last part of the path".to_owned();
        return Err(problem(pattern, message));
    }
    let Some(wanted) = pattern.file_name().and_then(|name| name.to_str()).filter(|name| is_pattern(name))
    else {
        return Ok(vec![pattern.to_owned()]);
    };
    let entries = match fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }) {
        Ok(entries) => entries,
        Err(error) => return Err(problem(pattern, format!("its folder cannot be read: {error}"))),
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| fits(wanted, name)).collect();
    names.sort_unstable();
    Ok(names.into_iter().map(|name| folder.join(name)).filter(|path| path.is_file()).collect())
}

/// Whether a name fits a pattern, in time linear in their product.
fn fits(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    // Which beginnings of the name the pattern's beginning fits.
    let mut fitting = vec![false; name.len() + 1];
    fitting[0] = true;
    for letter in pattern.chars() {
        if letter == '*' {
            let first = fitting.iter().position(|fits| *fits).unwrap_or(fitting.len());
            fitting[first..].fill(true);
            continue;
        }
        for index in (0..name.len()).rev() {
            fitting[index + 1] = fitting[index] && (letter == '?' || letter == name[index]);
        }
        fitting[0] = false;
    }
    fitting[name.len()]
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_pattern_fits_names() {
        for (pattern, name, expected) in [
            ("*.yml", "alerts.yml", true),
            ("*.yml", "alerts.yaml", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("?.yml", "a.yml", true),
            ("?.yml", "ab.yml", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
