//! Who else hears of changes, and messages that somebody asked for.

use std::sync::{Arc, Mutex};

use tower_watch::alert::receivers::SendError;
use tower_watch::alert::{Alert, AlertSettings};

use crate::world::{Recorder, World};

#[tokio::test]
async fn a_change_is_heard_of_once() {
    let world = World::new(AlertSettings::new());
    let mut channel = world.alerts().subscribe().unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    world.alerts().on_change(move |change| {
        told.lock().unwrap().push(format!("{} {}", change.status, change.alert.name()));
    });
    let down = Alert::new("Down");
    for _ in 0..2 {
        world.alerts().raise(down.clone());
        world.alerts().tick();
    }
    world.alerts().resolve(&down.labels);
    world.alerts().resolve(&down.labels);
    world.alerts().tick();
    world.alerts().deliver().await;
    assert_eq!(*heard.lock().unwrap(), ["firing Down", "resolved Down"]);
    for expected in ["firing Down", "resolved Down"] {
        let change = channel.try_recv().unwrap();
        assert_eq!(format!("{} {}", change.status, change.alert.name()), expected);
    }
    assert!(channel.try_recv().is_err());
}

#[tokio::test]
async fn a_test_message_says_how_it_came_out() {
    let (good, bad) = (Recorder::new(), Recorder::new());
    *bad.down.lock().unwrap() = Some(SendError::Refused { reason: "404 Not Found".into() });
    let settings = AlertSettings::new().receiver("ops", good.clone()).receiver("chat", bad.clone());
    let world = World::new(settings);
    world.alerts().test("ops").await.unwrap();
    assert_eq!(good.told(), ["firing TowerWatchTest"]);
    assert!(bad.told().is_empty());
    let error = world.alerts().test("chat").await.unwrap_err();
    assert_eq!(error.to_string(), "the test message did not arrive\n  chat/recorder[0]: 404 Not Found");
    let error = world.alerts().test("pager").await.unwrap_err();
    assert!(error.to_string().contains(r#"there is no receiver "pager""#), "{error}");
    assert!(world.firing().is_empty(), "a test is no alert");
}
