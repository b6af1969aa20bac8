//! The walk over the tree: arguments first, then what is done with them, each at all moments at once.

use crate::promql::ast::{AggregateOp, Aggregation, Binary, BinaryOp, Call, Expr, Subquery, UnaryOp};
use crate::promql::error::EvalError;
use crate::promql::eval::binary::{self, Side};
use crate::promql::eval::context::Context;
use crate::promql::eval::grid::{Grid, GridSeries, is_present};
use crate::promql::eval::merge::drop_names;
use crate::promql::eval::selector::{self, Select};
use crate::promql::eval::window::{self, RangeVector};
use crate::promql::eval::{
    aggregate, histogram_call, matching, range_call, rank, set, subquery, vector_call,
};
use crate::promql::functions::Function;
use crate::promql::value::ValueType;

/// What a part of an expression gives over a grid.
pub(crate) enum Evaluated {
    /// A number for each moment.
    Scalar(Vec<f64>),
    /// Series.
    Vector(Vec<GridSeries>),
    /// A text.
    Text(String),
}

impl Evaluated {
    fn size(&self) -> usize {
        match self {
            Self::Scalar(values) => values.len(),
            Self::Vector(series) => series.iter().map(|series| series.values.len()).sum(),
            Self::Text(_) => 0,
        }
    }

    /// The same at each moment.
    fn spread(self, context: &Context<'_>, len: usize) -> Result<Self, EvalError> {
        context.hold(self.size().saturating_mul(len))?;
        Ok(match self {
            Self::Scalar(values) => Self::Scalar(vec![values[0]; len]),
            Self::Vector(mut series) => {
                for one in &mut series {
                    one.values = vec![one.values[0]; len];
                }
                Self::Vector(series)
            }
            Self::Text(text) => Self::Text(text),
        })
    }
}

/// Evaluates what is no range vector.
pub(crate) fn evaluate(context: &Context<'_>, expr: &Expr, grid: Grid) -> Result<Evaluated, EvalError> {
    let mut expr = expr;
    while let Expr::Paren(inner, _) = expr {
        expr = inner;
    }
    // A tree of many small parts takes its time too.
    context.check()?;
    let before = context.held();
    let evaluated = if grid.len() > 1 && is_fixed(expr) {
        node(context, expr, grid.first())?.spread(context, grid.len())?
    } else {
        node(context, expr, grid)?
    };
    let evaluated = match evaluated {
        Evaluated::Vector(series) if !context.keeps_names() && series.iter().any(|one| one.drop_name) => {
            Evaluated::Vector(drop_names(series)?)
        }
        other => other,
    };
    context.settle(before.saturating_add(evaluated.size()))?;
    Ok(evaluated)
}

/// Evaluates a range vector.
pub(crate) fn range_vector(context: &Context<'_>, expr: &Expr, grid: Grid) -> Result<RangeVector, EvalError> {
    match expr {
        Expr::Paren(inner, _) => range_vector(context, inner, grid),
        Expr::Matrix(matrix) => window::select(context, matrix, grid),
        Expr::Subquery(subquery) => subquery_vector(context, subquery, grid),
        other => Err(mistyped(other, ValueType::Matrix)),
    }
}

fn subquery_vector(context: &Context<'_>, subquery: &Subquery, grid: Grid) -> Result<RangeVector, EvalError> {
    let (windows, moments) = subquery::moments(context, subquery, grid)?;
    let Some(moments) = moments else {
        return Ok(RangeVector { series: Vec::new(), windows });
    };
    let series = match evaluate(context, &subquery.expr, moments)? {
        Evaluated::Vector(series) => series,
        Evaluated::Scalar(values) => vector_call::vector(values),
        Evaluated::Text(_) => return Err(mistyped(&subquery.expr, ValueType::Vector)),
    };
    subquery::collect(context, series, moments, windows)
}

