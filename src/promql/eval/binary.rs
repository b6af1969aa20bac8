//! Binary operators on numbers, and between a vector and a number.

use crate::promql::ast::BinaryOp;
use crate::promql::eval::grid::{ABSENT, GridSeries, is_present};

/// What an arithmetic operator gives; a comparison gives 1 or 0.
#[inline]
pub(crate) fn apply(op: BinaryOp, lhs: f64, rhs: f64) -> f64 {
    match op {
        BinaryOp::Add => lhs + rhs,
        BinaryOp::Sub => lhs - rhs,
        BinaryOp::Mul => lhs * rhs,
        BinaryOp::Div => lhs / rhs,
        BinaryOp::Mod => lhs % rhs,
        BinaryOp::Pow => lhs.powf(rhs),
        BinaryOp::Atan2 => lhs.atan2(rhs),
        _ => f64::from(u8::from(holds(op, lhs, rhs))),
    }
}

fn holds(op: BinaryOp, lhs: f64, rhs: f64) -> bool {
    match op {
        BinaryOp::Eq => lhs == rhs,
        BinaryOp::Ne => lhs != rhs,
        BinaryOp::Gt => lhs > rhs,
        BinaryOp::Lt => lhs < rhs,
        BinaryOp::Ge => lhs >= rhs,
        BinaryOp::Le => lhs <= rhs,
        // The set operators never come here: they look at labels only.
        _ => false,
    }
}

/// What stays of a pair of values: the result, or the left value where a comparison filters.
#[inline]
pub(crate) fn combine(op: BinaryOp, bool_modifier: bool, lhs: f64, rhs: f64) -> f64 {
    if !op.is_comparison() || bool_modifier {
        apply(op, lhs, rhs)
    } else if holds(op, lhs, rhs) {
        lhs
    } else {
        ABSENT
    }
}

/// Two numbers.
pub(crate) fn scalars(op: BinaryOp, mut lhs: Vec<f64>, rhs: &[f64]) -> Vec<f64> {
    for (left, right) in lhs.iter_mut().zip(rhs) {
        *left = apply(op, *left, *right);
    }
    lhs
}

/// On which side the number of an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// A vector and a number. What a comparison keeps is the vector's value, on whichever side it stands.
pub(crate) fn vector_scalar(
    op: BinaryOp,
    bool_modifier: bool,
    mut vector: Vec<GridSeries>,
    scalar: &[f64],
    side: Side,
) -> Vec<GridSeries> {
    let filters = op.is_comparison() && !bool_modifier;
    for series in &mut vector {
        for (value, number) in series.values.iter_mut().zip(scalar) {
            if !is_present(*value) {
                continue;
            }
            let (lhs, rhs) = match side {
                Side::Left => (*number, *value),
                Side::Right => (*value, *number),
            };
            if !filters {
                *value = apply(op, lhs, rhs);
            } else if !holds(op, lhs, rhs) {
                *value = ABSENT;
            }
        }
        series.drop_name |= !filters;
    }
    if filters {
        vector.retain(GridSeries::has_values);
    }
    vector
}
