//! Aggregations: `sum by (job) (x)` and `sum(x) by (job)`.

use crate::promql::ast::{AggregateOp, Aggregation, Expr, Grouping};
use crate::promql::fault::Fault;
use crate::promql::parser::state::{Parsed, Parser};
use crate::promql::parser::types;
use crate::promql::token::{Keyword, TokenKind};
use crate::promql::value::ValueType;

impl Parser<'_> {
    /// What follows the operator, which began at `start`.
    pub(crate) fn aggregation(&mut self, op: AggregateOp, start: usize) -> Result<Parsed, Fault> {
        let before = self.grouping()?;
        if !self.at(TokenKind::LeftParen) {
            return Err(self.unexpected("aggregation", "\"(\""));
        }
        let mut arguments = self.arguments()?;
        let grouping = match before {
            Some(grouping) => grouping,
            None => self.grouping()?.unwrap_or(Grouping::By(Vec::new())),
        };
        let span = self.since(start);

        let (given, wanted) = (arguments.len(), 1 + usize::from(op.param().is_some()));
        let Some(aggregated) = arguments.pop() else {
            return Err(Fault::new(span, "no arguments for aggregate expression provided"));
        };
        if given != wanted {
            let message = format!(
                "wrong number of arguments for aggregate expression provided, expected {wanted}, got {given}"
            );
            return Err(Fault::new(span, message));
        }
        types::expect(ValueType::Vector, &aggregated, "aggregation expression")?;
        let param = arguments.pop();
        if let (Some(wanted), Some(param)) = (op.param(), &param) {
            types::expect(wanted, param, "aggregation parameter")?;
        }
        let below = aggregated.height.max(param.as_ref().map_or(0, |param| param.height));
        let expr = Expr::Aggregation(Aggregation {
            op,
            expr: Box::new(aggregated.expr),
            param: param.map(|param| Box::new(param.expr)),
            grouping,
            span,
        });
        self.node(expr, ValueType::Vector, below)
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, Fault> {
        Ok(if self.take_if(TokenKind::Keyword(Keyword::By))? {
            Some(Grouping::By(self.labels()?))
        } else if self.take_if(TokenKind::Keyword(Keyword::Without))? {
            Some(Grouping::Without(self.labels()?))
        } else {
            None
        })
    }
}
