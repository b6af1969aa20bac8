//! Where in its trace this thread is working.
//!
//! The spans that are entered on a thread lie on a stack here, over all subscribers, and each remembers which exchange was
//! being polled when it was entered. Where another one is being polled now, that one is further in.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::clock::Instant;
use crate::observe::{self, Slot};
use crate::w3c::TraceContext;

/// The place of what is entered.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) context: TraceContext,
    pub(crate) slot: Option<Arc<Slot>>,
    /// As in the mark.
    pub(crate) anchor: Option<u32>,
    pub(crate) is_recorded: bool,
}

/// A span that is entered on this thread.
#[derive(Debug)]
struct Level {
    place: Place,
    /// The layer that speaks of it; 0 for a context without a span.
    layer: u32,
    /// Its id in the subscriber of that layer.
    id: u64,
    /// Entered while it is entered: then what is current does not change, as the registry has it.
    is_repeated: bool,
    /// Since when, where it is recorded.
    since: Option<Instant>,
    /// The exchange that was being polled, by its address: only ever compared.
    around: usize,
}

impl Level {
    fn is(&self, layer: u32, id: u64) -> bool {
        self.id == id && self.layer == layer
    }
}

thread_local! {
    static STACK: RefCell<Vec<Level>> = const { RefCell::new(Vec::new()) };
    /// How many lie there: most threads are in no span but the exchange's own, and see it at a glance.
    static HEIGHT: Cell<usize> = const { Cell::new(0) };
}

#[inline]
fn address(slot: &Arc<Slot>) -> usize {
    Arc::as_ptr(slot).addr()
}

