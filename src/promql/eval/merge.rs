//! Series that got the same labels on the way.
//!
//! At different moments they are one series; at the same one they are an error, because nobody could say which of
//! their values is meant.

use std::collections::HashMap;

use crate::promql::error::EvalError;
use crate::promql::eval::grid::{GridSeries, is_present};
use crate::series::Labels;

/// The error of two series with one label set.
pub(crate) fn same_labelset() -> EvalError {
    EvalError::Execution("vector cannot contain metrics with the same labelset".into())
}

/// Puts series of equal labels together, at the place of the first.
pub(crate) fn merge(series: Vec<GridSeries>) -> Result<Vec<GridSeries>, EvalError> {
    let mut places: HashMap<Labels, usize> = HashMap::with_capacity(series.len());
    let mut merged: Vec<GridSeries> = Vec::with_capacity(series.len());
    for one in series {
        match places.get(&one.labels) {
            Some(place) => fill(&mut merged[*place].values, &one.values)?,
            None => {
                places.insert(one.labels.clone(), merged.len());
                merged.push(one);
            }
        }
    }
    Ok(merged)
}

fn fill(kept: &mut [f64], values: &[f64]) -> Result<(), EvalError> {
    for (kept, value) in kept.iter_mut().zip(values) {
        match (is_present(*kept), is_present(*value)) {
            (true, true) => return Err(same_labelset()),
            (false, true) => *kept = *value,
            (_, false) => {}
        }
    }
    Ok(())
}

/// Drops the names that are to be dropped, and merges what then is the same.
pub(crate) fn drop_names(mut series: Vec<GridSeries>) -> Result<Vec<GridSeries>, EvalError> {
    for one in &mut series {
        if std::mem::take(&mut one.drop_name) {
            one.labels = one.labels.without_name();
        }
    }
    merge(series)
}
