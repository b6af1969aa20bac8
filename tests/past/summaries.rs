//! Summaries, with values computed by hand.

use std::time::Duration;

use metrics::{counter, gauge, histogram};
use tower_watch::promql::QueryError;
use tower_watch::registers::Kind;
use tower_watch::series::Labels;
use tower_watch::watch::Summary;

use crate::watched::{MINUTE, START, Watched};

fn close(found: Option<f64>, expected: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{found:?} is not {expected}");
}

#[tokio::test]
async fn a_counter_s_increments_are_exact_and_added_up() {
    let shop = Watched::start();
    shop.after(5, || counter!("orders_total", "channel" => "web").increment(3));
    shop.after(5, || counter!("orders_total", "channel" => "shop").increment(4));
    shop.after(5, || counter!("orders_total", "channel" => "web").increment(5));

    let orders = shop.watch.summary("orders_total", MINUTE).await.unwrap();
    assert_eq!(
        (orders.kind, orders.count, orders.total, orders.latest_value, orders.rate_per_minute),
        (Some(Kind::Counter), Some(12), Some(12.0), Some(12.0), Some(12.0))
    );
    assert_eq!((orders.avg, orders.p95, orders.change), (None, None, None));

    // From the last sample at or before the window's beginning, which is 3 with a window of 10 s.
    let recent = shop.watch.summary("orders_total", Duration::from_secs(10)).await.unwrap();
    assert_eq!((recent.count, recent.rate_per_minute), (Some(9), Some(54.0)));
    let recent = shop.watch.summary("orders_total", Duration::from_secs(9)).await.unwrap();
    assert_eq!(recent.count, Some(9), "between two ticks, the one before stands");
    let recent = shop.watch.summary("orders_total", Duration::from_secs(5)).await.unwrap();
    assert_eq!((recent.count, recent.latest_value), (Some(5), Some(12.0)));
}

#[tokio::test]
async fn a_selector_chooses_and_looks_back() {
    let shop = Watched::start();
    shop.after(5, || counter!("orders_total", "channel" => "web").increment(3));
    shop.after(5, || counter!("orders_total", "channel" => "shop").increment(4));
    let of = async |selector: &str| shop.watch.summary(selector, MINUTE).await.unwrap().count;
    assert_eq!(of("orders_total{channel=\"web\"}").await, Some(3));
    assert_eq!(of("orders_total{channel=~\"web|shop\"}").await, Some(7));
    assert_eq!(of("{__name__=\"orders_total\", channel=\"shop\"}").await, Some(4));
    assert_eq!(of("orders_total{channel=\"fax\"}").await, Some(0));
    assert_eq!(of("orders_total offset 5s").await, Some(3));
}

#[tokio::test]
async fn a_reset_loses_nothing() {
    let shop = Watched::start();
    // As it is after a restart: the store knows it, the registers do not.
    let labels = Labels::new([("__name__", "restored_total")]);
    for (second, value) in [(5, 5.0), (10, 8.0), (15, 2.0), (20, 4.0)] {
        shop.watch.store().unwrap().append(&labels, START + second * 1_000, value).unwrap();
    }
    shop.clock.advance(Duration::from_secs(20));
    let restored = shop.watch.summary("restored_total", MINUTE).await.unwrap();
    assert_eq!((restored.kind, restored.count), (Some(Kind::Counter), Some(3 + 2 + 2)));
    assert_eq!(restored.latest_value, Some(4.0));
}

#[tokio::test]
async fn a_gauge_is_looked_at_on_each_tick() {
    let shop = Watched::start();
    for carts in [10.0, 20.0, 30.0] {
        shop.after(5, || {
            gauge!("carts", "device" => "phone").set(carts);
            gauge!("carts", "device" => "desk").set(1.0);
        });
    }
    let carts = shop.watch.summary("carts", Duration::from_secs(15)).await.unwrap();
    assert_eq!((carts.kind, carts.latest_value, carts.avg), (Some(Kind::Gauge), Some(31.0), Some(21.0)));
    // Of 11, 21 and 31 the rank 0.95 x 2.
    close(carts.p95, 30.0);
    assert_eq!(carts.change, None, "it was not there at the beginning");
    assert_eq!((carts.count, carts.total, carts.rate_per_minute), (None, None, None));
    let carts = shop.watch.summary("carts{device=\"phone\"}", Duration::from_secs(10)).await.unwrap();
    assert_eq!((carts.avg, carts.change), (Some(25.0), Some(20.0)));
}

