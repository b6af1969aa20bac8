//! The queue between whoever logs and the thread that writes.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Lines are handed over in pieces of this size, so that the queue grows without copying what is in it.
const PIECE: usize = 64 * 1024;

/// After a write the thread gives lines this long to gather: under load it is woken once in this time, not once a line.
const GATHER: Duration = Duration::from_millis(5);

/// Lines that are written at once.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    pub(crate) lines: u64,
}

/// A queue of lines, bounded by bytes. What is being written counts until it is written.
#[derive(Debug)]
pub(crate) struct Queue {
    most_bytes: usize,
    state: Mutex<State>,
    /// For the thread that writes.
    work: Condvar,
    /// For those who wait until everything is written.
    progress: Condvar,
}

#[derive(Debug, Default)]
struct State {
    pieces: VecDeque<Piece>,
    /// An empty piece to use again.
    spare: Option<Piece>,
    bytes: usize,
    /// Lines that were taken in, and lines that were written, or lost in writing, since the start.
    taken: u64,
    settled: u64,
    lost: u64,
    /// Of those that were lost, how many somebody who waited was told of.
    lost_told: u64,
    /// Lines for which there was no room, since they were last asked for.
    dropped: u64,
    is_asleep: bool,
    is_hurried: bool,
    is_closed: bool,
}

/// What there is for the thread.
#[derive(Debug)]
pub(crate) enum Next {
    Write(Piece),
    /// Nothing, for as long as it wanted to wait.
    Nothing,
    /// Nothing, and nobody is left to write.
    End,
}

impl Queue {
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self { most_bytes, state: Mutex::default(), work: Condvar::new(), progress: Condvar::new() }
    }

    /// Takes a line; where there is no room for it, it is dropped. Copies, and waits for nobody who does more than that.
    pub(crate) fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.bytes + line.len() > self.most_bytes {
            state.dropped += 1;
            return;
        }
        let has_room = state.pieces.back().is_some_and(|piece| piece.bytes.len() + line.len() <= PIECE);
        if !has_room {
            let piece =
                state.spare.take().unwrap_or_else(|| Piece { bytes: Vec::with_capacity(PIECE), lines: 0 });
            state.pieces.push_back(piece);
        }
        if let Some(piece) = state.pieces.back_mut() {
            piece.bytes.extend_from_slice(line);
            piece.lines += 1;
        }
        state.bytes += line.len();
        state.taken += 1;
        let must_wake = std::mem::take(&mut state.is_asleep);
        drop(state);
        if must_wake {
            self.work.notify_one();
        }
    }

    /// The next piece to write. Waits for it as long as it takes, or as long as `patience` says.
    pub(crate) fn next(&self, patience: Option<Duration>) -> Next {
        let mut state = self.lock();
        loop {
            if let Some(piece) = state.pieces.pop_front() {
                return Next::Write(piece);
            }
            state.is_hurried = false;
            if state.is_closed {
                return Next::End;
            }
            state.is_asleep = true;
            match patience {
                None => state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(patience) => {
                    let (woken, wait) =
                        self.work.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner);
                    state = woken;
                    if wait.timed_out() && state.pieces.is_empty() {
                        state.is_asleep = false;
                        return Next::Nothing;
                    }
                }
            }
            state.is_asleep = false;
        }
    }

    /// A piece was written, but for `lost` of its lines.
    pub(crate) fn done(&self, mut piece: Piece, lost: u64) {
        let mut state = self.lock();
        state.bytes -= piece.bytes.len().min(state.bytes);
        state.settled += piece.lines;
        state.lost += lost;
        if piece.bytes.capacity() <= PIECE {
            piece.bytes.clear();
            piece.lines = 0;
            state.spare = Some(piece);
        }
        drop(state);
        self.progress.notify_all();
    }

    /// Lets lines gather, unless somebody waits for them or there are many already.
    pub(crate) fn gather(&self) {
        let state = self.lock();
        if !state.is_hurried && !state.is_closed && state.pieces.len() < 2 {
            let _ = self.work.wait_timeout(state, GATHER);
        }
    }

    /// How many lines had no room since this was last asked.
    pub(crate) fn take_dropped(&self) -> u64 {
        std::mem::take(&mut self.lock().dropped)
    }

    /// Waits until everything that is in it now is written, but no longer than this; whether it is, and nothing was lost in
    /// writing since somebody last waited.
    pub(crate) fn wait_until_written(&self, patience: Duration) -> bool {
        let mut state = self.lock();
        let goal = state.taken;
        state.is_hurried = true;
        self.work.notify_one();
        let waiting = |state: &mut State| state.settled < goal;
        let (mut state, _) = self
            .progress
            .wait_timeout_while(state, patience, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        if state.settled < goal {
            return false;
        }
        let lost = state.lost;
        let told = std::mem::replace(&mut state.lost_told, lost);
        told == lost
    }

    /// Nobody is left to write: the thread writes what is there, and ends.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.work.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
