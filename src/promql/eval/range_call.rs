//! Functions over windows: `rate`, `avg_over_time` and the like.
//!
//! A counter's resets are looked for once for a series and not once for a window, so that a long range at a small step
//! costs what its windows' ends cost.

use crate::promql::ast::{Extension, Span};
use crate::promql::error::EvalError;
use crate::promql::eval::context::Context;
use crate::promql::eval::grid::{ABSENT, GridSeries};
use crate::promql::eval::window::{Cut, RangeInput, RangeVector, Windows};
use crate::promql::functions::counter::{self, Change};
use crate::promql::functions::window::Window;
use crate::promql::functions::{Function, extended, over_time, trend};

/// What a counter's name ends in.
const COUNTER_ENDINGS: [&str; 4] = ["_total", "_sum", "_count", "_bucket"];

/// A function over the windows of each series. `parameter` has a value for each moment where the function takes one.
pub(crate) fn call(
    context: &Context<'_>,
    function: Function,
    range: RangeVector,
    parameter: Option<&[f64]>,
    argument: Span,
) -> Result<Vec<GridSeries>, EvalError> {
    let windows = range.windows;
    check_extension(function, windows.extension)?;
    let mut output = Vec::with_capacity(range.series.len());
    for input in range.series {
        context.hold(windows.grid().len())?;
        let values = match change(function) {
            Some(change) => changes(context, change, &input, windows)?,
            None => fold(context, function, &input, windows, parameter)?,
        };
        let drop_name = input.drop_name || function != Function::LastOverTime;
        let series = GridSeries { labels: input.labels, drop_name, values };
        if !series.has_values() {
            context.release(windows.grid().len());
            continue;
        }
        if matches!(function, Function::Rate | Function::Increase) {
            doubt_counter(context, series.labels.name(), argument);
        }
        output.push(series);
    }
    Ok(output)
}

/// `absent_over_time`: at which moments no series has a sample in its window.
pub(crate) fn absent(context: &Context<'_>, range: &RangeVector) -> Result<Vec<f64>, EvalError> {
    let mut values = vec![1.0; range.windows.grid().len()];
    for input in &range.series {
        range.windows.cut(context, input, |step, _| {
            values[step] = ABSENT;
            Ok(())
        })?;
    }
    Ok(values)
}

fn change(function: Function) -> Option<Change> {
    match function {
        Function::Rate => Some(Change::Rate),
        Function::Increase => Some(Change::Increase),
        Function::Delta => Some(Change::Delta),
        _ => None,
    }
}

fn check_extension(function: Function, extension: Option<Extension>) -> Result<(), EvalError> {
    let ends = change(function).is_some();
    let pairs = matches!(function, Function::Changes | Function::Resets);
    let message = match extension {
        Some(Extension::Anchored) if !ends && !pairs => {
            "anchored modifier can only be used with: changes, delta, increase, rate, resets - not with"
        }
        Some(Extension::Smoothed) if !ends => {
            "smoothed modifier can only be used with: delta, increase, rate - not with"
        }
        Some(Extension::Exact) if !ends => {
            "exact ranges can only be used with: delta, increase, rate - not with"
        }
        _ => return Ok(()),
    };
    Err(EvalError::Execution(format!("{message} {}", function.name())))
}

fn doubt_counter(context: &Context<'_>, name: Option<&str>, argument: Span) {
    if let Some(name) = name
        && !COUNTER_ENDINGS.iter().any(|ending| name.ends_with(ending))
    {
        let endings = "metric might not be a counter, name does not end in _total/_sum/_count/_bucket:";
        context.info(format_args!("{endings} {name:?}"), argument);
    }
}

fn window(input: &RangeInput, cut: Cut) -> Window<'_> {
    let part = cut.from..cut.to;
    Window {
        times: &input.times[part.clone()],
        values: &input.values[part],
        start: cut.start,
        end: cut.end,
        coarse: input.spacing(cut.from),
    }
}

