//! Files that change while the watch runs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tower_watch::Watch;
use tower_watch::alert::AlertSettings;
use tower_watch::layers::clock::Clock;

fn write(directory: &Path, name: &str, text: &str) {
    fs::write(directory.join(name), text).unwrap();
}

#[test]
fn files_that_changed_are_read_again_and_bad_ones_change_nothing() {
    let directory = std::env::temp_dir().join(format!("tower-watch-reload-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    write(&directory, "rules.yml", "groups: [{name: g, rules: [{alert: One, expr: vector(1)}]}]");
    write(&directory, "am.yml", "route: {receiver: a}\nreceivers: [{name: a}, {name: b}]\n");
    write(&directory, "own.yml", "escalation: [{severity: critical, receiver: b}]");
    let settings = AlertSettings::new()
        .rules_file(directory.join("rules.yml"))
        .routing_file(directory.join("am.yml"))
        .additions_file(directory.join("own.yml"));
    let (clock, hand) = Clock::fake();
    let builder = Watch::builder("shop").local().without_admin().clock(clock).alerts(settings);
    let watch = builder.start().unwrap();
    let firing_after = |time: u64| {
        for _ in 0..time / 5 {
            hand.advance(Duration::from_secs(5));
            watch.tick();
            watch.alerts().tick();
        }
        let active = watch.alerts().active();
        let mut names: Vec<String> = active.iter().map(|alert| alert.name().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(firing_after(30), ["One"]);

    // The step escalates to nobody now, so not even the rules count.
    write(&directory, "rules.yml", "groups: [{name: g, rules: [{alert: Two, expr: vector(1)}]}]");
    write(&directory, "am.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n");
    assert_eq!(firing_after(60), ["One"]);

    write(&directory, "own.yml", "escalation: [{severity: critical, receiver: a}]");
    assert_eq!(firing_after(60), ["Two"]);

    fs::remove_file(directory.join("am.yml")).unwrap();
    assert_eq!(firing_after(60), ["Two"], "a file that is gone changes nothing");
    fs::remove_dir_all(&directory).unwrap();
}
