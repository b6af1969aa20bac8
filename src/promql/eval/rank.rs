//! `topk` and `bottomk`: the greatest or the least members of each group, as the series that they are.

use std::cmp::Ordering;

use crate::promql::ast::{AggregateOp, Grouping};
use crate::promql::error::EvalError;
use crate::promql::eval::context::Context;
use crate::promql::eval::grid::{ABSENT, GridSeries, is_present};
use crate::promql::eval::group::groups;
use crate::promql::functions::number;

/// Keeps of each group and moment as many values as `count` says for that moment.
///
/// At a single moment they come in the order of their values, group by group; else in the order in which they came.
pub(crate) fn rank(
    context: &Context<'_>,
    op: AggregateOp,
    grouping: &Grouping,
    mut series: Vec<GridSeries>,
    count: &[f64],
) -> Result<Vec<GridSeries>, EvalError> {
    check(count)?;
    let descending = op == AggregateOp::Topk;
    let mut order = Vec::new();
    for group in groups(&series, grouping) {
        let mut candidates: Vec<(f64, usize)> = Vec::with_capacity(group.members.len());
        for (step, count) in count.iter().enumerate() {
            context.read(group.members.len())?;
            candidates.clear();
            let all = group.members.iter().map(|member| (series[*member].values[step], *member));
            candidates.extend(all.filter(|(value, _)| is_present(*value)));
            // The cast saturates, and a negative number is none.
            let kept = (*count as usize).min(candidates.len());
            let better =
                |a: &(f64, usize), b: &(f64, usize)| compare(a.0, b.0, descending).then(a.1.cmp(&b.1));
            if kept > 0 && kept < candidates.len() {
                candidates.select_nth_unstable_by(kept - 1, better);
            }
            for (_, member) in candidates.drain(kept..) {
                series[member].values[step] = ABSENT;
            }
            if step == 0 {
                candidates.sort_by(better);
                order.extend(candidates.iter().map(|(_, member)| *member));
            }
        }
    }
    if count.len() == 1 {
        let mut series: Vec<Option<GridSeries>> = series.into_iter().map(Some).collect();
        return Ok(order.into_iter().filter_map(|place| series[place].take()).collect());
    }
    series.retain(GridSeries::has_values);
    Ok(series)
}

fn check(count: &[f64]) -> Result<(), EvalError> {
    if count.iter().any(|count| count.is_nan()) {
        return Err(EvalError::Execution("Parameter value is NaN".into()));
    }
    if count.iter().all(|count| *count < 1.0) {
        return Ok(());
    }
    if let Some(low) = count.iter().find(|count| **count <= i64::MIN as f64) {
        return Err(EvalError::Execution(format!("Scalar value {} underflows int64", shown(*low))));
    }
    if let Some(high) = count.iter().find(|count| **count >= i64::MAX as f64) {
        return Err(EvalError::Execution(format!("Scalar value {} overflows int64", shown(*high))));
    }
    Ok(())
}

/// A number that is too large, as Go writes it.
fn shown(value: f64) -> String {
    if value.is_infinite() { number::format(value) } else { format!("{value:e}").replace('e', "e+") }
}

/// The better one first; what is not a number last.
pub(crate) fn compare(a: f64, b: f64, descending: bool) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let order = a.partial_cmp(&b).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        }
    }
}
