//! What waits for its export: bounded, and never in anybody's way.
//!
//! A request pushes and goes on: the lock is held for one move into a place that is there already (once in a batch for the
//! allocation of the next one), nobody waits for anything under it, and what finds no place is dropped and counted. Items wait
//! in the batches in which they will be sent, so nothing is moved a second time.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::telemetry::otlp::counts::{Counts, Dropped};
use crate::telemetry::otlp::destination::QueueConfig;

/// The items of one signal that wait.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    max_queue: usize,
    max_batch: usize,
    /// Told when a batch is complete.
    complete: Notify,
}

#[derive(Debug)]
struct Waiting<T> {
    complete: VecDeque<Vec<T>>,
    open: Vec<T>,
    is_closed: bool,
}

impl<T> Queue<T> {
    pub(crate) fn new(config: &QueueConfig) -> Self {
        let max_queue = config.max_queue.max(1);
        let waiting = Waiting { complete: VecDeque::new(), open: Vec::new(), is_closed: false };
        Self {
            waiting: Mutex::new(waiting),
            max_queue,
            max_batch: config.max_batch.clamp(1, max_queue),
            complete: Notify::new(),
        }
    }

    /// Takes the item, or counts that it could not.
    pub(crate) fn push(&self, item: T, counts: &Counts) {
        let mut waiting = self.lock();
        if waiting.is_closed {
            drop(waiting);
            counts.lose(Dropped::Shutdown, 1);
            return;
        }
        if waiting.complete.len() * self.max_batch + waiting.open.len() >= self.max_queue {
            drop(waiting);
            counts.lose(Dropped::QueueFull, 1);
            return;
        }
        if waiting.open.capacity() == 0 {
            waiting.open.reserve_exact(self.max_batch);
        }
        waiting.open.push(item);
        if waiting.open.len() == self.max_batch {
            let batch = std::mem::take(&mut waiting.open);
            waiting.complete.push_back(batch);
            drop(waiting);
            self.complete.notify_one();
        }
    }

    /// The next complete batch.
    pub(crate) fn take_complete(&self) -> Option<Vec<T>> {
        self.lock().complete.pop_front()
    }

    /// The next batch, complete or not.
    pub(crate) fn take(&self) -> Option<Vec<T>> {
        let mut waiting = self.lock();
        let open = |waiting: &mut Waiting<T>| std::mem::take(&mut waiting.open);
        waiting.complete.pop_front().or_else(|| Some(open(&mut waiting)).filter(|batch| !batch.is_empty()))
    }

    /// Waits until a batch may be complete.
    pub(crate) async fn completed(&self) {
        self.complete.notified().await;
    }

    /// Takes nothing more.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;
    use crate::telemetry::otlp::counts::{Counts, Dropped};
    use crate::telemetry::otlp::destination::QueueConfig;

    fn queue(max_queue: usize, max_batch: usize) -> (Queue<usize>, Counts) {
        let config = QueueConfig { max_queue, max_batch, ..QueueConfig::default() };
        (Queue::new(&config), Counts::new("traces"))
    }

    #[test]
    fn items_wait_in_the_batches_in_which_they_are_sent() {
        let (queue, counts) = queue(10, 3);
        (0..7).for_each(|item| queue.push(item, &counts));
        assert_eq!(queue.take_complete(), Some(vec![0, 1, 2]));
        assert_eq!(queue.take(), Some(vec![3, 4, 5]));
        assert_eq!(queue.take_complete(), None, "one waits for two more");
        assert_eq!(queue.take(), Some(vec![6]));
        assert_eq!(queue.take(), None);
    }

    #[test]
    fn what_finds_no_place_is_counted() {
        let (queue, counts) = queue(4, 3);
        (0..10).for_each(|item| queue.push(item, &counts));
        assert_eq!(counts.dropped(Dropped::QueueFull), 6);
        assert_eq!(queue.take(), Some(vec![0, 1, 2]));
        queue.push(10, &counts);
        assert_eq!(queue.take(), Some(vec![3, 10]), "there is place again");
        queue.close();
        queue.push(11, &counts);
        assert_eq!((queue.take(), counts.dropped(Dropped::Shutdown)), (None, 1));
    }

    #[test]
    fn a_batch_is_never_larger_than_the_queue_and_never_empty() {
        let (queue, counts) = queue(2, 512);
        (0..3).for_each(|item| queue.push(item, &counts));
        assert_eq!(queue.take_complete(), Some(vec![0, 1]));
        let (queue, counts) = self::queue(0, 0);
        queue.push(1, &counts);
        assert_eq!(queue.take_complete(), Some(vec![1]), "nothing asked for is one at a time");
    }
}
