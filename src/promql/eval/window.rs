//! Range selection: for each moment, the samples after its start and up to its end.
//!
//! The samples of a series are read once for all moments. A window is a pair of places in them, which only move
//! forward, so that windows that overlap cost nothing to cut. Where the past is coarse, a window is made wide enough
//! to hold some samples, and the author of the query is told.

use crate::promql::ast::{Extension, MatrixSelector, Span};
use crate::promql::error::EvalError;
use crate::promql::eval::context::Context;
use crate::promql::eval::grid::{Grid, GridSeries, is_present};
use crate::promql::eval::selector::advance;
use crate::series::{Labels, Samples, is_stale};

/// How many samples a window should span where they are coarse.
const SAMPLES_IN_A_WINDOW: i64 = 4;

/// Series and the windows that are cut from each.
pub(crate) struct RangeVector {
    /// The series.
    pub(crate) series: Vec<RangeInput>,
    /// The windows.
    pub(crate) windows: Windows,
}

/// The samples of one series for all windows, without staleness markers.
pub(crate) struct RangeInput {
    /// The series.
    pub(crate) labels: Labels,
    /// Whether its name is dropped in the end.
    pub(crate) drop_name: bool,
    /// The times.
    pub(crate) times: Vec<i64>,
    /// The values, beside the times.
    pub(crate) values: Vec<f64>,
    /// How far apart the samples are, beside the times; empty where they are as they came.
    resolutions: Vec<i64>,
}

/// Where the windows of an evaluation lie.
#[derive(Clone, Copy)]
pub(crate) struct Windows {
    grid: Grid,
    range: i64,
    offset: i64,
    /// The end of all windows, offset included, where an `@` fixes it.
    fixed: Option<i64>,
    /// How far beside the range samples are looked for where a modifier asks for it.
    lookback: i64,
    /// The modifier.
    pub(crate) extension: Option<Extension>,
    /// Where the selector stands.
    pub(crate) span: Span,
}

/// A window over the samples of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The index of the first sample.
    pub(crate) from: usize,
    /// The index after the last sample.
    pub(crate) to: usize,
    /// The open start.
    pub(crate) start: i64,
    /// The end, which is in the window.
    pub(crate) end: i64,
}

impl Windows {
    /// The windows of a subquery.
    pub(crate) fn of_subquery(grid: Grid, range: i64, offset: i64, at: Option<i64>, span: Span) -> Self {
        let fixed = at.map(|at| at.saturating_sub(offset));
        Self { grid, range, offset, fixed, lookback: 0, extension: None, span }
    }

    /// The moments of the evaluation.
    pub(crate) fn grid(self) -> Grid {
        self.grid
    }

    /// The end of the window that belongs to a moment.
    #[inline]
    pub(crate) fn end(self, moment: i64) -> i64 {
        self.fixed.unwrap_or_else(|| moment.saturating_sub(self.offset))
    }

    /// The start of the first window and the end of the last one.
    pub(crate) fn bounds(self) -> (i64, i64) {
        (self.end(self.grid.start()).saturating_sub(self.range), self.end(self.grid.end()))
    }

