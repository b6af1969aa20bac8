//! The selectors of an expression.

use tower_watch::promql::{Expr, VectorSelector};

/// All of them, those inside of subqueries included.
pub(crate) fn selectors(expr: &Expr) -> Vec<&VectorSelector> {
    match expr {
        Expr::Selector(selector) => vec![selector],
        Expr::Matrix(matrix) => vec![&matrix.selector],
        Expr::Subquery(subquery) => selectors(&subquery.expr),
        Expr::Call(call) => call.args.iter().flat_map(selectors).collect(),
        Expr::Aggregation(aggregation) => {
            let inner = std::iter::once(&aggregation.expr).chain(&aggregation.param);
            inner.flat_map(|expr| selectors(expr)).collect()
        }
        Expr::Binary(binary) => {
            [&binary.lhs, &binary.rhs].into_iter().flat_map(|expr| selectors(expr)).collect()
        }
        Expr::Unary(_, inner, _) | Expr::Paren(inner, _) => selectors(inner),
        _ => Vec::new(),
    }
}
