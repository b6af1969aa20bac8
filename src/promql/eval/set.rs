//! `and`, `or` and `unless`: which series stay depends on which others are there at the same moment.

use std::collections::HashMap;

use crate::promql::ast::Matching;
use crate::promql::error::EvalError;
use crate::promql::eval::context::Context;
use crate::promql::eval::grid::{ABSENT, GridSeries, is_present};
use crate::promql::eval::matching::{by_signature, signature};
use crate::series::Labels;

/// At which moments there is any series of a signature.
type Presence = HashMap<Labels, Vec<bool>>;

fn presence(
    context: &Context<'_>,
    series: &[GridSeries],
    matching: &Matching,
) -> Result<Presence, EvalError> {
    let mut found = Presence::new();
    for (signature, members) in by_signature(series, matching) {
        let mut there = vec![false; series[members[0]].values.len()];
        for member in members {
            context.read(there.len())?;
            for (there, value) in there.iter_mut().zip(&series[member].values) {
                *there |= is_present(*value);
            }
        }
        found.insert(signature, there);
    }
    Ok(found)
}

/// Keeps of each series what is there while `other` is (`wanted`), or while it is not.
fn filter(
    context: &Context<'_>,
    mut series: Vec<GridSeries>,
    other: &[GridSeries],
    matching: &Matching,
    wanted: bool,
) -> Result<Vec<GridSeries>, EvalError> {
    let presence = presence(context, other, matching)?;
    for one in &mut series {
        match presence.get(&signature(&one.labels, matching)) {
            Some(there) => {
                for (value, there) in one.values.iter_mut().zip(there) {
                    if *there != wanted {
                        *value = ABSENT;
                    }
                }
            }
            None if wanted => one.values.clear(),
            None => {}
        }
    }
    series.retain(GridSeries::has_values);
    Ok(series)
}

/// `lhs and rhs`
pub(crate) fn and(
    context: &Context<'_>,
    lhs: Vec<GridSeries>,
    rhs: &[GridSeries],
    matching: &Matching,
) -> Result<Vec<GridSeries>, EvalError> {
    filter(context, lhs, rhs, matching, true)
}

/// `lhs unless rhs`
pub(crate) fn unless(
    context: &Context<'_>,
    lhs: Vec<GridSeries>,
    rhs: &[GridSeries],
    matching: &Matching,
) -> Result<Vec<GridSeries>, EvalError> {
    filter(context, lhs, rhs, matching, false)
}

/// `lhs or rhs`
pub(crate) fn or(
    context: &Context<'_>,
    mut lhs: Vec<GridSeries>,
    rhs: Vec<GridSeries>,
    matching: &Matching,
) -> Result<Vec<GridSeries>, EvalError> {
    let added = filter(context, rhs, &lhs, matching, false)?;
    let mut places: HashMap<(Labels, bool), usize> =
        lhs.iter().enumerate().map(|(at, series)| ((series.labels.clone(), series.drop_name), at)).collect();
    for series in added {
        let key = (series.labels.clone(), series.drop_name);
        match places.get(&key) {
            // The same series from both sides, at different moments.
            Some(place) => {
                for (kept, value) in lhs[*place].values.iter_mut().zip(series.values) {
                    if !is_present(*kept) {
                        *kept = value;
                    }
                }
            }
            None => {
                places.insert(key, lhs.len());
                lhs.push(series);
            }
        }
    }
    Ok(lhs)
}
