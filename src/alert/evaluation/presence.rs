//! An expression without what makes it true: its value where it is not, and whether its data are there.
//!
//! The result of `rate(errors[5m]) > 0.5` is empty where the rate is small, and where nothing is known of it. What stands
//! beside the comparison tells the two apart, and it is what an alert's end is worth.

use crate::promql::{Binary, BinaryOp, Expr, Function, Query, ValueType};

/// How it is known whether the data of an expression are there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Presence {
    /// They always are: the expression is about nothing in the store, or about what is missing.
    Always,
    /// Where this has a result with the labels of the alert's.
    Where(Query),
}

impl Presence {
    pub(crate) fn of(query: &Query) -> Self {
        let (mut selects, mut is_absent) = (false, false);
        query.expr().visit(&mut |expr| match expr {
            Expr::Selector(_) | Expr::Matrix(_) => selects = true,
            Expr::Call(call) => {
                is_absent |= matches!(call.function, Function::Absent | Function::AbsentOverTime);
            }
            _ => {}
        });
        if !selects || is_absent { Self::Always } else { Self::Where(unfiltered(query.expr()).into()) }
    }
}

/// What gives an expression's value where its outermost comparison does not hold; nothing where that is no other expression.
pub(crate) fn value_of(query: &Query) -> Option<Query> {
    uncompared(query.expr()).map(Query::from)
}

fn uncompared(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::Paren(inner, _) => uncompared(inner),
        Expr::Binary(binary) => match filtered_side(binary) {
            Some(side) => Some(uncompared(side).unwrap_or_else(|| side.clone())),
            None => match binary.op {
                BinaryOp::And | BinaryOp::Unless => {
                    Some(uncompared(&binary.lhs).unwrap_or_else(|| (*binary.lhs).clone()))
                }
                BinaryOp::Or => {
                    let side = |side: &Expr| Box::new(uncompared(side).unwrap_or_else(|| side.clone()));
                    Some(Expr::Binary(Binary {
                        lhs: side(&binary.lhs),
                        rhs: side(&binary.rhs),
                        ..binary.clone()
                    }))
                }
                _ => None,
            },
        },
        _ => None,
    }
}

/// The side that a comparison with a number lets through.
fn filtered_side(binary: &Binary) -> Option<&Expr> {
    if !binary.op.is_comparison() || binary.bool_modifier {
        return None;
    }
    match (binary.lhs.value_type(), binary.rhs.value_type()) {
        (ValueType::Vector, ValueType::Scalar) => Some(&binary.lhs),
        (ValueType::Scalar, ValueType::Vector) => Some(&binary.rhs),
        _ => None,
    }
}

/// The expression without any of its comparisons, however deep.
fn unfiltered(expr: &Expr) -> Expr {
    let inside = |expr: &Expr| Box::new(unfiltered(expr));
    match expr {
        Expr::Paren(inner, span) => Expr::Paren(inside(inner), *span),
        Expr::Unary(op, inner, span) => Expr::Unary(*op, inside(inner), *span),
        Expr::Subquery(subquery) => {
            let mut subquery = subquery.clone();
            subquery.expr = inside(&subquery.expr);
            Expr::Subquery(subquery)
        }
        Expr::Call(call) => {
            let mut call = call.clone();
            call.args = call.args.iter().map(unfiltered).collect();
            Expr::Call(call)
        }
        Expr::Aggregation(aggregation) => {
            let mut aggregation = aggregation.clone();
            aggregation.expr = inside(&aggregation.expr);
            Expr::Aggregation(aggregation)
        }
        Expr::Binary(binary) => match filtered_side(binary) {
            Some(side) => unfiltered(side),
            None if binary.op == BinaryOp::Unless => unfiltered(&binary.lhs),
            None => {
                let mut all = binary.clone();
                (all.lhs, all.rhs) = (inside(&binary.lhs), inside(&binary.rhs));
                // Between two vectors the comparison is answered, and not made a filter.
                all.bool_modifier |= binary.op.is_comparison();
                Expr::Binary(all)
            }
        },
        Expr::Number(..) | Expr::Duration(..) | Expr::String(..) | Expr::Selector(_) | Expr::Matrix(_) => {
            expr.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_stands_beside_the_comparison() {
        for (rule, value) in [
            ("up == 0", Some("up")),
            ("0 < (rate(x[5m]) > 0.1)", Some("rate(x[5m])")),
            ("a / b > 0.05 and a > 10", Some("a / b")),
            ("a > 1 or b > 2", Some("a or b")),
            ("a > 1 unless on (job) quiet", Some("a")),
            ("a > b", None),
            ("up == bool 0", None),
            ("absent(up)", None),
            ("vector(1)", None),
        ] {
            let found = value_of(&Query::parse(rule).unwrap()).map(|query| query.to_string());
            assert_eq!(found.as_deref(), value, "{rule}");
        }
    }

    #[test]
    fn the_data_are_there_where_nothing_is_filtered() {
        for (rule, presence) in [
            ("up == 0", Some("up")),
            ("count by (job) (up == 0) > 3", Some("count by (job) (up)")),
            ("a > b", Some("a > bool b")),
            ("(a > 1) unless b", Some("(a)")),
            ("a > 1 unless b", Some("a")),
            ("sum(a > 1) / sum(a) > 0.5", Some("sum(a) / sum(a)")),
            ("absent(up) == 1", None),
            ("vector(time()) > 5", None),
        ] {
            let expected =
                presence.map_or(Presence::Always, |text| Presence::Where(Query::parse(text).unwrap()));
            let found = Presence::of(&Query::parse(rule).unwrap());
            match (&found, &expected) {
                (Presence::Where(found), Presence::Where(expected)) => {
                    assert_eq!(found.to_string(), expected.to_string());
                }
                _ => assert_eq!(found, expected, "{rule}"),
            }
        }
    }
}
