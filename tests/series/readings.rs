//! One tick reads every register once, and appends what it read.

use metrics::{Unit, counter, describe_histogram, gauge, histogram};
use tower_watch::registers::Format;
use tower_watch::series::{MatchOp, STALE, is_stale};

use crate::world::{World, matcher, name};

#[test]
fn a_tick_appends_one_sample_to_the_series_of_every_register() {
    let mut world = World::new();
    world.record(|| {
        counter!("jobs_total", "queue" => "mail").increment(3);
        gauge!("level").set(-2.5);
    });
    world.ticks(2);
    world.record(|| counter!("jobs_total", "queue" => "mail").increment(1));
    world.ticks(1);
    let jobs = [(0.0, Some(0.0)), (5.0, Some(3.0)), (10.0, Some(3.0)), (15.0, Some(4.0))];
    assert_eq!(world.seen("jobs_total"), jobs);
    assert_eq!(world.seen("level"), [(5.0, Some(-2.5)), (10.0, Some(-2.5)), (15.0, Some(-2.5))]);
}

#[test]
fn a_histogram_is_its_buckets_its_sum_and_its_count() {
    let mut world = World::new();
    world.record(|| {
        let histogram = histogram!("seconds", "route" => "/");
        [0.004, 0.3, 0.3, 99.0].into_iter().for_each(|value| histogram.record(value));
    });
    world.ticks(1);
    let last = |matchers: &[_]| world.store.select(matchers, i64::MIN, i64::MAX, 1_000).unwrap();
    let buckets = last(&name("seconds_bucket"));
    assert_eq!(buckets.len(), 12);
    for bucket in buckets {
        assert_eq!(bucket.labels.get("route"), "/");
        let bound: f64 = bucket.labels.get("le").parse().unwrap();
        let count = [0.004, 0.3, 0.3, 99.0].iter().filter(|value| **value <= bound).count();
        assert_eq!(bucket.samples.values, [0.0, count as f64], "{}", bucket.labels);
    }
    assert_eq!(last(&name("seconds_sum"))[0].samples.values, [0.0, 99.604]);
    assert_eq!(last(&name("seconds_count"))[0].samples.values, [0.0, 4.0]);
    assert!(last(&name("seconds")).is_empty());
}

#[test]
fn a_bucket_is_spelled_as_metrics_spells_it() {
    let mut world = World::new();
    world.record(|| {
        describe_histogram!("size", Unit::Bytes, "Bytes.");
        histogram!("size").record(1.0);
        histogram!("seconds").record(1.0);
    });
    world.ticks(1);
    let text = world.registers.render(Format::Text);
    let stored = world.labels(&[matcher("__name__", MatchOp::Regex, ".*_bucket")]);
    assert_eq!(stored.len(), text.lines().filter(|line| line.contains("_bucket{")).count());
    for labels in stored {
        let le = labels.split("le=").nth(1).unwrap().trim_end_matches('}');
        assert!(
            text.contains(&format!("{{le={}}}", le.split(',').next().unwrap().trim_end_matches('}'))),
            "{labels}"
        );
    }
}

#[test]
fn job_and_instance_are_on_everything_and_a_series_own_are_exported() {
    let mut world = World::new();
    world.record(|| {
        counter!("a_total", "job" => "mine", "queue" => "q").increment(1);
        counter!("b_total", "job" => "mine", "exported_job" => "older").increment(1);
        histogram!("h").record(1.0);
    });
    world.ticks(1);
    assert_eq!(
        world.labels(&name("a_total")),
        [r#"a_total{exported_job="mine", instance="a:1", job="shop", queue="q"}"#]
    );
    // As Prometheus does where even that name is taken.
    assert_eq!(
        world.labels(&name("b_total")),
        [r#"b_total{exported_exported_job="mine", exported_job="older", instance="a:1", job="shop"}"#]
    );
    let without = world.labels(&[matcher("job", MatchOp::NotEqual, "shop")]);
    assert_eq!(without, Vec::<String>::new());
    let without = world.labels(&[matcher("instance", MatchOp::NotEqual, "a:1")]);
    assert_eq!(without, Vec::<String>::new());
}

#[test]
fn up_is_one_at_each_tick() {
    let mut world = World::new();
    world.ticks(3);
    assert_eq!(world.labels(&name("up")), [r#"up{instance="a:1", job="shop"}"#]);
    assert_eq!(world.seen("up"), [(5.0, Some(1.0)), (10.0, Some(1.0)), (15.0, Some(1.0))]);
}

#[test]
fn a_gauge_that_is_set_to_the_bits_of_the_staleness_marker_goes_on() {
    let mut world = World::new();
    world.record(|| gauge!("odd").set(STALE));
    world.ticks(1);
    world.record(|| gauge!("odd").set(f64::INFINITY));
    world.ticks(1);
    let values = world.samples("odd").values;
    assert!(values[0].is_nan() && !is_stale(values[0]));
    assert_eq!(values[1], f64::INFINITY);
}

#[test]
fn the_store_tells_of_itself() {
    let mut world = World::new();
    world.ticks(2);
    let size = world.store.size();
    let snapshot = world.registers.snapshot();
    assert_eq!(snapshot.gauge("tower_watch_series", &[]), size.series as f64);
    assert_eq!(snapshot.gauge("tower_watch_series_bytes", &[]), size.bytes as f64);
    for name in ["tower_watch_tick_duration_seconds", "tower_watch_tick_lag_seconds", "tower_watch_series"] {
        assert_eq!(world.samples(name).len(), 2, "{name}");
    }
}
