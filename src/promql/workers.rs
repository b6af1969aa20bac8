//! Threads for work that nobody may wait behind: started when needed, and kept for a while.
//!
//! Starting a thread takes some tens of microseconds, as long as a small query; one that has done its work waits ten
//! seconds for more.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// What a thread does.
type Work = Box<dyn FnOnce() + Send>;

/// How long a thread waits for more.
const PATIENCE: Duration = Duration::from_secs(10);

/// The threads that wait. A clone shares them.
#[derive(Clone, Debug)]
pub(crate) struct Workers {
    name: &'static str,
    stack: usize,
    idle: Arc<Mutex<Idle>>,
}

#[derive(Debug, Default)]
struct Idle {
    next: u64,
    waiting: Vec<(u64, Sender<Work>)>,
}

impl Workers {
    /// Threads of this name, with so many bytes of stack.
    pub(crate) fn new(name: &'static str, stack: usize) -> Self {
        Self { name, stack, idle: Arc::default() }
    }

    /// Has a thread do the work: one that waits, else a new one.
    ///
    /// # Errors
    ///
    /// There is no thread to be had.
    pub(crate) fn run(&self, work: Work) -> io::Result<()> {
        // Under the lock, so that a thread that gives up waiting sees what it was sent.
        let mut idle = self.lock();
        let unsent = match idle.waiting.pop() {
            Some((_, worker)) => worker.send(work).err().map(|unsent| unsent.0),
            None => Some(work),
        };
        drop(idle);
        let Some(work) = unsent else { return Ok(()) };
        let workers = self.clone();
        let thread = thread::Builder::new().name(self.name.into()).stack_size(self.stack);
        thread.spawn(move || workers.live(work)).map(drop)
    }

    /// The life of a thread. Work that panics ends it, and nothing else.
    fn live(&self, first: Work) {
        let mut work = first;
        loop {
            work();
            let (sender, receiver) = mpsc::channel();
            let number = self.wait(sender);
            work = match receiver.recv_timeout(PATIENCE) {
                Ok(more) => more,
                Err(_) => match self.give_up(number, &receiver) {
                    Some(more) => more,
                    None => return,
                },
            };
        }
    }

    fn wait(&self, worker: Sender<Work>) -> u64 {
        let mut idle = self.lock();
        idle.next += 1;
        let number = idle.next;
        idle.waiting.push((number, worker));
        number
    }

    /// Waits no longer; what came at the last moment is still done.
    fn give_up(&self, number: u64, receiver: &Receiver<Work>) -> Option<Work> {
        let mut idle = self.lock();
        idle.waiting.retain(|(waiting, _)| *waiting != number);
        receiver.try_recv().ok()
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_waits_is_taken_and_a_panic_ends_only_its_own() {
        let workers = Workers::new("test", 1 << 20);
        let (told, thread) = mpsc::channel();
        let run = || {
            let told = told.clone();
            workers.run(Box::new(move || told.send(thread::current().id()).unwrap())).unwrap();
            let ran = thread.recv().unwrap();
            while workers.lock().waiting.is_empty() {
                thread::yield_now();
            }
            ran
        };
        let first = run();
        assert_eq!(run(), first);
        workers.run(Box::new(|| panic!("on purpose"))).unwrap();
        assert_ne!(run(), first);
    }
}
