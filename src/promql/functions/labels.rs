//! `label_replace` and `label_join`: what they make of one label set.
//!
//! Names are checked and the expression is compiled once for a query, before any series is seen. Since Prometheus 3 a
//! label's name may be any text in UTF-8 but the empty one.

use regex::Regex;

use crate::series::Labels;
use crate::series::anchored;

/// Whether a label can have this name.
pub(crate) fn is_valid_name(name: &str) -> bool {
    !name.is_empty()
}

/// `label_replace`, ready to be applied.
#[derive(Clone, Debug)]
pub(crate) struct Replace {
    destination: String,
    replacement: String,
    source: String,
    regex: Regex,
}

impl Replace {
    /// # Errors
    ///
    /// An expression that cannot be used, or a destination that no label can have, in Prometheus' words.
    pub(crate) fn new(
        destination: &str,
        replacement: &str,
        source: &str,
        pattern: &str,
    ) -> Result<Self, String> {
        let regex = anchored(pattern)
            .map_err(|_| format!("invalid regular expression in label_replace(): {pattern}"))?;
        if !is_valid_name(destination) {
            return Err(format!("invalid destination label name in label_replace(): {destination}"));
        }
        Ok(Self {
            destination: destination.to_owned(),
            replacement: replacement.to_owned(),
            source: source.to_owned(),
            regex,
        })
    }

    /// The set with its destination replaced; nothing where the source does not match, and the set stays as it is.
    /// An empty replacement removes the label.
    pub(crate) fn apply(&self, labels: &Labels) -> Option<Labels> {
        let captures = self.regex.captures(labels.get(&self.source))?;
        let mut value = String::new();
        captures.expand(&self.replacement, &mut value);
        Some(labels.with(&self.destination, value))
    }

    /// The most bytes that the replacement can have in this set.
    pub(crate) fn most_bytes(&self, labels: &Labels) -> usize {
        let references = self.replacement.bytes().filter(|byte| *byte == b'$').count();
        references.saturating_mul(labels.get(&self.source).len()).saturating_add(self.replacement.len())
    }

    /// The label that is replaced.
    pub(crate) fn destination(&self) -> &str {
        &self.destination
    }
}

/// `label_join`, ready to be applied.
#[derive(Clone, Debug)]
pub(crate) struct Join {
    destination: String,
    separator: String,
    sources: Vec<String>,
}

impl Join {
    /// # Errors
    ///
    /// A name that no label can have, in Prometheus' words.
    pub(crate) fn new(destination: &str, separator: &str, sources: Vec<String>) -> Result<Self, String> {
        if let Some(source) = sources.iter().find(|source| !is_valid_name(source)) {
            return Err(format!("invalid source label name in label_join(): {source}"));
        }
        if !is_valid_name(destination) {
            return Err(format!("invalid destination label name in label_join(): {destination}"));
        }
        Ok(Self { destination: destination.to_owned(), separator: separator.to_owned(), sources })
    }

    /// The set with its destination set to the sources' values, in their order, absent ones empty.
    pub(crate) fn apply(&self, labels: &Labels) -> Labels {
        let values: Vec<&str> = self.sources.iter().map(|source| labels.get(source)).collect();
        labels.with(&self.destination, values.join(&self.separator))
    }

    /// The bytes that the label has in this set.
    pub(crate) fn bytes(&self, labels: &Labels) -> usize {
        self.sources.iter().map(|source| labels.get(source).len() + self.separator.len()).sum()
    }

    /// The label that is set.
    pub(crate) fn destination(&self) -> &str {
        &self.destination
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Labels {
        Labels::new([("__name__", "up"), ("src", "source-value-10"), ("dst", "old")])
    }

    fn replaced(destination: &str, replacement: &str, source: &str, pattern: &str) -> Option<String> {
        let replace = Replace::new(destination, replacement, source, pattern).ok()?;
        replace.apply(&labels()).map(|labels| labels.get(destination).to_owned())
    }

    #[test]
    fn a_whole_match_replaces() {
        assert_eq!(replaced("dst", "dst-$1", "src", "source-value-(.*)").as_deref(), Some("dst-10"));
        assert_eq!(replaced("dst", "${n}$$", "src", "source-value-(?P<n>.*)").as_deref(), Some("10$"));
        assert_eq!(replaced("dst", "x", "src", "value-(.*)"), None);
        assert_eq!(replaced("dst", "", "src", ".*").as_deref(), Some(""));
        assert_eq!(replaced("__name__", "down", "none", "").as_deref(), Some("down"));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let error = Replace::new("", "", "src", "").map(|_| ()).unwrap_err();
        assert_eq!(error, "invalid destination label name in label_replace(): ");
        let error = Replace::new("dst", "", "src", "(").map(|_| ()).unwrap_err();
        assert_eq!(error, "invalid regular expression in label_replace(): (");
        let error = Join::new("dst", "", vec![String::new()]).map(|_| ()).unwrap_err();
        assert_eq!(error, "invalid source label name in label_join(): ");
        assert!(Join::new("~ö", "", vec!["a b".into()]).is_ok());
    }

    #[test]
    fn values_are_joined() {
        let join = Join::new("dst", ",", vec!["src".into(), "none".into(), "dst".into()]).unwrap();
        assert_eq!(join.apply(&labels()).get("dst"), "source-value-10,,old");
        assert_eq!(join.destination(), "dst");
    }
}
