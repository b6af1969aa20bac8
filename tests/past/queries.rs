//! Ticks, and what PromQL says about them.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use metrics::counter;
use tower::ServiceExt;
use tower_watch::promql::{QueryError, Value};
use tower_watch::{Preset, Watch};

use crate::support::until_async;
use crate::watched::{START, Watched, values};

#[tokio::test]
async fn a_tick_is_where_time_was_when_it_came() {
    let shop = Watched::start();
    assert_eq!(shop.watch.tick(), None, "this tick has been");
    shop.clock.advance(Duration::from_secs(5));
    assert_eq!(shop.watch.tick(), Some(START + 5_000));
    shop.clock.advance(Duration::from_millis(1_234));
    assert_eq!(shop.watch.now(), Some(START + 6_234));
}

#[tokio::test]
async fn a_query_sees_the_last_tick_with_job_and_instance() {
    let shop = Watched::start();
    shop.after(5, || counter!("orders_total", "channel" => "web").increment(3));
    shop.record(|| counter!("orders_total", "channel" => "web").increment(100));
    let answer = shop.watch.query("orders_total").await.unwrap();
    let Value::Vector(samples) = &answer.value else { panic!("{answer:?}") };
    assert_eq!(samples.len(), 1);
    assert_eq!(
        samples[0].labels.to_string(),
        "orders_total{channel=\"web\", instance=\"here\", job=\"shop\"}"
    );
    assert_eq!((samples[0].point.value, samples[0].point.time), (3.0, START + 5_000));
    assert_eq!(values(&shop.watch.query("up").await.unwrap()), [1.0]);
}

#[tokio::test]
async fn a_range_ends_now() {
    let shop = Watched::start();
    for _ in 0..4 {
        shop.after(5, || counter!("orders_total").increment(2));
    }
    let step = Duration::from_secs(5);
    let answer = shop.watch.query_range("orders_total", 3 * step, step).await.unwrap();
    let Value::Matrix(series) = &answer.value else { panic!("{answer:?}") };
    let points: Vec<_> = series[0].points.iter().map(|point| (point.time - START, point.value)).collect();
    assert_eq!(points, [(5_000, 2.0), (10_000, 4.0), (15_000, 6.0), (20_000, 8.0)]);
}

#[tokio::test]
async fn what_cannot_be_read_is_shown_where_it_stands() {
    let shop = Watched::start();
    let error = shop.watch.query("sum(rate(orders_total[5m])").await.unwrap_err();
    assert!(matches!(error, QueryError::Parse(_)), "{error:?}");
    assert!(error.to_string().starts_with("1:"), "{error}");
}

#[tokio::test]
async fn fleet_keeps_nothing_and_says_so() {
    for watch in [
        Watch::builder("shop").local().preset(Preset::Fleet).start().unwrap(),
        Watch::builder("shop").local().without_store().start().unwrap(),
    ] {
        assert!(watch.store().is_none());
        assert_eq!((watch.tick(), watch.now()), (None, None));
        let second = Duration::from_secs(1);
        for error in [
            watch.query("up").await.unwrap_err(),
            watch.query_range("up", second, second).await.unwrap_err(),
            watch.summary("up", second).await.unwrap_err(),
            watch.summaries(second).await.unwrap_err(),
            watch.today("up").await.unwrap_err(),
        ] {
            assert_eq!(error, QueryError::NoStore);
            assert!(error.to_string().contains("preset Fleet"), "{error}");
        }
        watch.shutdown().await;
    }
    let kept = Watch::builder("shop").local().preset(Preset::Fleet).store(Default::default()).start();
    assert!(kept.unwrap().store().is_some(), "asked for, whatever the preset says");
}

#[tokio::test]
async fn a_handler_s_counter_is_in_the_store_of_its_own_watch() {
    let (one, two) = (Watched::start(), Watched::start());
    let order = async || counter!("orders_total").increment(1);
    for (shop, requests) in [(&one, 2), (&two, 3)] {
        let app = Router::new().route("/orders", get(order)).layer(shop.watch.layer());
        for _ in 0..requests {
            let request = Request::get("/orders").body(Body::empty()).unwrap();
            app.clone().oneshot(request).await.unwrap();
        }
        shop.after(5, || ());
    }
    assert_eq!(values(&one.watch.query("orders_total").await.unwrap()), [2.0]);
    assert_eq!(values(&two.watch.query("orders_total").await.unwrap()), [3.0]);
}

#[tokio::test]
async fn shutdown_makes_the_last_tick() {
    let shop = Watched::start();
    shop.record(|| counter!("orders_total").increment(7));
    shop.clock.advance(Duration::from_secs(2));
    shop.watch.shutdown().await;
    assert_eq!(values(&shop.watch.query("orders_total").await.unwrap()), [7.0]);
    shop.record(|| counter!("orders_total").increment(1));
    shop.clock.advance(Duration::from_secs(2));
    shop.watch.shutdown().await;
    assert_eq!(values(&shop.watch.query("orders_total").await.unwrap()), [7.0], "the second does nothing");
}

#[tokio::test]
async fn a_thread_ticks_by_itself_until_it_is_shut_down() {
    let watch = Watch::builder("shop").local().tick(Duration::from_millis(100)).start().unwrap();
    metrics::with_local_recorder(watch.registers(), || counter!("orders_total").increment(4));
    until_async("the thread has read the counter", async || {
        values(&watch.query("orders_total").await.unwrap()) == [4.0]
    })
    .await;
    until_async("and it ticks again", async || {
        values(&watch.query("count_over_time(up[1m])").await.unwrap())[0] >= 3.0
    })
    .await;
    watch.shutdown().await;
    let ticks = async || values(&watch.query("count_over_time(up[10m])").await.unwrap());
    let before = ticks().await;
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert_eq!(ticks().await, before);
}

/// One a second for twelve hours: every way into the past sees as many, through all tiers.
#[tokio::test]
async fn an_increase_is_whole_across_the_tiers() {
    let shop = Watched::start();
    for _ in 0..12 * 720 {
        shop.after(5, || counter!("orders_total").increment(5));
    }
    for (query, expected) in [
        ("increase(orders_total[10m])", 600.0),
        ("increase(orders_total[20m])", 1_200.0),
        ("increase(orders_total[1h])", 3_600.0),
        ("increase(orders_total[1h] offset 14m)", 3_600.0),
        ("increase(orders_total[5h])", 18_000.0),
        ("increase(orders_total[7h])", 25_200.0),
        ("increase(orders_total[7h30m])", 27_000.0),
        ("increase(orders_total[11h])", 39_600.0),
        ("3600 * rate(orders_total[1h] offset 5h59m)", 3_600.0),
        ("3600 * rate(orders_total[5m] offset 8h)", 3_600.0),
    ] {
        let found = values(&shop.watch.query(query).await.unwrap());
        let error = (found[0] - expected).abs() / expected;
        assert!(error < 0.002, "{query}: {found:?}, not {expected}");
    }
}
