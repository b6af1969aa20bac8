//! One evaluation of one group: what its rules ask, and at what time.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::alert::evaluation::settings::EvaluationSettings;
use crate::promql::{Evaluator, InstantSample, Query, Value};
use crate::series::{Labels, Store};

/// One evaluation of one group.
pub(crate) struct Round<'a> {
    pub(crate) settings: &'a EvaluationSettings,
    pub(crate) store: &'a Store,
    pub(crate) evaluator: &'a Evaluator<'a>,
    /// The time of the evaluation.
    pub(crate) time: i64,
    /// The time of the queries and of the samples: an offset earlier.
    pub(crate) at: i64,
    pub(crate) interval: i64,
    /// How many results a rule may have; 0 for any number.
    pub(crate) limit: usize,
}

impl Round<'_> {
    /// The results of a rule's query; a number is one without labels.
    pub(crate) fn ask(&self, query: &Query, at: i64) -> Result<Vec<InstantSample>, String> {
        // What is wrong in one query must not keep all other rules from being evaluated.
        let answer = catch_unwind(AssertUnwindSafe(|| self.evaluator.instant(query, at)));
        let output = match answer {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => {
                return Err("the evaluation panicked, which is a defect; please report the query".into());
            }
        };
        match output.value {
            Value::Vector(samples) => Ok(samples),
            Value::Scalar(point) => Ok(vec![InstantSample { labels: Labels::default(), point }]),
            Value::String(..) | Value::Matrix(_) => Err("rule result is not a vector or scalar".into()),
        }
    }

    /// What the function `query` of a template gets.
    pub(crate) fn ask_text(&self, text: &str) -> Result<Vec<(Labels, f64)>, String> {
        let query = Query::parse(text).map_err(|error| error.to_string())?;
        let samples = self.ask(&query, self.time)?;
        Ok(samples.into_iter().map(|sample| (sample.labels, sample.point.value)).collect())
    }
}
