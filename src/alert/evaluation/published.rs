//! The series that a rule has written, so that they end when it has nothing more to say about them.

use std::collections::HashSet;

use crate::series::{AppendError, Labels, STALE, Store};

/// The series that had a sample at the last evaluation.
#[derive(Debug, Default)]
pub(crate) struct Published(Vec<Labels>);

impl Published {
    /// Appends these samples, and ends the series of the last time that are not among them.
    ///
    /// # Errors
    ///
    /// The first sample that has no place; all others are written.
    pub(crate) fn publish(
        &mut self,
        store: &Store,
        samples: Vec<(Labels, f64)>,
        at: i64,
    ) -> Result<(), AppendError> {
        let mut outcome = Ok(());
        let mut written = Vec::with_capacity(samples.len());
        for (labels, value) in samples {
            match store.append(&labels, at, value) {
                Ok(()) => written.push(labels),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        let before = std::mem::replace(&mut self.0, written);
        // Mostly it is the same series in the same order.
        if before != self.0 {
            let written: HashSet<&Labels> = self.0.iter().collect();
            end(store, before.iter().filter(|labels| !written.contains(labels)), at);
        }
        outcome
    }

    /// All of them.
    pub(crate) fn series(&self) -> &[Labels] {
        &self.0
    }

    /// All of them, to be ended later.
    pub(crate) fn into_series(self) -> Vec<Labels> {
        self.0
    }
}

/// Ends these series. Where another rule has gone on with one at this time, it stays.
pub(crate) fn end<'a>(store: &Store, series: impl IntoIterator<Item = &'a Labels>, at: i64) {
    for labels in series {
        let _ = store.append(labels, at, STALE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::{Matcher, is_stale};

    fn series(zone: &str) -> Labels {
        Labels::new([("__name__", "x"), ("zone", zone)])
    }

    fn values(store: &Store, zone: &str) -> Vec<f64> {
        let matchers = [Matcher::equal("__name__", "x"), Matcher::equal("zone", zone)];
        store
            .select(&matchers, 0, i64::MAX, 100)
            .unwrap()
            .pop()
            .map_or_else(Vec::new, |one| one.samples.values)
    }

    #[test]
    fn what_is_not_written_again_ends() {
        let (store, mut published) = (Store::new(), Published::default());
        published.publish(&store, vec![(series("a"), 1.0), (series("b"), 2.0)], 1_000).unwrap();
        published.publish(&store, vec![(series("b"), 2.0)], 2_000).unwrap();
        let ended = values(&store, "a");
        assert!(ended.len() == 2 && ended[0] == 1.0 && is_stale(ended[1]), "{ended:?}");
        assert_eq!(values(&store, "b"), [2.0, 2.0]);
    }

    #[test]
    fn what_has_no_place_is_an_error_and_the_rest_is_written() {
        let (store, mut published) = (Store::new(), Published::default());
        store.append(&series("a"), 5_000, 1.0).unwrap();
        let outcome = published.publish(&store, vec![(series("a"), 1.0), (series("b"), 2.0)], 1_000);
        assert_eq!(outcome, Err(AppendError::OutOfOrder));
        assert_eq!(values(&store, "b"), [2.0]);
    }
}
