//! What can be asked about the past.

use std::sync::Arc;
use std::time::Duration;

use crate::promql::{Output, QueryError, TimeRange};
use crate::series::Store;
use crate::watch::Watch;
use crate::watch::past::settings::Kept;

impl Watch {
    /// The recent past of all numbers; `None` where it is not kept (preset `Fleet`, `without_store`).
    #[must_use]
    pub fn store(&self) -> Option<&Arc<Store>> {
        self.inner.past.kept.as_ref().map(|kept| &kept.store)
    }

    /// The present in the store's time, in milliseconds since the Unix epoch: the wall clock's, but it never goes back.
    #[must_use]
    pub fn now(&self) -> Option<i64> {
        self.inner.past.kept.as_ref().map(|kept| kept.ticker.now())
    }

    /// Reads all numbers into the store now. The watch does so by itself every few seconds, unless its clock is a fake
    /// one: then this is the only way.
    ///
    /// Returns the time that the samples carry (milliseconds since the Unix epoch); `None` where that tick has been, or
    /// where no past is kept.
    pub fn tick(&self) -> Option<i64> {
        self.inner.past.kept.as_ref()?.ticker.tick(&self.inner.registers)
    }

    /// What a PromQL expression is worth now.
    ///
    /// ```
    /// # use tower_watch::Watch;
    /// use tower_watch::promql::Value;
    ///
    /// # async fn example(watch: &Watch) -> Result<(), Box<dyn std::error::Error>> {
    /// let answer = watch.query("sum by (endpoint) (rate(http_requests_total[5m]))").await?;
    /// if let Value::Vector(samples) = &answer.value {
    ///     for sample in samples {
    ///         println!("{}: {:.1} a second", sample.labels.get("endpoint"), sample.point.value);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It is evaluated on a thread of the toolkit's own, a few at a time; a future that is dropped cancels it.
    ///
    /// # Errors
    ///
    /// See [`QueryError`]; also where no past is kept.
    pub async fn query(&self, text: &str) -> Result<Output, QueryError> {
        let kept = self.kept()?;
        kept.queries.instant(text, kept.ticker.now()).await
    }

    /// What a PromQL expression was worth over the last `window`, every `step`.
    ///
    /// # Errors
    ///
    /// See [`query`](Self::query).
    pub async fn query_range(
        &self,
        text: &str,
        window: Duration,
        step: Duration,
    ) -> Result<Output, QueryError> {
        let kept = self.kept()?;
        let end = kept.ticker.now();
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let range = TimeRange { start: end.saturating_sub(millis(window)), end, step: millis(step) };
        kept.queries.range(text, range).await
    }

    pub(crate) fn kept(&self) -> Result<&Kept, QueryError> {
        self.inner.past.kept.as_ref().ok_or(QueryError::NoStore)
    }
}
