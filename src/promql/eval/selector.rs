//! Instant selectors: at each moment the last sample that is not too old.
//!
//! A sample is the value of its series until the next one, a staleness marker, or for as long as the lookback says;
//! twice the distance of the samples where the past is coarse, so that it has no holes.

use crate::promql::ast::{Extension, VectorSelector};
use crate::promql::error::EvalError;
use crate::promql::eval::context::Context;
use crate::promql::eval::grid::{ABSENT, Grid, GridSeries};
use crate::promql::functions::extended::smoothed_at;
use crate::promql::functions::window::Window;
use crate::series::{Samples, is_stale};

/// The values that a selector has, or their times in seconds, which is what `timestamp` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Select {
    Values,
    Times,
}

/// The series of a selector over a grid.
pub(crate) fn select(
    context: &Context<'_>,
    selector: &VectorSelector,
    grid: Grid,
    what: Select,
) -> Result<Vec<GridSeries>, EvalError> {
    let moments = Moments::new(context, selector, grid);
    let lookback = context.lookback();
    let smoothed = selector.extension == Some(Extension::Smoothed);
    // What is read reaches back to the last sample before, and for one moment that is all there is to know.
    let first = moments.first();
    let from = if first == moments.last() && !smoothed { first } else { first.saturating_sub(lookback) };
    let to = if smoothed { moments.last().saturating_add(lookback) } else { moments.last() };
    let selected = context.select(&selector.matchers, from, to)?;
    let mut series = Vec::with_capacity(selected.len());
    for found in selected {
        context.hold(grid.len())?;
        let mut values = if smoothed {
            interpolated(&found.samples, moments, lookback)
        } else {
            last_before(&found.samples, moments, lookback, what)
        };
        if values.iter().all(|value| is_stale(*value)) {
            context.release(grid.len());
            continue;
        }
        if moments.fixed.is_some() {
            values = vec![values[0]; grid.len()];
        }
        if smoothed && what == Select::Times {
            spread_times(&mut values, grid);
        }
        series.push(GridSeries { labels: found.labels, drop_name: false, values });
    }
    Ok(series)
}

/// The moments at which a selector looks, offset and `@` applied.
#[derive(Clone, Copy)]
struct Moments {
    grid: Grid,
    offset: i64,
    fixed: Option<i64>,
}

impl Moments {
    fn new(context: &Context<'_>, selector: &VectorSelector, grid: Grid) -> Self {
        let fixed = selector.at.map(|at| context.moment(at).saturating_sub(selector.offset));
        Self { grid: if fixed.is_some() { grid.first() } else { grid }, offset: selector.offset, fixed }
    }

    fn first(self) -> i64 {
        self.time(self.grid.start())
    }

    fn last(self) -> i64 {
        self.time(self.grid.end())
    }

    fn time(self, time: i64) -> i64 {
        self.fixed.unwrap_or_else(|| time.saturating_sub(self.offset))
    }

    fn times(self) -> impl Iterator<Item = i64> {
        self.grid.times().map(move |time| self.time(time))
    }
}

fn last_before(samples: &Samples, moments: Moments, lookback: i64, what: Select) -> Vec<f64> {
    let mut next = 0;
    let times = &samples.times;
    let mut values = Vec::with_capacity(moments.grid.len());
    for moment in moments.times() {
        next = advance(times, next, moment);
        let last = next.checked_sub(1);
        let fresh = last.filter(|last| times[*last] > moment.saturating_sub(reach(samples, *last, lookback)));
        // The marker of a series that has ended is the absent value too.
        let value = fresh.map_or(ABSENT, |last| samples.values[last]);
        let value = match (what, fresh) {
            (Select::Times, Some(last)) if !is_stale(value) => times[last] as f64 / 1000.0,
            _ => value,
        };
        values.push(value);
    }
    values
}

/// How long before a moment a sample may lie.
fn reach(samples: &Samples, index: usize, lookback: i64) -> i64 {
    lookback.max(samples.resolution(index).saturating_mul(2))
}

