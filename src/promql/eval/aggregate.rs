//! Aggregation operators that make one series of many.
//!
//! The members of a group are added one after the other to as many running values as there are moments, so that
//! memory is read in its order.

use std::collections::HashMap;

use crate::promql::ast::{AggregateOp, Grouping, Span};
use crate::promql::error::EvalError;
use crate::promql::eval::context::Context;
use crate::promql::eval::grid::{ABSENT, GridSeries, is_present};
use crate::promql::eval::group::{Group, groups, labels};
use crate::promql::functions::accumulate::{Mean, Sum, Variance};
use crate::promql::functions::labels::is_valid_name;
use crate::promql::functions::number;
use crate::promql::functions::quantile::quantile;
use crate::series::Labels;

/// An operator without a parameter.
pub(crate) fn simple(
    context: &Context<'_>,
    op: AggregateOp,
    grouping: &Grouping,
    series: &[GridSeries],
) -> Result<Vec<GridSeries>, EvalError> {
    each_group(context, grouping, series, |group| {
        let fold = Fold { context, series, group };
        match op {
            AggregateOp::Sum => fold.run(Sum::of, Sum::add, Sum::value),
            AggregateOp::Avg => fold.run(begun(Mean::add), Mean::add, Mean::value),
            AggregateOp::Min => fold.run(|value| value, least, |least| least),
            AggregateOp::Max => fold.run(|value| value, greatest, |greatest| greatest),
            AggregateOp::Count => fold.run(|_| 1.0, |count, _| *count += 1.0, |count| count),
            AggregateOp::Stddev => {
                fold.run(begun(Variance::add), Variance::add, |variance| variance.value().sqrt())
            }
            AggregateOp::Stdvar => fold.run(begun(Variance::add), Variance::add, Variance::value),
            // Those with a parameter have functions of their own.
            _ => fold.run(|_| 1.0, |_, _| {}, |one| one),
        }
    })
}

/// A running value that begins empty, with its first value added.
fn begun<A: Default>(add: impl Fn(&mut A, f64)) -> impl Fn(f64) -> A {
    move |value| {
        let mut running = A::default();
        add(&mut running, value);
        running
    }
}

/// A number that is not there counts as worse than any.
fn least(kept: &mut f64, value: f64) {
    if *kept > value || kept.is_nan() {
        *kept = value;
    }
}

fn greatest(kept: &mut f64, value: f64) {
    if *kept < value || kept.is_nan() {
        *kept = value;
    }
}

fn each_group(
    context: &Context<'_>,
    grouping: &Grouping,
    series: &[GridSeries],
    aggregate: impl Fn(&Group) -> Result<Vec<f64>, EvalError>,
) -> Result<Vec<GridSeries>, EvalError> {
    let mut output = Vec::new();
    for group in groups(series, grouping) {
        let values = aggregate(&group)?;
        output.push(GridSeries { labels: group.labels, drop_name: group.drop_name, values });
    }
    output.retain(GridSeries::has_values);
    context.check()?;
    Ok(output)
}

/// The running values of one group.
struct Fold<'a, 'b> {
    context: &'a Context<'b>,
    series: &'a [GridSeries],
    group: &'a Group,
}

impl Fold<'_, '_> {
    fn run<A: Copy>(
        &self,
        begin: impl Fn(f64) -> A,
        add: impl Fn(&mut A, f64),
        end: impl Fn(A) -> f64,
    ) -> Result<Vec<f64>, EvalError> {
        let steps = self.series[self.group.members[0]].values.len();
        self.context.hold(steps)?;
        let mut running: Vec<Option<A>> = vec![None; steps];
        for member in &self.group.members {
            self.context.read(steps)?;
            for (running, value) in running.iter_mut().zip(&self.series[*member].values) {
                if !is_present(*value) {
                    continue;
                }
                match running {
                    Some(running) => add(running, *value),
                    None => *running = Some(begin(*value)),
                }
            }
        }
        Ok(running.into_iter().map(|running| running.map_or(ABSENT, &end)).collect())
    }
}

/// `quantile(q, vector)`; `q` has a value for each moment.
pub(crate) fn quantiles(
    context: &Context<'_>,
    grouping: &Grouping,
    series: &[GridSeries],
    q: &[f64],
    span: Span,
) -> Result<Vec<GridSeries>, EvalError> {
    warn_of_quantiles(context, q, span)?;
    each_group(context, grouping, series, |group| {
        context.hold(q.len())?;
        let mut column = Vec::with_capacity(group.members.len());
        let mut values = Vec::with_capacity(q.len());
        for (step, q) in q.iter().enumerate() {
            context.read(group.members.len())?;
            column.clear();
            let all = group.members.iter().map(|member| series[*member].values[step]);
            column.extend(all.filter(|value| is_present(*value)));
            values.push(if column.is_empty() { ABSENT } else { quantile(*q, &mut column) });
        }
        Ok(values)
    })
}

/// Warns of each number that is no quantile.
pub(crate) fn warn_of_quantiles(context: &Context<'_>, q: &[f64], span: Span) -> Result<(), EvalError> {
    let mut before = None;
    for q in q {
        let bits = q.to_bits();
        if !(0.0..=1.0).contains(q) && before != Some(bits) {
            before = Some(bits);
            let q = number::format(*q);
            context.warn(format_args!("quantile value should be between 0 and 1, got {q}"), span);
        }
    }
    context.read(q.len())
}

/// `count_values("label", vector)`
pub(crate) fn count_values(
    context: &Context<'_>,
    grouping: &Grouping,
    series: &[GridSeries],
    label: &str,
) -> Result<Vec<GridSeries>, EvalError> {
    if !is_valid_name(label) {
        return Err(EvalError::Execution(format!("invalid label name {label:?}")));
    }
    let mut output: Vec<GridSeries> = Vec::new();
    let mut places: HashMap<Labels, usize> = HashMap::new();
    for one in series {
        let mut of_value: HashMap<u64, usize> = HashMap::new();
        context.read(one.values.len())?;
        for (step, value) in one.values.iter().enumerate().filter(|(_, value)| is_present(**value)) {
            let place = match of_value.get(&value.to_bits()) {
                Some(place) => *place,
                None => {
                    let labels =
                        labels(&one.labels.with(label, number::format(*value)), grouping, Some(label));
                    let place = match places.get(&labels) {
                        Some(place) => *place,
                        None => {
                            context.hold(one.values.len())?;
                            let values = vec![ABSENT; one.values.len()];
                            output.push(GridSeries { labels: labels.clone(), drop_name: false, values });
                            places.insert(labels, output.len() - 1);
                            output.len() - 1
                        }
                    };
                    of_value.insert(value.to_bits(), place);
                    place
                }
            };
            let counted = &mut output[place];
            counted.drop_name |= one.drop_name;
            let count = &mut counted.values[step];
            *count = if is_present(*count) { *count + 1.0 } else { 1.0 };
        }
    }
    Ok(output)
}