fn node(context: &Context<'_>, expr: &Expr, grid: Grid) -> Result<Evaluated, EvalError> {
    Ok(match expr {
        Expr::Number(value, _) | Expr::Duration(value, _) => Evaluated::Scalar(vec![*value; grid.len()]),
        Expr::String(text, _) => Evaluated::Text(text.clone()),
        Expr::Paren(inner, _) => evaluate(context, inner, grid)?,
        Expr::Selector(selector) => {
            Evaluated::Vector(selector::select(context, selector, grid, Select::Values)?)
        }
        Expr::Unary(op, inner, _) => unary(*op, evaluate(context, inner, grid)?),
        Expr::Binary(binary) => binary_node(context, binary, grid)?,
        Expr::Aggregation(aggregation) => Evaluated::Vector(aggregation_node(context, aggregation, grid)?),
        Expr::Call(call) => call_node(context, call, grid)?,
        Expr::Matrix(_) | Expr::Subquery(_) => return Err(mistyped(expr, ValueType::Vector)),
    })
}

fn mistyped(expr: &Expr, wanted: ValueType) -> EvalError {
    let (wanted, found) = (wanted.describe(), expr.value_type().describe());
    EvalError::Execution(format!("expected type {wanted}, got {found}"))
}

fn scalar(context: &Context<'_>, expr: &Expr, grid: Grid) -> Result<Vec<f64>, EvalError> {
    match evaluate(context, expr, grid)? {
        Evaluated::Scalar(values) => Ok(values),
        _ => Err(mistyped(expr, ValueType::Scalar)),
    }
}

fn vector(context: &Context<'_>, expr: &Expr, grid: Grid) -> Result<Vec<GridSeries>, EvalError> {
    match evaluate(context, expr, grid)? {
        Evaluated::Vector(series) => Ok(series),
        _ => Err(mistyped(expr, ValueType::Vector)),
    }
}

fn text(context: &Context<'_>, expr: &Expr, grid: Grid) -> Result<String, EvalError> {
    match evaluate(context, expr, grid)? {
        Evaluated::Text(text) => Ok(text),
        _ => Err(mistyped(expr, ValueType::String)),
    }
}

/// Whether an expression has the same value at each moment of the query, and what it costs can be paid once.
fn is_fixed(expr: &Expr) -> bool {
    match expr {
        Expr::Number(..) | Expr::Duration(..) | Expr::String(..) => true,
        Expr::Selector(selector) => selector.at.is_some(),
        Expr::Matrix(matrix) => matrix.selector.at.is_some(),
        Expr::Subquery(subquery) => subquery.at.is_some(),
        Expr::Call(call) => !reads_clock(call.function) && call.args.iter().all(is_fixed),
        Expr::Aggregation(aggregation) => {
            is_fixed(&aggregation.expr) && aggregation.param.as_deref().is_none_or(is_fixed)
        }
        Expr::Binary(binary) => is_fixed(&binary.lhs) && is_fixed(&binary.rhs),
        Expr::Unary(_, inner, _) | Expr::Paren(inner, _) => is_fixed(inner),
    }
}

/// Whether a function can depend on the moment, and not only on its arguments.
fn reads_clock(function: Function) -> bool {
    use Function::{
        DayOfMonth, DayOfWeek, DayOfYear, DaysInMonth, Hour, Minute, Month, PredictLinear, Time, Timestamp,
        Year,
    };
    matches!(
        function,
        DayOfMonth
            | DayOfWeek
            | DayOfYear
            | DaysInMonth
            | Hour
            | Minute
            | Month
            | PredictLinear
            | Time
            | Timestamp
            | Year
    )
}

fn unary(op: UnaryOp, operand: Evaluated) -> Evaluated {
    match (op, operand) {
        (UnaryOp::Minus, Evaluated::Scalar(values)) => {
            Evaluated::Scalar(values.into_iter().map(|value| -value).collect())
        }
        (UnaryOp::Minus, Evaluated::Vector(mut series)) => {
            for one in &mut series {
                for value in one.values.iter_mut().filter(|value| is_present(**value)) {
                    *value = -*value;
                }
                one.drop_name = true;
            }
            Evaluated::Vector(series)
        }
        (_, operand) => operand,
    }
}

