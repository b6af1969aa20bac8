//! Days begin at local midnight, and some have 23 or 25 hours.

use metrics::{counter, gauge, histogram};

use crate::watched::{MINUTE, START, Watched};

const HOURS: i64 = 3_600_000;

/// Goes from half an hour before midnight to a minute behind the next one, with an order a minute, and checks what is
/// said on the way about a day of so many hours. `midnight` is in hours from the start of 2026, UTC.
async fn a_day_of(hours: u64, zone: &str, midnight: i64) {
    let shop = Watched::with(START + midnight * HOURS - 30 * 60_000, |b| b.tick(MINUTE).time_zone(zone));
    let order = || counter!("orders_total").increment(1);
    let today = async || shop.watch.today("orders_total").await.unwrap().count;
    for minute in 1..30 {
        shop.after(60, order);
        assert_eq!(today().await, Some(minute), "of the day before, as far as it is known");
    }
    shop.after(60, order);
    assert_eq!(today().await, Some(0), "midnight in {zone}: what came before it was yesterday");
    for minute in 1..hours * 60 {
        shop.after(60, order);
        if minute % 97 == 0 || minute == hours * 60 - 1 {
            assert_eq!(today().await, Some(minute), "minute {minute} in {zone}");
        }
    }
    shop.after(60, order);
    assert_eq!(today().await, Some(0), "the next midnight in {zone}");
    shop.after(60, order);
    let first = shop.watch.today("orders_total").await.unwrap();
    assert_eq!((first.count, first.rate_per_minute), (Some(1), Some(1.0)), "{zone}");
}

#[tokio::test]
async fn in_utc() {
    a_day_of(24, "UTC", 24).await;
}

#[tokio::test]
async fn when_the_clocks_go_forward() {
    // 29 March 2026: 23:00 UTC on the 28th is midnight.
    a_day_of(23, "Europe/Zurich", 86 * 24 + 23).await;
}

#[tokio::test]
async fn when_the_clocks_go_back() {
    // 25 October 2026: 22:00 UTC on the 24th is midnight.
    a_day_of(25, "Europe/Zurich", 296 * 24 + 22).await;
}

#[tokio::test]
async fn the_other_kinds_have_a_day_too() {
    let shop = Watched::with(START - 60_000, |b| b.tick(MINUTE).time_zone("UTC"));
    let both = |carts: f64, revenue: f64| {
        gauge!("carts").set(carts);
        histogram!("revenue_euros").record(revenue);
    };
    shop.after(60, || both(5.0, 1_000.0));
    let revenue = shop.watch.today("revenue_euros").await.unwrap();
    assert_eq!(
        (revenue.count, revenue.total, revenue.avg, revenue.rate_per_minute),
        (Some(0), Some(0.0), None, None)
    );
    let carts = shop.watch.today("carts").await.unwrap();
    assert_eq!((carts.latest_value, carts.change, carts.avg, carts.p95), (Some(5.0), Some(0.0), None, None));
    shop.after(60, || both(9.0, 20.0));
    shop.after(60, || both(7.0, 30.0));
    let revenue = shop.watch.today("revenue_euros").await.unwrap();
    assert_eq!((revenue.count, revenue.total, revenue.avg), (Some(2), Some(50.0), Some(25.0)));
    let carts = shop.watch.today("carts").await.unwrap();
    assert_eq!((carts.latest_value, carts.change, carts.avg), (Some(7.0), Some(2.0), Some(8.0)));
}
