//! Alerts that the program raises itself.

use std::time::Duration;

use tower_watch::Watch;
use tower_watch::alert::{Alert, AlertSettings, Severity};
use tower_watch::watch::Preset;

use crate::world::World;

#[test]
fn it_is_there_until_it_is_resolved() {
    let world = World::new(AlertSettings::new().environment("test"));
    let stock = Alert::new("StockIsOut").label("product", "tea").severity(Severity::High);
    world.alerts().raise(stock.clone());
    assert!(world.firing().is_empty(), "it waits in the inbox");
    world.alerts().tick();
    let [active] = &world.alerts().active()[..] else { panic!("not one") };
    assert_eq!(
        active.labels.to_string(),
        r#"{alertname="StockIsOut", environment="test", instance="a", product="tea", service="shop", severity="high"}"#
    );
    assert_eq!(active.starts_at, world.watch.now().unwrap());
    assert_eq!(world.alerts().summary().into_iter().collect::<Vec<_>>(), [("high".to_owned(), 1)]);

    // Raised again it is the same, and has begun when it began.
    world.hand.advance(Duration::from_secs(60));
    world.alerts().raise(stock.clone());
    world.alerts().tick();
    let [again] = &world.alerts().active()[..] else { panic!("not one") };
    assert_eq!(again.starts_at, active.starts_at);

    world.alerts().resolve(&stock.labels);
    world.alerts().tick();
    assert!(world.firing().is_empty());
}

#[test]
fn an_end_that_is_given_is_kept() {
    let world = World::new(AlertSettings::new());
    let mut brief = Alert::new("Brief");
    brief.ends_at = Some(world.watch.now().unwrap() + 60_000);
    world.alerts().raise(brief);
    world.alerts().tick();
    assert_eq!(world.firing(), ["Brief"]);
    world.hand.advance(Duration::from_secs(60));
    world.alerts().tick();
    assert!(world.firing().is_empty());
}

#[test]
fn labels_of_its_own_are_left_alone() {
    let world = World::new(AlertSettings::new());
    world.alerts().raise(Alert::new("Down").label("service", "till").label("instance", "b"));
    world.alerts().tick();
    let [active] = &world.alerts().active()[..] else { panic!("not one") };
    assert_eq!(active.labels.to_string(), r#"{alertname="Down", instance="b", service="till"}"#);
    // Who resolves it says who it is.
    world.alerts().resolve(&Alert::new("Down").labels);
    world.alerts().tick();
    assert_eq!(world.firing(), ["Down"]);
}

#[tokio::test]
async fn without_an_engine_nothing_happens() {
    for watch in [
        Watch::builder("shop").local().preset(Preset::Fleet).start().unwrap(),
        Watch::builder("shop").local().without_alerts().start().unwrap(),
        Watch::builder("shop").local().without_store().start().unwrap(),
    ] {
        let alerts = watch.alerts();
        assert!(!alerts.is_on());
        alerts.raise(Alert::new("Down"));
        alerts.tick();
        assert!(alerts.active().is_empty() && alerts.summary().is_empty() && alerts.subscribe().is_none());
        assert_eq!(alerts.deliver().await.delivered, 0);
        assert!(alerts.test("log").await.unwrap_err().to_string().contains("no alert engine"));
        assert_eq!(alerts.reload(), Ok(()));
        watch.shutdown().await;
    }
}
