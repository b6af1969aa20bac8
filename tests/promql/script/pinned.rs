//! A query with its selectors nailed to one moment by `@`, which must give the same at any other moment.

use tower_watch::promql::{Expr, Function, Query};

/// The query with `@` put behind every selector and subquery that has none. What lies inside a subquery stays as it is:
/// its moments are those of the subquery. Nothing for a query that also depends on the moment in another way.
pub(crate) fn pinned(query: &Query, time: i64) -> Option<String> {
    let mut places = Vec::new();
    visit(query.expr(), &mut places)?;
    places.sort_unstable();
    let mut text = query.text().to_owned();
    for place in places.into_iter().rev() {
        text.insert_str(place, &format!(" @ {:.3} ", time as f64 / 1000.0));
    }
    Some(text)
}

/// Collects where `@` is missing.
fn visit(expr: &Expr, places: &mut Vec<usize>) -> Option<()> {
    match expr {
        Expr::Selector(selector) if selector.at.is_none() => places.push(selector.span.end),
        Expr::Matrix(matrix) if matrix.selector.at.is_none() => places.push(matrix.span.end),
        Expr::Subquery(subquery) if subquery.at.is_none() => places.push(subquery.span.end),
        Expr::Call(call) => {
            if depends_on_the_moment(call.function) {
                return None;
            }
            call.args.iter().try_for_each(|arg| visit(arg, places))?;
        }
        Expr::Aggregation(aggregation) => {
            visit(&aggregation.expr, places)?;
            if let Some(param) = &aggregation.param {
                visit(param, places)?;
            }
        }
        Expr::Binary(binary) => {
            visit(&binary.lhs, places)?;
            visit(&binary.rhs, places)?;
        }
        Expr::Unary(_, inner, _) | Expr::Paren(inner, _) => visit(inner, places)?,
        _ => {}
    }
    Some(())
}

fn depends_on_the_moment(function: Function) -> bool {
    matches!(
        function,
        Function::DayOfMonth
            | Function::DayOfWeek
            | Function::DayOfYear
            | Function::DaysInMonth
            | Function::Hour
            | Function::Minute
            | Function::Month
            | Function::PredictLinear
            | Function::Time
            | Function::Timestamp
            | Function::Year
    )
}