/// What [`innermost`] found.
enum Innermost<'a> {
    Span(&'a Place),
    Exchange(&'a Arc<Slot>, TraceContext),
    /// An exchange that is not traced.
    Untraced(&'a Arc<Slot>),
    Nothing,
}

#[inline]
fn innermost<R>(read: impl FnOnce(Innermost<'_>) -> R) -> Option<R> {
    if HEIGHT.get() > 0 {
        let read_top = |stack: &RefCell<Vec<Level>>| {
            let stack = stack.try_borrow().ok()?;
            let top = stack.iter().rev().find(|level| !level.is_repeated);
            Some(further_in(top, read))
        };
        STACK.try_with(read_top).ok().flatten()
    } else {
        Some(further_in(None, read))
    }
}

/// Of the innermost span and the exchange that is being polled the one that is further in.
#[inline]
fn further_in<R>(top: Option<&Level>, read: impl FnOnce(Innermost<'_>) -> R) -> R {
    let mut read = Some(read);
    let mut with = |found: Innermost<'_>| read.take().map(|read| read(found));
    let polled = observe::with_current(|slot| match (top, slot.trace()) {
        (Some(top), _) if top.around == address(slot) => with(Innermost::Span(&top.place)),
        (_, Some(context)) => with(Innermost::Exchange(slot, *context)),
        // A span around the whole server, and not one that another request left behind.
        (Some(top), None) if top.place.slot.is_none() => with(Innermost::Span(&top.place)),
        (_, None) => with(Innermost::Untraced(slot)),
    });
    let found = polled.flatten().or_else(|| match top {
        Some(top) => with(Innermost::Span(&top.place)),
        None => with(Innermost::Nothing),
    });
    found.expect("`with` is called once on each way")
}

/// The span that this thread is in: the innermost one that is entered, or the exchange's.
///
/// Costs two reads of thread-locals. In a spawned task it is there where the task carries a span (`Instrument`) or the
/// context ([`in_context`](crate::context::ContextExt::in_context)).
#[must_use]
#[inline]
pub fn current() -> Option<TraceContext> {
    innermost(|found| match found {
        Innermost::Span(place) => Some(place.context),
        Innermost::Exchange(_, context) => Some(context),
        Innermost::Untraced(_) | Innermost::Nothing => None,
    })
    .flatten()
}

/// What the exchange shares that this thread is working for: the one that the innermost span belongs to, or the one that is
/// being polled. So it is there too in a task that carries only a span.
///
/// Costs two reads of thread-locals and a count.
#[must_use]
pub fn current_slot() -> Option<Arc<Slot>> {
    innermost(|found| match found {
        Innermost::Span(place) => place.slot.clone().or_else(observe::current),
        Innermost::Exchange(slot, _) | Innermost::Untraced(slot) => Some(Arc::clone(slot)),
        Innermost::Nothing => None,
    })
    .flatten()
}

/// The place that a new span is below, or that an event is in.
#[inline]
pub(crate) fn place() -> Option<Place> {
    innermost(|found| match found {
        Innermost::Span(place) => Some(place.clone()),
        Innermost::Exchange(slot, context) => {
            Some(Place { context, slot: Some(Arc::clone(slot)), anchor: None, is_recorded: false })
        }
        Innermost::Untraced(_) | Innermost::Nothing => None,
    })
    .flatten()
}

/// The same where it is recorded: the exchange, and the closest recorded span in it.
#[inline]
pub(crate) fn recorded_place() -> Option<(Arc<Slot>, Option<u32>)> {
    let wanted = |slot: &Arc<Slot>| slot.wants_recording().then(|| Arc::clone(slot));
    innermost(|found| match found {
        Innermost::Span(place) => Some((place.slot.as_ref().and_then(wanted)?, place.anchor)),
        Innermost::Exchange(slot, _) => Some((wanted(slot)?, None)),
        Innermost::Untraced(_) | Innermost::Nothing => None,
    })
    .flatten()
}

/// Whether a span is the own one of the exchange that is being polled, so that entering it changes nothing.
#[inline]
pub(crate) fn is_own(layer: u32, id: u64) -> bool {
    observe::with_current(|slot| slot.is_own_span(layer, id)).unwrap_or(false)
}

/// Whether a span is entered on this thread.
#[inline]
pub(crate) fn is_entered(layer: u32, id: u64) -> bool {
    let is_there = |stack: &RefCell<Vec<Level>>| {
        stack.try_borrow().is_ok_and(|stack| stack.iter().any(|level| level.is(layer, id)))
    };
    HEIGHT.get() > 0 && STACK.try_with(is_there).unwrap_or(false)
}

/// Puts a span on the stack. `since`: where it is recorded, and not entered already.
#[inline]
pub(crate) fn push(layer: u32, id: u64, place: Place, is_repeated: bool, since: Option<Instant>) {
    let around = observe::with_current(address).unwrap_or(0);
    // Fails only while the thread is being torn down.
    let _ = STACK.try_with(|stack| {
        if let Ok(mut stack) = stack.try_borrow_mut() {
            stack.push(Level { place, layer, id, is_repeated, since, around });
            HEIGHT.set(stack.len());
        }
    });
}

/// What is to be done for a span that was left.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) slot: Option<Arc<Slot>>,
    /// Its place in the recording, and since when it was entered.
    pub(crate) recorded: Option<(u32, Instant)>,
}

/// Takes the last entry of a span off the stack, wherever it lies: spans may be left in any order.
#[inline]
pub(crate) fn pop(layer: u32, id: u64) -> Option<Left> {
    // The own span of the exchange that is being polled did not go there.
    if HEIGHT.get() == 0 { None } else { take_off(layer, id) }
}

fn take_off(layer: u32, id: u64) -> Option<Left> {
    let take_off = |stack: &RefCell<Vec<Level>>| {
        let mut stack = stack.try_borrow_mut().ok()?;
        let index = stack.iter().rposition(|level| level.is(layer, id))?;
        let is_inside = stack[index].around != observe::with_current(address).unwrap_or(0);
        if is_inside && is_own(layer, id) {
            return None;
        }
        // Taken out first: what a slot holds is not dropped in here.
        let level = &mut stack[index];
        let left = Left { slot: level.place.slot.take(), recorded: level.place.anchor.zip(level.since) };
        if index + 1 == stack.len() {
            stack.truncate(index);
        } else {
            stack.remove(index);
        }
        HEIGHT.set(stack.len());
        Some(left)
    };
    STACK.try_with(take_off).ok().flatten()
}

/// Runs `f` at the place of `context`; restores the outer one, also when `f` panics.
///
/// For the exchange that is being polled, which speaks for itself, and where there is no context, it does nothing.
pub(crate) fn enter<R>(context: Option<TraceContext>, f: impl FnOnce() -> R) -> R {
    struct Leave(u64);
    impl Drop for Leave {
        fn drop(&mut self) {
            pop(0, self.0);
        }
    }
    let is_current = |context: &TraceContext| {
        innermost(|found| match found {
            Innermost::Span(place) => place.context.span_id == context.span_id,
            Innermost::Exchange(_, current) => current.span_id == context.span_id,
            Innermost::Untraced(_) | Innermost::Nothing => false,
        })
    };
    let Some(context) = context.filter(|context| is_current(context) != Some(true)) else { return f() };
    let id = u64::from_be_bytes(context.span_id.to_bytes());
    let place = Place { context, slot: current_slot(), anchor: anchor(), is_recorded: false };
    push(0, id, place, false, None);
    let _leave = Leave(id);
    f()
}

fn anchor() -> Option<u32> {
    innermost(|found| match found {
        Innermost::Span(place) => place.anchor,
        Innermost::Exchange(..) | Innermost::Untraced(_) | Innermost::Nothing => None,
    })
    .flatten()
}
