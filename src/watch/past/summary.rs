//! What a handler shows of a metric: the summary of a window, or of today.
//!
//! A handler could ask all of this in PromQL ([`Watch::query`]); here is what it asks most, as plain numbers. Sums of
//! changes are exact, and not extrapolated to the ends of the window as PromQL's own are: 3 orders are 3, not 3.07. A
//! summary is as new as the last tick.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::promql::{EvalError, QueryError};
use crate::registers::Kind;
use crate::watch::Watch;
use crate::watch::past::summarizer::{Summarizer, Window};
use crate::watch::past::zone;

/// A metric over a window of time, its label sets added up.
///
/// | | a counter | a gauge | a histogram |
/// |---|---|---|---|
/// | `count` | by how much it grew | | how many values were recorded |
/// | `total` | the same | | the sum of the values that were recorded |
/// | `latest_value` | what it has counted since the process started | its value now | |
/// | `change` | | its value now less that at the beginning | |
/// | `avg` | | its mean over the time that it had a value | `total` by `count` |
/// | `p95` | | what it was at or below for 95 % of the time | what 95 % of the values were at or below, as near as the buckets tell |
/// | `rate_per_minute` | `count` by the minutes of the window | | `count` by the minutes of the window |
///
/// What is empty in the table is `None`, and so is what has no value: the mean of nothing, or a gauge that was not
/// there. Of a name under which nothing was ever recorded everything is `None`, as a counter that has not begun to
/// count is no mistake.
///
/// A counter that a restart has reset goes on from there, and what it counted before stays counted. What the process
/// did not see (it was not running, or a tick has yet to come) is not in it. Where a restart has changed the buckets of
/// a histogram, `p95` is rough, and can be far too high, as long as the window reaches back before that.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// The type of the metric.
    pub kind: Option<Kind>,
    /// How many: see the table.
    pub count: Option<u64>,
    /// How much: see the table.
    pub total: Option<f64>,
    /// The value now.
    pub latest_value: Option<f64>,
    /// What a gauge has gained in the window.
    pub change: Option<f64>,
    /// The mean.
    pub avg: Option<f64>,
    /// The 95th percentile.
    pub p95: Option<f64>,
    /// How many a minute.
    pub rate_per_minute: Option<f64>,
}

impl Watch {
    /// What became of a metric in the last `window`.
    ///
    /// `name` is the metric's name as it was recorded (`orders.created` is found as `orders_created`), or a selector
    /// of some of its label sets: `orders_total{channel="web"}`, also with PromQL's `offset`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_watch::Watch;
    /// # async fn example(watch: &Watch) -> Result<(), Box<dyn std::error::Error>> {
    /// let hour = Duration::from_secs(3600);
    /// let orders = watch.summary("orders_total", hour).await?;
    /// let checkout = watch.summary("checkout_seconds", hour).await?;
    /// println!("{} orders, {:.1} a minute", orders.count.unwrap_or(0), orders.rate_per_minute.unwrap_or(0.0));
    /// println!("checkout: {:?} s on average, {:?} s at the 95th percentile", checkout.avg, checkout.p95);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It is computed on a thread of its own, as a query is. The value of a gauge is looked at on each tick, or 1,000
    /// times where the window has more of them.
    ///
    /// # Errors
    ///
    /// See [`QueryError`]; also a selector of more than one name, another expression, and a window of zero.
    pub async fn summary(&self, name: &str, window: Duration) -> Result<Summary, QueryError> {
        let (name, window) = (name.to_owned(), self.last(window)?);
        self.summarize(window, move |summarizer| summarizer.of(&name)).await
    }

    /// What became of every metric that this process has recorded in the last `window`, by name: those of the
    /// application, of other crates, and of the watch.
    ///
    /// # Errors
    ///
    /// See [`QueryError`]. All of it is one query, with the time limit of one.
    pub async fn summaries(&self, window: Duration) -> Result<BTreeMap<String, Summary>, QueryError> {
        let window = self.last(window)?;
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "the method by itself is of one lifetime, and this is of any"
        )]
        let all = self.summarize(window, |summarizer| summarizer.all()).await;
        all
    }

    /// What became of a metric since midnight, in the zone of the system or of
    /// [`time_zone`](crate::WatchBuilder::time_zone): `count` is today's orders, `total` today's revenue.
    ///
    /// Yesterday's last hours are kept by the hour, so in zones that are not whole hours from UTC the day can begin up
    /// to an hour early; a finer [`Retention`](crate::series::Retention) mends that.
    ///
    /// # Errors
    ///
    /// See [`summary`](Self::summary).
    pub async fn today(&self, name: &str) -> Result<Summary, QueryError> {
        let kept = self.kept()?;
        let end = kept.ticker.now();
        let window = Window { start: zone::midnight(&kept.zone, end), end, tick: kept.tick };
        let name = name.to_owned();
        self.summarize(window, move |summarizer| summarizer.of(&name)).await
    }

    /// The last `window`, from now.
    fn last(&self, window: Duration) -> Result<Window, QueryError> {
        let kept = self.kept()?;
        let length = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        if length == 0 {
            let message = "the window is zero, and nothing happens in no time; give it a second or more";
            return Err(EvalError::Execution(message.into()).into());
        }
        let end = kept.ticker.now();
        // Before the epoch there is nothing.
        Ok(Window { start: end.saturating_sub(length).max(0), end, tick: kept.tick })
    }

    async fn summarize<T, F>(&self, window: Window, work: F) -> Result<T, QueryError>
    where
        T: Send + 'static,
        F: FnOnce(&Summarizer<'_>) -> Result<T, QueryError> + Send + 'static,
    {
        let queries = &self.kept()?.queries;
        let registers = self.inner.registers.clone();
        let (limits, clock) = (queries.limits(), queries.clock().clone());
        let answer = queries.run(limits, move |job| {
            let until = (clock, limits.timeout);
            work(&Summarizer::new(job.evaluator(), job.store(), &registers, window, until))
        });
        answer.await?
    }
}