    /// Cuts the window of each moment from a series, and gives it to `take` with the moment's index.
    pub(crate) fn cut(
        self,
        context: &Context<'_>,
        input: &RangeInput,
        mut take: impl FnMut(usize, Cut) -> Result<(), EvalError>,
    ) -> Result<(), EvalError> {
        let times = &input.times;
        // The samples at or before the start and the end, which tell the resolution, and both ends of the window.
        let (mut begun, mut ended, mut from, mut to) = (0, 0, 0, 0);
        let resolution_of = |count: usize| count.checked_sub(1).map_or(0, |last| input.resolution(last));
        // A sample from before a pause says nothing of what comes after it.
        let resolution_at = |count: usize, moment: i64| {
            let resolution = resolution_of(count);
            if resolution > 0 && moment - times[count - 1] < 2 * resolution { resolution } else { 0 }
        };
        let mut told = self.range;
        for (index, moment) in self.grid.times().enumerate() {
            let end = self.end(moment);
            ended = advance(times, ended, end);
            let asked = end.saturating_sub(self.range);
            begun = advance(times, begun, asked);
            let mut resolution = resolution_of(ended).max(resolution_at(begun, asked));
            let mut range = self.range;
            // Exactly, there is a difference however few samples there are, and a window that is wider than asked for
            // would take in what came before it.
            if self.extension != Some(Extension::Exact) {
                // What a wider window reaches can be coarser still.
                while resolution.saturating_mul(SAMPLES_IN_A_WINDOW) > range {
                    range = resolution.saturating_mul(SAMPLES_IN_A_WINDOW);
                    let start = end.saturating_sub(range);
                    let count = times.partition_point(|time| *time <= start);
                    resolution = resolution.max(resolution_at(count, start));
                }
            }
            let start = end.saturating_sub(range);
            let reach = self.lookback.max(resolution.saturating_mul(2));
            let (first, last) = match self.extension {
                None => (start, end),
                Some(Extension::Anchored | Extension::Exact) => (start.saturating_sub(reach), end),
                Some(Extension::Smoothed) => (start.saturating_sub(reach), end.saturating_add(reach)),
            };
            to = if to > 0 && times[to - 1] > last { 0 } else { to };
            to = advance(times, to, last);
            // A range that was widened more than the one before it starts earlier.
            from = if from > 0 && times[from - 1] > first { 0 } else { from };
            from = advance(times, from, first);
            if from == to {
                continue;
            }
            if range != told {
                told = range;
                self.tell(context, range, resolution);
            }
            take(index, Cut { from, to, start, end })?;
        }
        Ok(())
    }

    fn tell(self, context: &Context<'_>, range: i64, resolution: i64) {
        if range == self.range {
            return;
        }
        let (asked, given, apart) = (seconds(self.range), seconds(range), seconds(resolution));
        let message = format_args!(
            "range of {asked}s widened to {given}s, because samples of that age are {apart}s apart"
        );
        context.info(message, self.span);
    }
}

fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// The series of a range selector over a grid.
pub(crate) fn select(
    context: &Context<'_>,
    matrix: &MatrixSelector,
    grid: Grid,
) -> Result<RangeVector, EvalError> {
    let selector = &matrix.selector;
    let windows = Windows {
        grid,
        range: matrix.range,
        offset: selector.offset,
        fixed: selector.at.map(|at| context.moment(at).saturating_sub(selector.offset)),
        lookback: context.lookback(),
        extension: selector.extension,
        span: matrix.span,
    };
    let (mut from, mut to) = windows.bounds();
    if windows.extension.is_some() {
        from = from.saturating_sub(windows.lookback);
    }
    if windows.extension == Some(Extension::Smoothed) {
        to = to.saturating_add(windows.lookback);
    }
    let selected = context.select(&selector.matchers, from, to)?;
    let series = selected.into_iter().map(|found| RangeInput::new(found.labels, found.samples)).collect();
    Ok(RangeVector { series, windows })
}

impl RangeInput {
    fn new(labels: Labels, samples: Samples) -> Self {
        let coarse = samples.resolution(0) > 0;
        let mut input =
            Self { labels, drop_name: false, times: Vec::new(), values: Vec::new(), resolutions: Vec::new() };
        if coarse {
            let live = (0..samples.len()).filter(|index| !is_stale(samples.values[*index]));
            input.resolutions = live.map(|index| samples.resolution(index)).collect();
        }
        if samples.values.iter().any(|value| is_stale(*value)) {
            let both = samples.times.iter().zip(&samples.values).filter(|(_, value)| !is_stale(**value));
            (input.times, input.values) = both.unzip();
        } else {
            (input.times, input.values) = (samples.times, samples.values);
        }
        input
    }

    fn resolution(&self, index: usize) -> i64 {
        self.resolutions.get(index).copied().unwrap_or(0)
    }

    /// How far a sample is from the one before it, where the past is coarse; at the border of two resolutions that is
    /// the one behind.
    pub(crate) fn spacing(&self, index: usize) -> i64 {
        let behind = index.checked_sub(1).map_or(0, |before| {
            let resolution = self.resolution(before);
            let apart = self.times[index] - self.times[before];
            if apart < 2 * resolution { resolution } else { 0 }
        });
        behind.max(self.resolution(index))
    }

