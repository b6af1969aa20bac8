//! Subqueries: an expression evaluated at moments of its own, which then are the samples of a range.
//!
//! The moments are multiples of the step, so that the same ones are met from wherever the query looks.

use crate::promql::ast::Subquery;
use crate::promql::error::EvalError;
use crate::promql::eval::context::Context;
use crate::promql::eval::grid::{Grid, GridSeries};
use crate::promql::eval::window::{RangeInput, RangeVector, Windows};

/// The windows of a subquery, and the moments at which its expression is evaluated, if there is any.
pub(crate) fn moments(
    context: &Context<'_>,
    subquery: &Subquery,
    grid: Grid,
) -> Result<(Windows, Option<Grid>), EvalError> {
    let at = subquery.at.map(|at| context.moment(at));
    let windows = Windows::of_subquery(grid, subquery.range, subquery.offset, at, subquery.span);
    let step = subquery.step.unwrap_or_else(|| context.default_step());
    if step <= 0 {
        return Err(EvalError::Execution("the step of a subquery must be positive".into()));
    }
    let (from, to) = windows.bounds();
    let inner = Grid::aligned(from, to, step);
    // Before anything of that length is made.
    context.hold(inner.map_or(0, Grid::len))?;
    Ok((windows, inner))
}

/// What a subquery's expression gave, as a range vector.
pub(crate) fn collect(
    context: &Context<'_>,
    series: Vec<GridSeries>,
    inner: Grid,
    windows: Windows,
) -> Result<RangeVector, EvalError> {
    let mut inputs = Vec::with_capacity(series.len());
    for one in series {
        // Its values are held already; the times come beside them.
        context.hold(inner.len())?;
        inputs.push(RangeInput::of_subquery(one, inner));
    }
    Ok(RangeVector { series: inputs, windows })
}
