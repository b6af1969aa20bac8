//! `histogram_quantile` and `histogram_fraction`: which series are the buckets of one histogram.

use std::collections::HashMap;

use crate::promql::ast::Span;
use crate::promql::error::EvalError;
use crate::promql::eval::aggregate::warn_of_quantiles;
use crate::promql::eval::context::Context;
use crate::promql::eval::grid::{ABSENT, GridSeries, is_present};
use crate::promql::functions::histogram::{self, Bucket, Forced};
use crate::promql::functions::number;
use crate::series::Labels;

const BOUND: &str = "le";

/// A histogram's buckets: the bound of each, and the place of its series.
struct Histogram {
    labels: Labels,
    buckets: Vec<(f64, usize)>,
}

/// `histogram_quantile(q, vector)`; the spans are those of the arguments.
pub(crate) fn quantile(
    context: &Context<'_>,
    q: &[f64],
    q_span: Span,
    vector: &[GridSeries],
    span: Span,
) -> Result<Vec<GridSeries>, EvalError> {
    warn_of_quantiles(context, q, q_span)?;
    each(context, vector, span, q.len(), |name, step, buckets, forced| {
        let quantile = histogram::quantile(q[step], buckets);
        if let Some(mended) = quantile.forced {
            forced.add(name, mended);
        }
        quantile.value
    })
}

/// `histogram_fraction(lower, upper, vector)`
pub(crate) fn fraction(
    context: &Context<'_>,
    lower: &[f64],
    upper: &[f64],
    vector: &[GridSeries],
    span: Span,
) -> Result<Vec<GridSeries>, EvalError> {
    each(context, vector, span, lower.len(), |_, step, buckets, _| {
        histogram::fraction(lower[step], upper[step], buckets)
    })
}

fn each(
    context: &Context<'_>,
    vector: &[GridSeries],
    span: Span,
    steps: usize,
    calculate: impl Fn(&str, usize, &mut Vec<Bucket>, &mut Mended) -> f64,
) -> Result<Vec<GridSeries>, EvalError> {
    let mut output = Vec::new();
    let mut mended = Mended::default();
    let mut buckets = Vec::new();
    for histogram in histograms(context, vector, span) {
        context.hold(steps)?;
        let mut values = Vec::with_capacity(steps);
        for step in 0..steps {
            context.read(histogram.buckets.len())?;
            buckets.clear();
            for (bound, place) in &histogram.buckets {
                let count = vector[*place].values[step];
                if is_present(count) {
                    buckets.push(Bucket { bound: *bound, count });
                }
            }
            let name = histogram.labels.name().unwrap_or("");
            let empty = buckets.is_empty();
            values.push(if empty { ABSENT } else { calculate(name, step, &mut buckets, &mut mended) });
        }
        output.push(GridSeries { labels: histogram.labels, drop_name: true, values });
    }
    mended.tell(context, span);
    output.retain(GridSeries::has_values);
    Ok(output)
}

fn histograms(context: &Context<'_>, vector: &[GridSeries], span: Span) -> Vec<Histogram> {
    let mut found: Vec<Histogram> = Vec::new();
    let mut places: HashMap<Labels, usize> = HashMap::new();
    for (index, series) in vector.iter().enumerate() {
        let bound = series.labels.get(BOUND);
        let Some(parsed) = number::parse(bound) else {
            let name = for_metric(series.labels.name().unwrap_or(""));
            let what = format_args!("is missing or has a malformed value of {bound:?}{name}");
            context.warn(format_args!("bucket label \"le\" {what}"), span);
            continue;
        };
        let labels = series.labels.with(BOUND, "");
        let place = *places.entry(labels).or_insert_with_key(|labels| {
            found.push(Histogram { labels: labels.clone(), buckets: Vec::new() });
            found.len() - 1
        });
        found[place].buckets.push((parsed, index));
    }
    found
}

fn for_metric(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(" for metric name {name:?}") }
}

/// Which histograms had buckets that counted less than a lower one: a note for each metric and not for each moment.
#[derive(Default)]
struct Mended(Vec<(String, Forced, usize)>);

impl Mended {
    fn add(&mut self, name: &str, forced: Forced) {
        match self.0.iter_mut().find(|(known, ..)| known == name) {
            Some((_, all, count)) => {
                all.from = all.from.min(forced.from);
                all.to = all.to.max(forced.to);
                all.difference = all.difference.max(forced.difference);
                *count += 1;
            }
            None => self.0.push((name.to_owned(), forced, 1)),
        }
    }

    fn tell(&self, context: &Context<'_>, span: Span) {
        const MEND: &str = "input to histogram_quantile needed to be fixed for monotonicity \
             (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";
        for (name, Forced { from, to, difference }, count) in &self.0 {
            let name = for_metric(name);
            let (from, to) = (number::format(*from), number::format(*to));
            let extent = format_args!(
                "from buckets {from} to {to}, with a max diff of {difference}, over {count} samples"
            );
            context.info(format_args!("{MEND}{name}, {extent}"), span);
        }
    }
}