    /// The values of a subquery.
    pub(crate) fn of_subquery(series: GridSeries, grid: Grid) -> Self {
        let mut times = Vec::with_capacity(series.values.len());
        let mut values = series.values;
        let mut moments = grid.times();
        values.retain(|value| {
            let moment = moments.next();
            let keep = is_present(*value);
            times.extend(moment.filter(|_| keep));
            keep
        });
        Self { labels: series.labels, drop_name: series.drop_name, times, values, resolutions: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::limits::Limits;
    use crate::promql::query::Query;
    use crate::series::{STALE, Store};
    use std::sync::atomic::AtomicBool;
    use tower_watch_layers::clock::Clock;

    fn cuts(samples: Samples, grid: Grid, range: i64) -> (Vec<(Vec<i64>, i64)>, Vec<String>) {
        let (store, clock, cancel) = (Store::new(), Clock::fake().0, AtomicBool::new(false));
        let query = Query::parse("x").unwrap();
        let context = Context::new(&store, Limits::default(), &clock, &cancel, &query, (0, 0), false);
        let windows = Windows::of_subquery(grid, range, 0, None, Span::default());
        let input = RangeInput::new(Labels::default(), samples);
        let mut found = Vec::new();
        windows
            .cut(&context, &input, |_, cut| {
                found.push((input.times[cut.from..cut.to].to_vec(), cut.end - cut.start));
                Ok(())
            })
            .unwrap();
        (found, context.into_annotations().infos().to_vec())
    }

    #[test]
    fn a_window_is_open_at_its_start_and_has_no_markers() {
        let mut samples = Samples::default();
        for (time, value) in [(10, 1.0), (20, 2.0), (25, STALE), (30, 3.0)] {
            samples.push(time, value);
        }
        let (found, infos) = cuts(samples, Grid::new(10, 50, 10).unwrap(), 20);
        let expected = [(vec![10], 20), (vec![10, 20], 20), (vec![20, 30], 20), (vec![30], 20)];
        assert_eq!(found, expected);
        assert!(infos.is_empty());
    }

    #[test]
    fn a_window_across_the_border_of_the_coarse_past_is_widened_as_that_needs() {
        let mut samples = Samples::default();
        samples.begin_tier(10_000);
        (0..6).for_each(|index| samples.push(index * 10_000, 1.0));
        samples.begin_tier(1_000);
        (51..60).for_each(|index| samples.push(index * 1_000, 1.0));
        // It begins in the coarse part; and it does so only because the fine part needs a wider one.
        for range in [5_000, 1_500] {
            let (found, _) = cuts(samples.clone(), Grid::new(53_000, 53_000, 1).unwrap(), range);
            assert_eq!(
                found,
                [(vec![20_000, 30_000, 40_000, 50_000, 51_000, 52_000, 53_000], 40_000)],
                "{range}"
            );
        }
    }

    #[test]
    fn a_window_after_a_pause_is_as_wide_as_its_own_samples_need() {
        let mut samples = Samples::default();
        samples.begin_tier(10_000);
        (0..6).for_each(|index| samples.push(index * 10_000, 1.0));
        samples.begin_tier(1_000);
        (100..110).for_each(|index| samples.push(index * 1_000, 1.0));
        let (found, infos) = cuts(samples, Grid::new(102_000, 102_000, 1).unwrap(), 5_000);
        assert_eq!(found, [(vec![100_000, 101_000, 102_000], 5_000)]);
        assert!(infos.is_empty());
    }

    #[test]
    fn a_window_over_a_coarse_past_is_widened_and_says_so() {
        let mut samples = Samples::default();
        samples.begin_tier(10_000);
        (0..6).for_each(|index| samples.push(index * 10_000, 1.0));
        samples.begin_tier(1_000);
        (51..60).for_each(|index| samples.push(index * 1_000, 1.0));
        let (found, infos) = cuts(samples, Grid::new(50_000, 58_000, 8_000).unwrap(), 5_000);
        assert_eq!(found[0], (vec![20_000, 30_000, 40_000, 50_000], 40_000));
        assert_eq!(found[1], ((54..=58).map(|index| index * 1_000).collect(), 5_000));
        assert_eq!(
            infos,
            ["PromQL info: range of 5s widened to 40s, because samples of that age are 10s apart (1:1)"]
        );
    }
}
