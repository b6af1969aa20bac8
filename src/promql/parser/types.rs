//! What may be put together: the checks of types and of modifiers, with Prometheus' words.

use std::collections::HashSet;

use crate::promql::ast::{BinaryOp, Cardinality, Expr, Extension, Matching, Span};
use crate::promql::fault::{Fault, Quoted};
use crate::promql::functions::{Arity, Function};
use crate::promql::parser::state::Parsed;
use crate::promql::value::ValueType;

/// What was written after a binary operator.
pub(crate) struct Modifiers {
    pub(crate) bool_modifier: bool,
    pub(crate) matching: Matching,
}

pub(crate) fn expect(wanted: ValueType, parsed: &Parsed, context: &str) -> Result<(), Fault> {
    if parsed.value_type == wanted {
        return Ok(());
    }
    let (wanted, got) = (wanted.describe(), parsed.value_type.describe());
    Err(Fault::new(parsed.expr.span(), format!("expected type {wanted} in {context}, got {got}")))
}

pub(crate) fn unary(value_type: ValueType, span: Span) -> Result<(), Fault> {
    if matches!(value_type, ValueType::Scalar | ValueType::Vector) {
        return Ok(());
    }
    let got = value_type.describe();
    let message =
        format!("unary expression only allowed on expressions of type scalar or instant vector, got {got:?}");
    Err(Fault::new(span, message))
}

pub(crate) fn subquery(value_type: ValueType, span: Span) -> Result<(), Fault> {
    if value_type == ValueType::Vector {
        return Ok(());
    }
    Err(Fault::new(span, format!("subquery is only allowed on instant vector, got {value_type} instead")))
}

/// The type of a binary expression, and how its series match where both sides are vectors.
pub(crate) fn binary(
    op: BinaryOp,
    operator: Span,
    left: &Parsed,
    right: &Parsed,
    modifiers: Modifiers,
) -> Result<(ValueType, Option<Matching>), Fault> {
    for side in [left, right] {
        if !matches!(side.value_type, ValueType::Scalar | ValueType::Vector) {
            let message = "binary expression must contain only scalar and instant vector types";
            return Err(Fault::new(side.expr.span(), message));
        }
    }
    if modifiers.bool_modifier && !op.is_comparison() {
        return Err(Fault::new(operator, "bool modifier can only be used on comparison operators"));
    }
    let scalars = (left.value_type == ValueType::Scalar, right.value_type == ValueType::Scalar);
    if scalars == (true, true) && op.is_comparison() && !modifiers.bool_modifier {
        return Err(Fault::new(operator, "comparisons between scalars must use BOOL modifier"));
    }
    let mut matching = modifiers.matching;
    if matching.on {
        let on: HashSet<&str> = matching.labels.iter().map(String::as_str).collect();
        if let Some(label) = matching.include.iter().find(|label| on.contains(label.as_str())) {
            let label = Quoted(label);
            let message = format!("label {label} must not occur in ON and GROUP clause at once");
            return Err(Fault::new(operator, message));
        }
    }
    if scalars != (false, false) {
        if op.is_set() {
            let op = op.as_str();
            let message = format!("set operator {op:?} not allowed in binary scalar expression");
            return Err(Fault::new(operator, message));
        }
        if !matching.labels.is_empty() {
            return Err(Fault::new(operator, "vector matching only allowed between instant vectors"));
        }
        let value_type = if scalars == (true, true) { ValueType::Scalar } else { ValueType::Vector };
        return Ok((value_type, None));
    }
    if op.is_set() {
        if matching.cardinality != Cardinality::OneToOne {
            return Err(Fault::new(operator, format!("no grouping allowed for {:?} operation", op.as_str())));
        }
        matching.cardinality = Cardinality::ManyToMany;
    }
    Ok((ValueType::Vector, Some(matching)))
}

/// The number and the types of a function's arguments, and who may read what `anchored` and `smoothed` select.
pub(crate) fn call(function: Function, arguments: &[Parsed], span: Span) -> Result<(), Fault> {
    let (name, types, given) = (function.name(), function.args(), arguments.len());
    let wanted = types.len();
    let count = |bound: &str, wanted: usize| {
        let message = format!("expected {bound}{wanted} argument(s) in call to {name:?}, got {given}");
        Err(Fault::new(span, message))
    };
    match function.arity() {
        Arity::Exact if given != wanted => return count("", wanted),
        Arity::LastOptional | Arity::LastRepeats if given + 1 < wanted => {
            return count("at least ", wanted - 1);
        }
        Arity::LastOptional if given > wanted => return count("at most ", wanted),
        _ => {}
    }
    let context = format!("call to function {name:?}");
    for (index, argument) in arguments.iter().enumerate() {
        expect(types[index.min(wanted - 1)], argument, &context)?;
        extension(function, &argument.expr)?;
    }
    Ok(())
}

/// Who may read what is `anchored`, and who what is `smoothed`, as Prometheus lists them.
const ANCHORED: &[Function] =
    &[Function::Changes, Function::Delta, Function::Increase, Function::Rate, Function::Resets];
const SMOOTHED: &[Function] = &[Function::Delta, Function::Increase, Function::Rate];

fn extension(function: Function, argument: &Expr) -> Result<(), Fault> {
    let matrix = match argument {
        Expr::Matrix(matrix) => matrix,
        Expr::Paren(inner, _) => return extension(function, inner),
        _ => return Ok(()),
    };
    let (modifier, allowed) = match matrix.selector.extension {
        Some(Extension::Anchored) => ("anchored", ANCHORED),
        Some(Extension::Smoothed) => ("smoothed", SMOOTHED),
        Some(Extension::Exact) | None => return Ok(()),
    };
    if allowed.contains(&function) {
        return Ok(());
    }
    let allowed: Vec<&str> = allowed.iter().map(|function| function.name()).collect();
    let (allowed, name) = (allowed.join(", "), function.name());
    let message = format!("{modifier} modifier can only be used with: {allowed} - not with {name}");
    Err(Fault::new(matrix.span, message))
}