/// `rate`, `increase` and `delta`.
fn changes(
    context: &Context<'_>,
    change: Change,
    input: &RangeInput,
    windows: Windows,
) -> Result<Vec<f64>, EvalError> {
    let mut values = vec![ABSENT; windows.grid().len()];
    let mut put = |step: usize, value: Option<f64>| {
        if let Some(value) = value {
            values[step] = value;
        }
    };
    match windows.extension {
        None => {
            let resets = Resets::of(input, change);
            let mut passed = 0;
            windows.cut(context, input, |step, cut| {
                context.read(1)?;
                let correction = resets.within(cut, &mut passed);
                put(step, counter::extrapolated(&window(input, cut), change, correction));
                Ok(())
            })?;
        }
        Some(extension) => {
            let ends = match extension {
                Extension::Anchored => extended::anchored,
                Extension::Smoothed => extended::smoothed,
                Extension::Exact => extended::exact,
            };
            windows.cut(context, input, |step, cut| {
                context.read(cut.to - cut.from)?;
                put(step, ends(&window(input, cut), change));
                Ok(())
            })?;
        }
    }
    Ok(values)
}

/// The resets of a counter: the index of the sample after each, and what had been reached before.
struct Resets(Vec<(usize, f64)>);

impl Resets {
    fn of(input: &RangeInput, change: Change) -> Self {
        if !change.of_counter() {
            return Self(Vec::new());
        }
        let pairs = input.values.windows(2).enumerate();
        Self(pairs.filter(|(_, pair)| pair[1] < pair[0]).map(|(index, pair)| (index + 1, pair[0])).collect())
    }

    /// What the resets between the samples of a window took away. `passed` resets lie before the window for good.
    fn within(&self, cut: Cut, passed: &mut usize) -> f64 {
        if self.0.is_empty() {
            return 0.0;
        }
        // A reset at the first sample took away what is outside. A widened window can start before the last one.
        while *passed > 0 && self.0[*passed - 1].0 > cut.from {
            *passed -= 1;
        }
        while *passed < self.0.len() && self.0[*passed].0 <= cut.from {
            *passed += 1;
        }
        let inside = self.0[*passed..].iter().take_while(|(index, _)| *index < cut.to);
        inside.fold(0.0, |sum, (_, reached)| sum + reached)
    }
}

/// Everything else: a value from the samples of the window.
fn fold(
    context: &Context<'_>,
    function: Function,
    input: &RangeInput,
    windows: Windows,
    parameter: Option<&[f64]>,
) -> Result<Vec<f64>, EvalError> {
    let grid = windows.grid();
    let mut values = vec![ABSENT; grid.len()];
    let anchored = windows.extension.is_some();
    windows.cut(context, input, |step, cut| {
        context.read(cut.to - cut.from)?;
        let window = window(input, cut);
        let parameter = parameter.map_or(f64::NAN, |parameter| parameter[step]);
        let value = match function {
            Function::AvgOverTime => over_time::avg(window.values),
            Function::SumOverTime => over_time::sum(window.values),
            Function::MinOverTime => over_time::min(window.values),
            Function::MaxOverTime => over_time::max(window.values),
            Function::CountOverTime => over_time::count(window.values),
            Function::LastOverTime => over_time::last(window.values),
            Function::PresentOverTime => over_time::present(window.values),
            Function::StddevOverTime => over_time::stddev(window.values),
            Function::StdvarOverTime => over_time::stdvar(window.values),
            Function::QuantileOverTime => over_time::quantile(parameter, window.values),
            Function::Changes if anchored => extended::anchored_changes(&window),
            Function::Changes => counter::changes(window.values),
            Function::Resets if anchored => extended::anchored_resets(&window),
            Function::Resets => counter::resets(window.values),
            Function::Irate => counter::instant_rate(&window),
            Function::Idelta => counter::instant_delta(&window),
            Function::Deriv => trend::deriv(&window),
            Function::PredictLinear => trend::predict(&window, grid.time(step), parameter),
            // All other functions take vectors or numbers.
            _ => None,
        };
        if let Some(value) = value {
            values[step] = value;
        }
        Ok(())
    })?;
    Ok(values)
}
