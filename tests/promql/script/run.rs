//! Carries the commands of a script out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tower_watch::promql::{Evaluator, Limits, Query, QueryError, TimeRange, Value};
use tower_watch::series::{Labels, Store};

use crate::script::command::{Case, Expected, Item, Load, Moment};
use crate::script::expect::Pattern;
use crate::script::selectors::selectors;
use crate::script::{compare, pinned};

const MINUTE: i64 = 60_000;

/// The store that a script works on.
#[derive(Debug, Default)]
pub(crate) struct Session {
    store: Store,
    /// The series that have native histograms, which are not in the store.
    native: Vec<Labels>,
}

impl Session {
    /// Forgets all series.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Adds the floats of a `load`; native histograms are left out. Of a series that stands there twice, the last
    /// line counts.
    pub(crate) fn load(&mut self, load: &Load) -> Result<(), String> {
        for (index, series) in load.series.iter().enumerate() {
            if load.series[index + 1..].iter().any(|later| later.labels == series.labels) {
                continue;
            }
            if series.values.contains(&Item::Histogram) {
                self.native.push(series.labels.clone());
            }
            if load.with_native {
                self.native.extend(native_of(&series.labels));
            }
            for (step, item) in series.values.iter().enumerate() {
                if let Item::Float(value) = item {
                    let time = step as i64 * load.step;
                    let append = self.store.append(&series.labels, time, *value);
                    append.map_err(|error| format!("{} at {time}: {error}", series.labels))?;
                }
            }
        }
        Ok(())
    }

    /// Evaluates a query and judges what comes out. A panic is the failure of one case, and the others still count.
    pub(crate) fn check(&self, case: &Case) -> Result<(), String> {
        let outcome = catch_unwind(AssertUnwindSafe(|| match case.moment {
            Moment::Instant(time) => self.instant(case, time),
            Moment::Range(range) => self.range(case, range),
        }));
        outcome.unwrap_or_else(|_| Err("it panicked".to_owned()))
    }

    /// Whether a query is about native histograms: by a function of theirs, or by a selector that finds some.
    pub(crate) fn needs_native_histograms(&self, query: &str) -> bool {
        match Query::parse(query) {
            Ok(query) => selectors(query.expr()).iter().any(|selector| {
                let found = |labels: &Labels| {
                    selector.matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name())))
                };
                self.native.iter().any(found)
            }),
            Err(error) => error.message.contains("native histograms"),
        }
    }

    fn range(&self, case: &Case, range: TimeRange) -> Result<(), String> {
        let outcome = Query::parse(&case.query)
            .map_err(QueryError::from)
            .and_then(|query| Ok(self.evaluator().range(&query, range)?));
        let Some(output) = judge(case, outcome)? else { return Ok(()) };
        case.expect.check(&output.annotations)?;
        compare::range(&case.result, range, &output.value)
    }

    /// At its moment; and, because it must not make a difference, nailed to that moment and evaluated at others.
    fn instant(&self, case: &Case, time: i64) -> Result<(), String> {
        let time = match case.result {
            Expected::Series { at: Some(range), .. } => range.end,
            _ => time,
        };
        let query = Query::parse(&case.query).map_err(QueryError::from);
        let pinned = query.as_ref().ok().and_then(|query| pinned::pinned(query, time));
        self.instant_and_range(case, query, time)?;
        let Some(text) = pinned else { return Ok(()) };
        let others: &[i64] = if time == 0 { &[-1000, 1000] } else { &[-10 * time, 0, time / 5, 10 * time] };
        for other in others {
            let query = Query::parse(&text).map_err(QueryError::from);
            self.instant_and_range(case, query, *other)
                .map_err(|error| format!("{text} at {other}: {error}"))?;
        }
        Ok(())
    }

    /// As an instant query, and as the middle of a range query.
    fn instant_and_range(
        &self,
        case: &Case,
        query: Result<Query, QueryError>,
        time: i64,
    ) -> Result<(), String> {
        let outcome = query.and_then(|query| {
            let output = self.evaluator().instant(&query, time)?;
            Ok((query, output))
        });
        let Some((query, output)) = judge(case, outcome)? else { return Ok(()) };
        case.expect.check(&output.annotations)?;
        compare::instant(&case.result, case.expect.ordered, &output.value)?;

        let has_no_range = matches!(output.value, Value::Matrix(_) | Value::String(..));
        if has_no_range || ["start()", "end()"].iter().any(|name| query.text().contains(name)) {
            return Ok(());
        }
        let range = TimeRange { start: time - MINUTE, end: time + MINUTE, step: MINUTE };
        let output = self.evaluator().range(&query, range).map_err(|error| format!("as a range: {error}"))?;
        if case.expect.ordered {
            return Ok(());
        }
        compare::slice(&case.result, time, &output.value).map_err(|error| format!("as a range: {error}"))
    }

    /// As Prometheus' tests have it.
    fn evaluator(&self) -> Evaluator<'_> {
        // As the engine that upstream runs them with.
        Evaluator::new(&self.store)
            .with_limits(Limits::new().with_default_step(Duration::from_secs(60)))
            .with_delayed_name_removal(true)
    }
}

/// The native histogram that a series of a classic one is part of.
fn native_of(labels: &Labels) -> Option<Labels> {
    let name = labels.name()?;
    let base = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| name.strip_suffix(suffix))?;
    Some(labels.with("__name__", base).with("le", ""))
}

/// What there is to compare: nothing where the query failed and should.
fn judge<T>(case: &Case, outcome: Result<T, QueryError>) -> Result<Option<T>, String> {
    match (&case.expect.fail, outcome) {
        (None, Ok(output)) => Ok(Some(output)),
        (None, Err(error)) => Err(error.to_string()),
        (Some(_), Ok(_)) => Err("it should fail, and does not".to_owned()),
        (Some(pattern), Err(error)) if fails_as(pattern, &error) => Ok(None),
        (Some(pattern), Err(error)) => {
            Err(format!("it should fail with {pattern:?}, and fails with {error}"))
        }
    }
}

/// The place of a parse error is ours to choose; Prometheus finds some of them only when it evaluates.
fn fails_as(pattern: &Pattern, error: &QueryError) -> bool {
    match error {
        QueryError::Parse(error) => pattern.matches(&error.message),
        other => pattern.matches(&other.to_string()),
    }
}
