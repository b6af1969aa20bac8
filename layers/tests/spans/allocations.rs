//! What marking and recording allocate.

use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::Request;
use tower::util::service_fn;
use tower::{Layer, Service};
use tower_watch_layers::observe::ObserveLayer;
use tracing::{Subscriber, info_span};

use crate::harness::{Answer, Probe, answer, observers, subscriber};

/// Allocations of one exchange in a subscriber, once all has been met.
fn allocations(subscriber: impl Subscriber + Send + Sync, is_idle: bool, handler: fn()) -> u64 {
    let probe = Probe { is_idle, ..Probe::default() };
    let layer = ObserveLayer::new(observers(&probe));
    let service = service_fn(move |_: Request<()>| {
        handler();
        std::future::ready(Ok::<Answer, Infallible>(answer()))
    });
    let mut service = layer.layer(service);
    let mut send = || {
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(Ok(_)) = pin!(service.call(Request::new(()))).poll(&mut context) else {
            panic!("it waits")
        };
    };
    tracing::subscriber::with_default(subscriber, || {
        let forget = || probe.ended.lock().unwrap().clear();
        for _ in 0..100 {
            send();
            forget();
        }
        let counted: Vec<_> = (0..10)
            .map(|_| {
                let count = allocation_counter::measure(&mut send).count_total;
                forget();
                count
            })
            .collect();
        assert!(counted.iter().all(|count| *count == counted[0]), "not each costs the same: {counted:?}");
        counted[0]
    })
}

#[test]
fn an_exchange_costs_one_allocation_and_a_span_below_it_one_more() {
    let none = || ();
    let five = || {
        for n in 0..5 {
            let span = info_span!("row", n, text = "some text");
            (0..4).for_each(|_| span.in_scope(|| ()));
        }
    };
    let over = |handler: fn(), is_idle| {
        let bare = allocations(tracing_subscriber::registry(), is_idle, handler);
        allocations(subscriber(), is_idle, handler) - bare
    };
    // Its mark.
    assert_eq!(over(none, true), 1);
    assert_eq!(over(none, false), 1);
    assert_eq!(over(five, true), 6);
    // The recording itself; its lists come from the pool.
    assert_eq!(over(five, false), 7);
}
