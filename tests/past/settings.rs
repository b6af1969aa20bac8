//! What a past cannot be.

use std::time::Duration;

use tower_watch::Watch;
use tower_watch::series::StoreSettings;
use tower_watch::watch::WatchBuilder;

fn said(change: impl FnOnce(WatchBuilder) -> WatchBuilder) -> Vec<String> {
    let error = change(Watch::builder("shop")).local().start().expect_err("this cannot start");
    error.problems().iter().map(|problem| format!("{}: {}", problem.field(), problem.message())).collect()
}

#[test]
fn each_problem_names_its_field() {
    for tick in [Duration::ZERO, Duration::from_millis(99), Duration::from_secs(301)] {
        assert_eq!(
            said(|b| b.tick(tick)),
            [format!("tick: {tick:?}: give 100 ms to 5 minutes; 5 s is the default")]
        );
    }
    assert_eq!(
        said(|b| b.instance(" ")),
        ["instance: an empty name tells nothing apart; give the host or pod, or leave it out"]
    );
    let [store] = &said(|b| b.store(StoreSettings::new().with_max_series(0)))[..] else { panic!("not one") };
    assert!(store.starts_with("store: "), "{store}");
    let [zone] = &said(|b| b.time_zone("Mars/Olympus"))[..] else { panic!("not one") };
    assert!(zone.starts_with("time_zone: \"Mars/Olympus\" is no time zone"), "{zone}");
    let all = said(|b| b.time_zone("").tick(Duration::ZERO).instance(""));
    assert_eq!(all.len(), 3, "all at once: {all:?}");
}

#[test]
fn the_last_zone_counts() {
    let builder = Watch::builder("shop").local().time_zone("Mars/Olympus").time_zone("Europe/Zurich");
    assert!(builder.start().is_ok());
}
