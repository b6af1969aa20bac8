//! Which series an aggregation puts together.

use std::collections::HashMap;

use crate::promql::ast::Grouping;
use crate::promql::eval::grid::GridSeries;
use crate::series::Labels;

const NAME: &str = "__name__";

/// Series that are aggregated into one, or ranked among each other.
pub(crate) struct Group {
    /// The labels of the result.
    pub(crate) labels: Labels,
    /// Whether any member's name, and so the group's, is dropped in the end.
    pub(crate) drop_name: bool,
    /// The places of the members.
    pub(crate) members: Vec<usize>,
}

/// The groups in the order in which they are met first.
pub(crate) fn groups(series: &[GridSeries], grouping: &Grouping) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<Labels, usize> = HashMap::new();
    for (index, one) in series.iter().enumerate() {
        let labels = labels(&one.labels, grouping, None);
        let place = *places.entry(labels).or_insert_with_key(|labels| {
            groups.push(Group { labels: labels.clone(), drop_name: false, members: Vec::new() });
            groups.len() - 1
        });
        groups[place].drop_name |= one.drop_name;
        groups[place].members.push(index);
    }
    groups
}

/// The labels of the group that a series belongs to. `kept` is a label that stays beside those of `by`.
pub(crate) fn labels(labels: &Labels, grouping: &Grouping, kept: Option<&str>) -> Labels {
    match grouping {
        Grouping::By(names) if names.is_empty() && kept.is_none() => Labels::default(),
        Grouping::By(names) => labels.filter(|name| Some(name) == kept || names.iter().any(|by| by == name)),
        Grouping::Without(names) => {
            labels.filter(|name| name != NAME && !names.iter().any(|without| without == name))
        }
    }
}