fn binary_node(context: &Context<'_>, binary: &Binary, grid: Grid) -> Result<Evaluated, EvalError> {
    let lhs = evaluate(context, &binary.lhs, grid)?;
    let rhs = evaluate(context, &binary.rhs, grid)?;
    let (op, bool_modifier) = (binary.op, binary.bool_modifier);
    Ok(match (lhs, rhs) {
        (Evaluated::Scalar(lhs), Evaluated::Scalar(rhs)) => Evaluated::Scalar(binary::scalars(op, lhs, &rhs)),
        (Evaluated::Vector(lhs), Evaluated::Scalar(rhs)) => {
            Evaluated::Vector(binary::vector_scalar(op, bool_modifier, lhs, &rhs, Side::Right))
        }
        (Evaluated::Scalar(lhs), Evaluated::Vector(rhs)) => {
            Evaluated::Vector(binary::vector_scalar(op, bool_modifier, rhs, &lhs, Side::Left))
        }
        (Evaluated::Vector(lhs), Evaluated::Vector(rhs)) => {
            Evaluated::Vector(vectors(context, binary, lhs, rhs)?)
        }
        (Evaluated::Text(_), _) => return Err(mistyped(&binary.lhs, ValueType::Vector)),
        (_, Evaluated::Text(_)) => return Err(mistyped(&binary.rhs, ValueType::Vector)),
    })
}

fn vectors(
    context: &Context<'_>,
    binary: &Binary,
    lhs: Vec<GridSeries>,
    rhs: Vec<GridSeries>,
) -> Result<Vec<GridSeries>, EvalError> {
    let Some(matching) = &binary.matching else {
        return Err(EvalError::Execution("an operator between vectors needs to know how they match".into()));
    };
    match binary.op {
        BinaryOp::And => set::and(context, lhs, &rhs, matching),
        BinaryOp::Or => set::or(context, lhs, rhs, matching),
        BinaryOp::Unless => set::unless(context, lhs, &rhs, matching),
        _ => matching::vectors(context, binary, matching, &lhs, &rhs),
    }
}

fn aggregation_node(
    context: &Context<'_>,
    aggregation: &Aggregation,
    grid: Grid,
) -> Result<Vec<GridSeries>, EvalError> {
    let Aggregation { op, grouping, .. } = aggregation;
    let Some(param) = aggregation.param.as_deref() else {
        let series = vector(context, &aggregation.expr, grid)?;
        return aggregate::simple(context, *op, grouping, &series);
    };
    if *op == AggregateOp::CountValues {
        let label = text(context, param, grid)?;
        let series = vector(context, &aggregation.expr, grid)?;
        return aggregate::count_values(context, grouping, &series, &label);
    }
    let numbers = scalar(context, param, grid)?;
    let series = vector(context, &aggregation.expr, grid)?;
    match op {
        AggregateOp::Topk | AggregateOp::Bottomk => rank::rank(context, *op, grouping, series, &numbers),
        _ => aggregate::quantiles(context, grouping, &series, &numbers, param.span()),
    }
}

/// A function's call. Each kind has a function of its own, so that what nests deeply takes little of the stack.
fn call_node(context: &Context<'_>, call: &Call, grid: Grid) -> Result<Evaluated, EvalError> {
    let series = match call.function {
        Function::Time => return Ok(Evaluated::Scalar(vector_call::time(grid))),
        Function::Pi => return Ok(Evaluated::Scalar(vec![std::f64::consts::PI; grid.len()])),
        Function::Scalar => return scalar_call(context, call, grid),
        Function::Vector => vector_call::vector(scalar(context, argument(call, 0)?, grid)?),
        Function::Timestamp => timestamp(context, argument(call, 0)?, grid)?,
        Function::Absent | Function::AbsentOverTime => absent_call(context, call, grid)?,
        Function::Sort | Function::SortDesc => sort_call(context, call, grid)?,
        Function::LabelReplace | Function::LabelJoin => label_call(context, call, grid)?,
        Function::HistogramQuantile => quantile_call(context, call, grid)?,
        Function::HistogramFraction => fraction_call(context, call, grid)?,
        _ => match call.function.args().iter().position(|kind| *kind == ValueType::Matrix) {
            Some(place) => over_windows(context, call, argument(call, place)?, grid)?,
            None => pointwise(context, call, grid)?,
        },
    };
    Ok(Evaluated::Vector(series))
}

fn argument(call: &Call, place: usize) -> Result<&Expr, EvalError> {
    let missing = || EvalError::Execution(format!("{} has too few arguments", call.function.name()));
    call.args.get(place).ok_or_else(missing)
}

fn scalar_call(context: &Context<'_>, call: &Call, grid: Grid) -> Result<Evaluated, EvalError> {
    let series = vector(context, argument(call, 0)?, grid)?;
    Ok(Evaluated::Scalar(vector_call::scalar(&series, grid.len())))
}

