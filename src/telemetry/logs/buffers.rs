//! The buffers of a thread, in which its lines come together.

use std::cell::{Cell, RefCell};

/// What is kept for the next line; more is given back.
const KEPT: usize = 64 * 1024;

/// A value that logs while it is formatted makes a line within a line. One that logs itself would never end.
const DEEPEST: u32 = 4;

/// The buffers of one line.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// The line.
    pub(crate) line: String,
    /// A part of the line that is put into it at its end.
    pub(crate) part: String,
    /// A value before it is escaped.
    pub(crate) value: String,
}

thread_local! {
    static BUFFERS: RefCell<Vec<Buffers>> = const { RefCell::new(Vec::new()) };
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Hands `write` empty buffers; those of the thread, unless a line is being written on it already. Writes nothing where lines
/// are too deep in each other, or the thread is being torn down.
pub(crate) fn with_buffers(write: impl FnOnce(&mut Buffers)) {
    struct Up;
    impl Drop for Up {
        fn drop(&mut self) {
            let _ = DEPTH.try_with(|depth| depth.set(depth.get().saturating_sub(1)));
        }
    }
    let Ok(true) = DEPTH.try_with(|depth| {
        let is_shallow = depth.get() < DEEPEST;
        depth.set(depth.get() + u32::from(is_shallow));
        is_shallow
    }) else {
        return;
    };
    let _up = Up;
    let Ok(kept) = BUFFERS.try_with(|buffers| buffers.borrow_mut().pop()) else { return };
    let mut buffers = kept.unwrap_or_default();
    write(&mut buffers);
    for buffer in [&mut buffers.line, &mut buffers.part, &mut buffers.value] {
        buffer.clear();
        buffer.shrink_to(KEPT);
    }
    let _ = BUFFERS.try_with(|kept| kept.borrow_mut().push(buffers));
}