#[tokio::test]
async fn a_long_window_of_a_gauge_weighs_time() {
    let shop = Watched::with(START, |builder| builder.tick(MINUTE));
    // One value for two days, and three times that for one.
    for hour in 0..72 {
        shop.record(|| gauge!("carts").set(if hour < 48 { 10.0 } else { 30.0 }));
        (0..60).for_each(|_| shop.after(60, || ()));
    }
    let carts = shop.watch.summary("carts", 72 * 60 * MINUTE).await.unwrap();
    let avg = carts.avg.unwrap();
    // What is older than 6 hours is known by the hour: the change may be seen an hour late.
    assert!((avg - 50.0 / 3.0).abs() <= 20.0 / 72.0, "{avg}");
    assert_eq!(carts.p95, Some(30.0));
}

#[tokio::test]
async fn a_histogram_has_a_mean_and_a_percentile() {
    let shop = Watched::with(START, |builder| {
        builder.registers(|registers| registers.buckets_for("checkout_seconds", [0.1, 0.5, 1.0]))
    });
    let record = |way: &'static str, values: &[f64]| {
        values.iter().for_each(|value| histogram!("checkout_seconds", "way" => way).record(*value));
    };
    shop.after(5, || record("card", &[0.05, 0.3]));
    shop.after(5, || record("cash", &[0.3, 0.8]));

    let checkout = shop.watch.summary("checkout_seconds", MINUTE).await.unwrap();
    assert_eq!(
        (checkout.kind, checkout.count, checkout.rate_per_minute, checkout.latest_value, checkout.change),
        (Some(Kind::Histogram), Some(4), Some(4.0), None, None)
    );
    close(checkout.total, 1.45);
    close(checkout.avg, 1.45 / 4.0);
    // Rank 3.8 of 4, in the bucket from 0.5 to 1 that holds the fourth.
    close(checkout.p95, 0.9);

    let cash = shop.watch.summary("checkout_seconds{way=\"cash\"}", MINUTE).await.unwrap();
    close(cash.avg, 0.55);
    let part = shop.watch.summary("checkout_seconds_count", MINUTE).await.unwrap();
    assert_eq!((part.kind, part.count), (Some(Kind::Counter), Some(4)));

    shop.after(5, || ());
    let nothing = shop.watch.summary("checkout_seconds", Duration::from_secs(5)).await.unwrap();
    assert_eq!((nothing.count, nothing.total, nothing.avg, nothing.p95), (Some(0), Some(0.0), None, None));
}

#[tokio::test]
async fn a_name_is_known_by_what_it_became() {
    let shop = Watched::start();
    shop.after(5, || counter!("business.orders.created").increment(2));
    for name in ["business.orders.created", "business_orders_created", " business_orders_created "] {
        assert_eq!(shop.watch.summary(name, MINUTE).await.unwrap().count, Some(2), "{name}");
    }
}

#[tokio::test]
async fn what_was_never_recorded_is_empty_and_no_error() {
    let shop = Watched::start();
    assert_eq!(shop.watch.summary("orders_total", MINUTE).await.unwrap(), Summary::default());
    // It is there, but no tick has seen it.
    shop.record(|| counter!("orders_total").increment(1));
    let new = shop.watch.summary("orders_total", MINUTE).await.unwrap();
    assert_eq!((new.kind, new.count, new.latest_value), (Some(Kind::Counter), Some(0), None));
}

#[tokio::test]
async fn all_of_them_at_once() {
    let shop = Watched::start();
    shop.after(5, || {
        counter!("orders_total", "channel" => "web").increment(3);
        counter!("orders_total", "channel" => "shop").increment(1);
        gauge!("carts").set(7.0);
        histogram!("checkout_seconds").record(0.25);
    });
    let all = shop.watch.summaries(MINUTE).await.unwrap();
    for name in ["orders_total", "carts", "checkout_seconds", "tower_watch_series"] {
        assert_eq!(all[name], shop.watch.summary(name, MINUTE).await.unwrap(), "{name}");
    }
    assert_eq!(all["orders_total"].count, Some(4));
    assert_eq!(all["checkout_seconds"].avg, Some(0.25));
    assert!(!all.contains_key("checkout_seconds_count"), "the histogram is one");
}

#[tokio::test]
async fn what_is_no_metric_is_refused() {
    let shop = Watched::start();
    let refused = async |name: &str, window| shop.watch.summary(name, window).await.unwrap_err();
    for text in ["rate({a=\"b\"}[5m])", "{channel=\"web\"}", "{__name__=~\"orders.*\"}", "orders + 1"] {
        let error = refused(text, MINUTE).await;
        assert!(error.to_string().starts_with("a summary is of one metric"), "{text}: {error}");
    }
    for text in ["", "orders{", "orders total"] {
        let error = refused(text, MINUTE).await;
        assert!(matches!(error, QueryError::Parse(_)), "{text:?}: {error:?}");
    }
    let error = refused("orders_total", Duration::ZERO).await;
    assert!(error.to_string().starts_with("the window is zero"), "{error}");
    let far = shop.watch.summary("up", Duration::MAX).await.unwrap();
    assert_eq!(far.latest_value, Some(1.0), "longer than time is all there is");
}