fn absent_call(context: &Context<'_>, call: &Call, grid: Grid) -> Result<Vec<GridSeries>, EvalError> {
    let argument = argument(call, 0)?;
    let values = if call.function == Function::Absent {
        vector_call::absent(&vector(context, argument, grid)?, grid.len())
    } else {
        range_call::absent(context, &range_vector(context, argument, grid)?)?
    };
    let labels = vector_call::absent_labels(argument);
    let mut series = vec![GridSeries { labels, drop_name: false, values }];
    series.retain(GridSeries::has_values);
    Ok(series)
}

fn sort_call(context: &Context<'_>, call: &Call, grid: Grid) -> Result<Vec<GridSeries>, EvalError> {
    let series = vector(context, argument(call, 0)?, grid)?;
    Ok(vector_call::sort(context, series, call.function == Function::SortDesc, grid, call.span))
}

fn label_call(context: &Context<'_>, call: &Call, grid: Grid) -> Result<Vec<GridSeries>, EvalError> {
    let series = vector(context, argument(call, 0)?, grid)?;
    let texts: Result<Vec<_>, _> =
        call.args.iter().skip(1).map(|argument| text(context, argument, grid)).collect();
    if call.function == Function::LabelReplace {
        vector_call::label_replace(context, series, &texts?)
    } else {
        vector_call::label_join(context, series, &texts?)
    }
}

fn quantile_call(context: &Context<'_>, call: &Call, grid: Grid) -> Result<Vec<GridSeries>, EvalError> {
    let (q, buckets) = (argument(call, 0)?, argument(call, 1)?);
    let numbers = scalar(context, q, grid)?;
    let series = vector(context, buckets, grid)?;
    histogram_call::quantile(context, &numbers, q.span(), &series, buckets.span())
}

fn fraction_call(context: &Context<'_>, call: &Call, grid: Grid) -> Result<Vec<GridSeries>, EvalError> {
    let lower = scalar(context, argument(call, 0)?, grid)?;
    let upper = scalar(context, argument(call, 1)?, grid)?;
    let buckets = argument(call, 2)?;
    let series = vector(context, buckets, grid)?;
    histogram_call::fraction(context, &lower, &upper, &series, buckets.span())
}

/// Of a selector the times of its samples; of everything else the moment.
fn timestamp(context: &Context<'_>, argument: &Expr, grid: Grid) -> Result<Vec<GridSeries>, EvalError> {
    match argument {
        Expr::Paren(inner, _) => timestamp(context, inner, grid),
        Expr::Selector(selector) => {
            let mut series = selector::select(context, selector, grid, Select::Times)?;
            for one in &mut series {
                one.drop_name = true;
            }
            Ok(series)
        }
        other => Ok(vector_call::timestamp(vector(context, other, grid)?, grid)),
    }
}

fn over_windows(
    context: &Context<'_>,
    call: &Call,
    argument: &Expr,
    grid: Grid,
) -> Result<Vec<GridSeries>, EvalError> {
    let parameter = call.args.iter().find(|argument| argument.value_type() == ValueType::Scalar);
    let parameter = parameter.map(|parameter| Ok((scalar(context, parameter, grid)?, parameter.span())));
    let parameter = parameter.transpose()?;
    if let (Function::QuantileOverTime, Some((q, span))) = (call.function, &parameter) {
        aggregate::warn_of_quantiles(context, q, *span)?;
    }
    let range = range_vector(context, argument, grid)?;
    let parameter = parameter.as_ref().map(|(values, _)| values.as_slice());
    range_call::call(context, call.function, range, parameter, argument.span())
}

fn pointwise(context: &Context<'_>, call: &Call, grid: Grid) -> Result<Vec<GridSeries>, EvalError> {
    let series = match call.args.first() {
        Some(argument) => vector(context, argument, grid)?,
        // Only dates can do without: that of the moment.
        None => vector_call::vector(vector_call::time(grid)),
    };
    let parameters: Result<Vec<_>, _> =
        call.args.iter().skip(1).map(|argument| scalar(context, argument, grid)).collect();
    vector_call::pointwise(call.function, series, &parameters?).ok_or_else(|| {
        EvalError::Execution(format!("{} is not a function of a vector", call.function.name()))
    })
}