/// The number of times that are at or before a moment; at least `from` of them are.
#[inline]
pub(crate) fn advance(times: &[i64], from: usize, moment: i64) -> usize {
    // A few steps at a time is what a range query moves by; from far away it is found by halving.
    const NEAR: usize = 16;
    let near = (from + NEAR).min(times.len());
    let mut at = from;
    while at < near && times[at] <= moment {
        at += 1;
    }
    if at < near || near == times.len() {
        at
    } else {
        at + times[at..].partition_point(|time| *time <= moment)
    }
}

/// As `smoothed` is defined: a line between the samples around a moment, the last sample where none follows.
fn interpolated(samples: &Samples, moments: Moments, lookback: i64) -> Vec<f64> {
    let live: Vec<usize> = (0..samples.len()).filter(|index| !is_stale(samples.values[*index])).collect();
    let times: Vec<i64> = live.iter().map(|index| samples.times[*index]).collect();
    let values: Vec<f64> = live.iter().map(|index| samples.values[*index]).collect();
    let mut ended = 0;
    let (mut from, mut to) = (0, 0);
    let at = |moment: i64| {
        ended = advance(&times, ended, moment);
        let reach = ended.checked_sub(1).map_or(lookback, |last| reach(samples, live[last], lookback));
        let (start, end) = (moment.saturating_sub(reach), moment.saturating_add(reach));
        // Where samples get denser, the next moment reaches less far.
        to = if to > 0 && times[to - 1] > end { 0 } else { to };
        (from, to) = (advance(&times, from, start), advance(&times, to, end));
        let window = Window { times: &times[from..to], values: &values[from..to], start, end, coarse: 0 };
        smoothed_at(&window, moment).unwrap_or(ABSENT)
    };
    moments.times().map(at).collect()
}

/// An interpolated value has no time but that of the evaluation.
fn spread_times(values: &mut [f64], grid: Grid) {
    for (value, time) in values.iter_mut().zip(grid.times()) {
        if !is_stale(*value) {
            *value = time as f64 / 1000.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::STALE;

    fn values(samples: &Samples, grid: Grid) -> Vec<Option<f64>> {
        let moments = Moments { grid, offset: 0, fixed: None };
        let all = last_before(samples, moments, 5_000, Select::Values);
        all.into_iter().map(|value| (!is_stale(value)).then_some(value)).collect()
    }

    #[test]
    fn a_sample_holds_until_the_lookback_the_next_one_or_a_marker() {
        let mut samples = Samples::default();
        samples.push(1_000, 1.0);
        samples.push(8_000, 2.0);
        samples.push(9_000, STALE);
        let grid = Grid::new(0, 10_000, 1_000).unwrap();
        let one = [None, Some(1.0), Some(1.0), Some(1.0), Some(1.0), Some(1.0)];
        assert_eq!(values(&samples, grid), [&one[..], &[None, None, Some(2.0), None, None]].concat());
    }

    #[test]
    fn a_coarse_sample_holds_for_twice_the_distance() {
        let mut samples = Samples::default();
        samples.begin_tier(60_000);
        samples.push(0, 1.0);
        samples.begin_tier(0);
        samples.push(200_000, 2.0);
        let grid = Grid::new(119_999, 120_000, 1).unwrap();
        assert_eq!(values(&samples, grid), [Some(1.0), None]);
        let grid = Grid::new(204_999, 205_000, 1).unwrap();
        assert_eq!(values(&samples, grid), [Some(2.0), None]);
    }

    #[test]
    fn advancing_finds_the_same_place_near_and_far() {
        let times: Vec<i64> = (0..100).map(|index| index * 10).collect();
        for moment in [-1, 0, 5, 10, 155, 160, 165, 500, 990, 2_000] {
            for from in [0, 1] {
                let found = advance(&times, from, moment);
                assert_eq!(
                    found,
                    times.partition_point(|time| *time <= moment).max(from),
                    "{moment} from {from}"
                );
            }
        }
    }
}
