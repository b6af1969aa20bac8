//! Whether labels pass matchers.

use crate::series::{Labels, Matcher};

/// Whether all of them hold; a label that is not there is empty.
pub(crate) fn all_match(matchers: &[Matcher], labels: &Labels) -> bool {
    matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name())))
}

/// The first that does not hold.
pub(crate) fn first_failing<'a>(matchers: &'a [Matcher], labels: &Labels) -> Option<&'a Matcher> {
    matchers.iter().find(|matcher| !matcher.matches(labels.get(matcher.name())))
}

/// As Alertmanager writes them: `{a="1",b=~"2|3"}`, in the order of names, values and operators.
pub(crate) fn text(matchers: &[Matcher]) -> String {
    let mut sorted: Vec<&Matcher> = matchers.iter().collect();
    sorted.sort_by_key(|matcher| (matcher.name(), matcher.value(), matcher.op().as_str()));
    let shown: Vec<String> = sorted.iter().map(ToString::to_string).collect();
    format!("{{{}}}", shown.join(","))
}
