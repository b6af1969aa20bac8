//! Functions over the values of a vector: `abs`, `clamp`, `year`, `sort`, `scalar` and the like.

use crate::promql::ast::{Expr, Span};
use crate::promql::error::EvalError;
use crate::promql::eval::context::Context;
use crate::promql::eval::grid::{ABSENT, Grid, GridSeries, is_present};
use crate::promql::eval::merge::merge;
use crate::promql::eval::rank::compare;
use crate::promql::functions::labels::{Join, Replace};
use crate::promql::functions::{Function, date, math};
use crate::series::{Labels, MatchOp};

/// A function of each value on its own; the name goes. None where the function is not of that kind.
pub(crate) fn pointwise(
    function: Function,
    mut vector: Vec<GridSeries>,
    parameters: &[Vec<f64>],
) -> Option<Vec<GridSeries>> {
    if let Some(apply) = math::unary(function) {
        map(&mut vector, |_, value| apply(value));
        return Some(vector);
    }
    let parameter = |place: usize, step: usize| parameters.get(place).map_or(f64::NAN, |values| values[step]);
    match function {
        Function::Round if parameters.is_empty() => map(&mut vector, |_, value| math::round(value, 1.0)),
        Function::Round => map(&mut vector, |step, value| math::round(value, parameter(0, step))),
        Function::Clamp => map(&mut vector, |step, value| {
            math::clamp(value, parameter(0, step), parameter(1, step)).unwrap_or(ABSENT)
        }),
        Function::ClampMin => map(&mut vector, |step, value| {
            math::clamp(value, parameter(0, step), f64::INFINITY).unwrap_or(ABSENT)
        }),
        Function::ClampMax => map(&mut vector, |step, value| {
            math::clamp(value, f64::NEG_INFINITY, parameter(0, step)).unwrap_or(ABSENT)
        }),
        _ => {
            date::part(function, 0.0)?;
            map(&mut vector, |_, value| date::part(function, value).unwrap_or(ABSENT));
        }
    }
    vector.retain(GridSeries::has_values);
    Some(vector)
}

fn map(vector: &mut [GridSeries], apply: impl Fn(usize, f64) -> f64) {
    for series in vector {
        for (step, value) in series.values.iter_mut().enumerate() {
            if is_present(*value) {
                *value = apply(step, *value);
            }
        }
        series.drop_name = true;
    }
}

/// One series without labels, as `vector` gives it.
pub(crate) fn vector(values: Vec<f64>) -> Vec<GridSeries> {
    vec![GridSeries { labels: Labels::default(), drop_name: false, values }]
}

/// The moments in seconds.
pub(crate) fn time(grid: Grid) -> Vec<f64> {
    grid.times().map(|time| time as f64 / 1000.0).collect()
}

/// `timestamp` of what is no selector: values that were computed are as old as the moment.
pub(crate) fn timestamp(mut vector: Vec<GridSeries>, grid: Grid) -> Vec<GridSeries> {
    map(&mut vector, |step, _| grid.time(step) as f64 / 1000.0);
    vector
}

/// `scalar`: the value of the only series there is at a moment.
pub(crate) fn scalar(vector: &[GridSeries], len: usize) -> Vec<f64> {
    let mut found = vec![ABSENT; len];
    for series in vector {
        for (found, value) in found.iter_mut().zip(&series.values) {
            if is_present(*value) {
                *found = if is_present(*found) { f64::NAN } else { *value };
            }
        }
    }
    // A third value finds the mark of the second, and leaves it.
    found.into_iter().map(|found| if is_present(found) { found } else { f64::NAN }).collect()
}

/// `sort` and `sort_desc`: by value at a single moment, what is not a number last.
pub(crate) fn sort(
    context: &Context<'_>,
    mut vector: Vec<GridSeries>,
    descending: bool,
    grid: Grid,
    span: Span,
) -> Vec<GridSeries> {
    if grid.len() > 1 {
        let ordered = "results are always ordered by labels";
        context.warn(format_args!("sort is ineffective for range queries since {ordered}"), span);
        return vector;
    }
    vector.sort_by(|a, b| compare(a.values[0], b.values[0], descending));
    vector
}

/// `absent`: at which moments there is no series.
pub(crate) fn absent(vector: &[GridSeries], len: usize) -> Vec<f64> {
    let mut values = vec![1.0; len];
    for series in vector {
        for (absent, value) in values.iter_mut().zip(&series.values) {
            if is_present(*value) {
                *absent = ABSENT;
            }
        }
    }
    values
}

/// The labels of what is absent, as far as the selector names them: those asked to be equal to one value.
pub(crate) fn absent_labels(argument: &Expr) -> Labels {
    let selector = match argument {
        Expr::Selector(selector) => selector,
        Expr::Matrix(matrix) => &matrix.selector,
        _ => return Labels::default(),
    };
    let mut labels = Labels::default();
    let mut seen: Vec<&str> = Vec::new();
    for matcher in selector.matchers.iter().filter(|matcher| matcher.name() != "__name__") {
        let equal = matcher.op() == MatchOp::Equal && !seen.contains(&matcher.name());
        if equal {
            seen.push(matcher.name());
        }
        // A label that is asked twice has no one value.
        labels = labels.with(matcher.name(), if equal { matcher.value() } else { "" });
    }
    labels
}

/// `label_replace`
pub(crate) fn label_replace(
    context: &Context<'_>,
    vector: Vec<GridSeries>,
    texts: &[String],
) -> Result<Vec<GridSeries>, EvalError> {
    let [destination, replacement, source, pattern] = texts else {
        return Err(EvalError::Execution("label_replace takes four strings".into()));
    };
    let replace = Replace::new(destination, replacement, source, pattern).map_err(EvalError::Execution)?;
    relabel(vector, replace.destination(), |labels| {
        context.write(replace.most_bytes(labels))?;
        Ok(replace.apply(labels))
    })
}

/// `label_join`
pub(crate) fn label_join(
    context: &Context<'_>,
    vector: Vec<GridSeries>,
    texts: &[String],
) -> Result<Vec<GridSeries>, EvalError> {
    let [destination, separator, sources @ ..] = texts else {
        return Err(EvalError::Execution("label_join takes at least two strings".into()));
    };
    let join = Join::new(destination, separator, sources.to_vec()).map_err(EvalError::Execution)?;
    relabel(vector, join.destination(), |labels| {
        context.write(join.bytes(labels))?;
        Ok(Some(join.apply(labels)))
    })
}

fn relabel(
    mut vector: Vec<GridSeries>,
    destination: &str,
    apply: impl Fn(&Labels) -> Result<Option<Labels>, EvalError>,
) -> Result<Vec<GridSeries>, EvalError> {
    for series in &mut vector {
        if let Some(labels) = apply(&series.labels)? {
            series.labels = labels;
            // Who sets the name wants it.
            series.drop_name &= destination != "__name__";
        }
    }
    merge(vector)
}
