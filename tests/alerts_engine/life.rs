//! How long an engine lives, and what it needs.

use std::path::Path;
use std::time::Duration;

use tower_watch::Watch;
use tower_watch::alert::{Alert, AlertSettings};

use crate::world::{Recorder, World};

#[test]
fn it_needs_no_runtime_and_ticks_by_itself() {
    let watch = Watch::builder("shop").local().without_admin().start().unwrap();
    watch.alerts().raise(Alert::new("Down"));
    until("the alert is taken in", || !watch.alerts().active().is_empty());
    watch.alerts().resolve(&Alert::new("Down").labels);
    until("the alert is over", || watch.alerts().active().is_empty());
}

#[test]
fn two_watches_know_nothing_of_each_other() {
    let (one, other) = (World::new(AlertSettings::new()), World::new(AlertSettings::new()));
    one.alerts().raise(Alert::new("Down"));
    one.alerts().tick();
    other.alerts().tick();
    assert_eq!(one.firing(), ["Down"]);
    assert!(other.firing().is_empty());
}

/// The only test in this binary that may count threads by these names: the others use a fake clock, or are named apart.
#[test]
fn threads_end_with_the_numbers_and_at_the_shutdown() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for shut_down in [true, false] {
        let recorder = Recorder::new();
        let settings = AlertSettings::new().receiver("ops", recorder.clone());
        let watch = Watch::builder("shop").local().without_admin().alerts(settings).start().unwrap();
        let held = watch.alerts().clone();
        held.on_change(|_| {});
        runtime.block_on(held.test("ops")).unwrap();
        let before = threads();
        assert!(
            ["tower-watch-not", "tower-watch-cha"].iter().all(|name| before.iter().any(|own| own == name))
        );
        if shut_down {
            runtime.block_on(watch.shutdown());
            runtime.block_on(watch.shutdown());
        }
        drop(watch);
        until("its threads are gone", || {
            !threads().iter().any(|name| ["tower-watch-not", "tower-watch-cha"].contains(&&**name))
        });
        // A handle that somebody still has does no harm.
        held.raise(Alert::new("Late"));
        assert!(runtime.block_on(held.test("ops")).is_err());
    }
}

/// The names of this process' threads, as the system shortens them.
fn threads() -> Vec<String> {
    let tasks = Path::new("/proc/self/task").read_dir().unwrap();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .map(|name| name.trim().to_owned())
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "there is no runtime here, and that is the point")]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("never: {what}");
}
