//! What an observer is, and how several are one.

use http::HeaderMap;
use http::response::Parts;

use crate::observe::{End, Slot, Start};

/// Looks at exchanges. One per layer; [`begin`](Self::begin) is called once per request.
///
/// Observers look on: they must neither block nor panic (a panic in one fails the request, and the observers after it do
/// not hear of what it panicked at). What they record by `counter!` reaches the layer's recorder. Tuples of up to six
/// observers are an observer that calls each in order.
pub trait Observer {
    /// What it keeps for the length of one exchange.
    type Exchange: Exchange;

    /// An exchange begins. `None`: this one is of no interest.
    ///
    /// Here, and only here, the request can be changed, and the exchange refused.
    fn begin(&self, start: &mut Start<'_>) -> Option<Self::Exchange>;
}

/// One exchange under observation. All methods but [`end`](Self::end) have an empty default.
pub trait Exchange {
    /// Around each poll of the service's future and of the response body, and around the drop of what the exchange
    /// outlives. A body that ended at its last byte, or at the head, is dropped after the end, and so outside.
    ///
    /// `poll` must be called, once. It may panic; then what `scope` changed on the thread must be changed back.
    fn scope<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        poll()
    }

    /// The head of the response is there, before the client sees it. Headers may be added.
    fn response(&mut self, head: &mut Parts, slot: &Slot) {
        let _ = (head, slot);
    }

    /// A frame of `bytes` bytes of the response body went out.
    fn data(&mut self, bytes: usize) {
        let _ = bytes;
    }

    /// The trailers of the response went out.
    fn trailers(&mut self, trailers: &HeaderMap) {
        let _ = trailers;
    }

    /// The exchange is over. Called exactly once.
    fn end(self, end: &End<'_>);
}

impl<E: Exchange> Exchange for Option<E> {
    fn scope<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        match self {
            Some(exchange) => exchange.scope(poll),
            None => poll(),
        }
    }

    fn response(&mut self, head: &mut Parts, slot: &Slot) {
        if let Some(exchange) = self {
            exchange.response(head, slot);
        }
    }

    fn data(&mut self, bytes: usize) {
        if let Some(exchange) = self {
            exchange.data(bytes);
        }
    }

    fn trailers(&mut self, trailers: &HeaderMap) {
        if let Some(exchange) = self {
            exchange.trailers(trailers);
        }
    }

    fn end(self, end: &End<'_>) {
        if let Some(exchange) = self {
            exchange.end(end);
        }
    }
}

/// Two in a row; longer tuples are pairs of pairs, so that the scopes nest without a macro maze.
impl<A: Exchange, B: Exchange> Exchange for (A, B) {
    fn scope<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        let (a, b) = self;
        a.scope(|| b.scope(poll))
    }

    fn response(&mut self, head: &mut Parts, slot: &Slot) {
        self.0.response(head, slot);
        self.1.response(head, slot);
    }

    fn data(&mut self, bytes: usize) {
        self.0.data(bytes);
        self.1.data(bytes);
    }

    fn trailers(&mut self, trailers: &HeaderMap) {
        self.0.trailers(trailers);
        self.1.trailers(trailers);
    }

    fn end(self, end: &End<'_>) {
        self.0.end(end);
        self.1.end(end);
    }
}

impl<A: Observer, B: Observer> Observer for (A, B) {
    type Exchange = (Option<A::Exchange>, Option<B::Exchange>);

    fn begin(&self, start: &mut Start<'_>) -> Option<Self::Exchange> {
        let both = (self.0.begin(start), self.1.begin(start));
        (both.0.is_some() || both.1.is_some()).then_some(both)
    }
}

macro_rules! longer_tuple {
    ($a:ident, $b:ident $(, $more:ident)*) => {
        impl<$a: Observer, $b: Observer $(, $more: Observer)*> Observer for ($a, $b $(, $more)*) {
            type Exchange = longer_tuple!(@exchange $a, $b $(, $more)*);

            fn begin(&self, start: &mut Start<'_>) -> Option<Self::Exchange> {
                #[allow(non_snake_case, reason = "one name for the type and its value")]
                let ($a, $b $(, $more)*) = self;
                Some(longer_tuple!(@begin start, $a, $b $(, $more)*))
            }
        }
    };
    (@exchange $last:ident) => { Option<$last::Exchange> };
    (@exchange $first:ident $(, $more:ident)+) => {
        (Option<$first::Exchange>, longer_tuple!(@exchange $($more),+))
    };
    (@begin $start:ident, $last:ident) => { $last.begin($start) };
    (@begin $start:ident, $first:ident $(, $more:ident)+) => {
        ($first.begin($start), longer_tuple!(@begin $start, $($more),+))
    };
}

longer_tuple!(A, B, C);
longer_tuple!(A, B, C, D);
longer_tuple!(A, B, C, D, E);
longer_tuple!(A, B, C, D, E, F);
