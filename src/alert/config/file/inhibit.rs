//! A rule of inhibition as it stands in a file.

use serde::Deserialize;

use crate::alert::config::file::route::{MatchSection, matchers};
use crate::alert::config::yaml::Placed;
use crate::alert::config::{InhibitRule, Problem};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InhibitSection {
    source_match: MatchSection,
    source_match_re: MatchSection,
    source_matchers: Vec<Placed<String>>,
    target_match: MatchSection,
    target_match_re: MatchSection,
    target_matchers: Vec<Placed<String>>,
    equal: Vec<Placed<String>>,
}

impl InhibitSection {
    pub(crate) fn rule(self, problems: &mut Vec<Problem>) -> InhibitRule {
        for label in self.equal.iter().filter(|label| label.value.is_empty()) {
            problems.push(label.problem("a label's name is empty; write one, or remove it"));
        }
        InhibitRule {
            source: matchers(self.source_match, self.source_match_re, self.source_matchers, problems),
            target: matchers(self.target_match, self.target_match_re, self.target_matchers, problems),
            equal: self.equal.into_iter().map(|label| label.value).collect(),
        }
    }
}
