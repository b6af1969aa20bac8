//! The text of an expression over several lines, as Prometheus' prettifier lays it out.
//!
//! What fits in [`WIDTH`] bytes stays on one line. Whether it does is found out by writing no more than so many of
//! them, so that a deep tree is not written again at each of its levels.

use std::fmt::{self, Write as _};

use crate::promql::ast::Expr;
use crate::promql::print::line::{
    AggregationHead, INFINITY, Operator, SubqueryTail, is_power_of_infinity, sign,
};

/// The longest text of an expression on one line.
const WIDTH: usize = 100;

pub(crate) fn pretty(expr: &Expr) -> String {
    let mut out = String::new();
    put(expr, 0, &mut out);
    out
}

fn put(expr: &Expr, level: usize, out: &mut String) {
    if let Expr::Subquery(subquery) = expr {
        // Prometheus indents what is selected from, and not a subquery that fits.
        if fits(expr) {
            append(expr, out);
        } else {
            put(&subquery.expr, level, out);
            append(&SubqueryTail(subquery), out);
        }
        return;
    }
    if let Expr::Binary(binary) = expr
        && !fits(expr)
    {
        if is_power_of_infinity(binary) {
            indent(level + 1, out);
            out.push_str(INFINITY);
        } else {
            put(&binary.lhs, level + 1, out);
        }
        out.push('\n');
        indent(level, out);
        append(&Operator(binary), out);
        out.push('\n');
        put(&binary.rhs, level + 1, out);
        return;
    }
    indent(level, out);
    match expr {
        Expr::Unary(op, inner, _) => {
            out.push_str(sign(*op));
            let mut operand = String::new();
            put(inner, level, &mut operand);
            out.push_str(operand.trim());
        }
        expr if fits(expr) => append(expr, out),
        Expr::Call(call) => {
            out.push_str(call.function.name());
            block(&call.args.iter().collect::<Vec<_>>(), level, out);
        }
        Expr::Aggregation(aggregation) => {
            append(&AggregationHead(aggregation), out);
            let inside: Vec<&Expr> =
                aggregation.param.iter().chain([&aggregation.expr]).map(|expr| &**expr).collect();
            block(&inside, level, out);
        }
        Expr::Paren(inner, _) => block(&[inner], level, out),
        _ => append(expr, out),
    }
}

/// Parentheses with one expression to a line.
fn block(inside: &[&Expr], level: usize, out: &mut String) {
    out.push('(');
    for (index, expr) in inside.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        put(expr, level + 1, out);
    }
    out.push('\n');
    indent(level, out);
    out.push(')');
}

fn indent(level: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", level));
}

fn append(what: &impl fmt::Display, out: &mut String) {
    // A string takes whatever is written.
    let _ = write!(out, "{what}");
}

fn fits(expr: &Expr) -> bool {
    struct Bounded(usize);

    impl fmt::Write for Bounded {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 = self.0.checked_sub(text.len()).ok_or(fmt::Error)?;
            Ok(())
        }
    }

    write!(Bounded(WIDTH), "{expr}").is_ok()
}
