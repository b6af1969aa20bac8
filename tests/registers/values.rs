//! What goes into the registers, and what can be read back from them.

use std::sync::{Arc, Mutex};
use std::thread;

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
    with_local_recorder,
};
use tower_watch::registers::{
    BucketFault, Format, Kind, Reading, Registers, RegistersBuilder, RegistersError, SeriesValue,
};

const SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

fn build(builder: RegistersBuilder) -> Registers {
    builder.build().expect("the settings are right")
}

/// The finite bounds that a histogram of this name has.
fn bounds(registers: &Registers, name: &'static str) -> Vec<f64> {
    with_local_recorder(registers, || histogram!(name).record(1.0));
    let buckets = registers.snapshot().histogram(name, &[]).buckets;
    assert_eq!(buckets.last().map(|(bound, _)| *bound), Some(f64::INFINITY));
    buckets[..buckets.len() - 1].iter().map(|(bound, _)| *bound).collect()
}

#[test]
fn a_counter_counts_up_and_never_back() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        let handle = counter!("jobs_total");
        handle.increment(2);
        handle.increment(3);
        handle.absolute(4);
        assert_eq!(registers.snapshot().counter("jobs_total", &[]), 5);
        handle.absolute(9);
    });
    assert_eq!(registers.snapshot().counter("jobs_total", &[]), 9);
}

#[test]
fn a_gauge_goes_both_ways() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        let handle = gauge!("temperature_celsius");
        handle.set(20.5);
        handle.increment(2.0);
        handle.decrement(30.0);
    });
    assert_eq!(registers.snapshot().gauge("temperature_celsius", &[]), -7.5);
}

#[test]
fn a_histogram_counts_up_to_and_including_its_bounds() {
    let registers = build(Registers::builder().buckets_for("size", [1.0, 2.0]));
    with_local_recorder(&registers, || {
        let handle = histogram!("size");
        for value in [-1.0, 0.5, 1.0, 1.5, 2.0, 2.1] {
            handle.record(value);
        }
        handle.record_many(1.25, 4);
        handle.record_many(1.25, 0);
    });
    let size = registers.snapshot().histogram("size", &[]);
    assert_eq!(size.buckets, [(1.0, 3), (2.0, 9), (f64::INFINITY, 10)]);
    assert_eq!(size.count, 10);
    assert_eq!(size.sum, 11.1);
}

#[test]
fn what_is_no_number_is_not_recorded_and_what_is_infinite_is_not_summed() {
    let registers = build(Registers::builder().buckets_for("size", [1.0]));
    with_local_recorder(&registers, || {
        let handle = histogram!("size");
        handle.record(f64::NAN);
        handle.record_many(f64::NAN, 7);
        handle.record(0.5);
        handle.record(f64::INFINITY);
        handle.record(f64::NEG_INFINITY);
        handle.record(f64::MAX);
        handle.record(f64::MAX);
        handle.record(-f64::MAX);
    });
    let size = registers.snapshot().histogram("size", &[]);
    assert_eq!(size.buckets, [(1.0, 3), (f64::INFINITY, 6)]);
    assert_eq!((size.count, size.sum), (6, 0.0), "one f64::MAX would not have fitted twice");
}

#[test]
fn nothing_is_lost_between_two_threads() {
    const EACH: u64 = 50_000;
    let registers = build(Registers::builder().buckets_for("size", [1.0]));
    let (count, level, size) =
        with_local_recorder(&registers, || (counter!("jobs_total"), gauge!("level"), histogram!("size")));
    thread::scope(|scope| {
        for value in [0.5, 2.0] {
            let (count, level, size) = (&count, &level, &size);
            scope.spawn(move || {
                for _ in 0..EACH {
                    count.increment(1);
                    level.increment(1.0);
                    size.record(value);
                }
            });
        }
        // A reader meanwhile sees a count that is that of the buckets.
        scope.spawn(|| {
            for _ in 0..200 {
                let size = registers.snapshot().histogram("size", &[]);
                assert_eq!(Some(size.count), size.buckets.last().map(|(_, count)| *count));
                assert!(size.buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1));
            }
        });
    });
    let snapshot = registers.snapshot();
    assert_eq!(snapshot.counter("jobs_total", &[]), 2 * EACH);
    assert_eq!(snapshot.gauge("level", &[]), 2.0 * EACH as f64);
    let size = snapshot.histogram("size", &[]);
    assert_eq!(size.buckets, [(1.0, EACH), (f64::INFINITY, 2 * EACH)]);
    assert_eq!(size.sum, 2.5 * EACH as f64);
}

#[test]
fn threads_that_make_the_same_series_make_one() {
    let registers = Registers::new();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                with_local_recorder(&registers, || {
                    for index in 0..500 {
                        counter!("jobs-total", "queue" => index.to_string()).increment(1);
                    }
                });
            });
        }
    });
    assert_eq!(registers.snapshot().series_count(), 500);
    assert_eq!(registers.snapshot().counter("jobs_total", &[]), 1000);
}

#[test]
fn several_registers_share_nothing_and_clones_share_everything() {
    let (one, other) = (Registers::new(), Registers::new());
    let clone = one.clone();
    with_local_recorder(&one, || counter!("jobs_total").increment(1));
    with_local_recorder(&clone, || counter!("jobs_total").increment(1));
    assert_eq!(one.snapshot().counter("jobs_total", &[]), 2);
    assert_eq!(other.snapshot().series_count(), 0);
    assert_eq!(other.render(Format::Text), "");
}

#[test]
fn recording_makes_no_series_and_no_buckets() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        let handle = histogram!("latency_seconds");
        (0..100_000).for_each(|value| handle.record(f64::from(value)));
    });
    let latency = registers.snapshot().histogram("latency_seconds", &[]);
    assert_eq!((latency.buckets.len(), latency.count), (12, 100_000));
    assert_eq!(registers.snapshot().series_count(), 1);
}

#[test]
fn buckets_follow_the_unit_and_the_ending_of_the_name() {
    let bytes: Vec<f64> = (4..=13).map(|power| 4f64.powi(power)).collect();
    assert_eq!((bytes[0], bytes[9]), (256.0, 64.0 * 1024.0 * 1024.0));
    let milliseconds: Vec<f64> = SECONDS.iter().map(|bound| bound * 1000.0).collect();
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        describe_histogram!("upload", Unit::Bytes, "");
        describe_histogram!("wait", Unit::Milliseconds, "");
        describe_histogram!("odd_bytes", Unit::Seconds, "");
    });
    assert_eq!(bounds(&registers, "latency_seconds"), SECONDS);
    assert_eq!(bounds(&registers, "upload"), bytes);
    assert_eq!(bounds(&registers, "body_bytes"), bytes);
    assert_eq!(bounds(&registers, "wait"), milliseconds);
    assert_eq!(bounds(&registers, "wait_ms"), milliseconds);
    assert_eq!(bounds(&registers, "wait_milliseconds"), milliseconds);
    assert_eq!(bounds(&registers, "odd_bytes"), SECONDS);
}

#[test]
fn the_most_specific_rule_for_buckets_wins() {
    let registers = build(
        Registers::builder()
            .default_buckets([1.0])
            .buckets_for_prefix("http", [2.0])
            .buckets_for_prefix("http_request", [3.0])
            .buckets_for_suffix("_seconds", [4.0])
            .buckets_for_suffix("_bytes", [5.0, f64::INFINITY])
            .buckets_for("http_request_seconds", [6.0])
            .buckets_for_prefix("tenant_", [7.0])
            .buckets_for_prefix("tenant_", [8.0])
            .buckets_for_suffix("1st", [9.0])
            .buckets_for_suffix("tail", [10.0]),
    );
    assert_eq!(bounds(&registers, "other"), [1.0]);
    assert_eq!(bounds(&registers, "http_wait"), [2.0]);
    assert_eq!(bounds(&registers, "http_request_wait"), [3.0]);
    assert_eq!(bounds(&registers, "http_seconds"), [4.0], "the longer of prefix and suffix");
    assert_eq!(bounds(&registers, "body_bytes"), [5.0], "a rule before the unit, and +Inf is there once");
    assert_eq!(bounds(&registers, "http_request_seconds"), [6.0], "a full name before all");
    assert_eq!(bounds(&registers, "tenant_wait"), [8.0], "the later of two rules for the same");
    assert_eq!(bounds(&registers, "httptail"), [2.0], "a prefix before a suffix as long");
    assert_eq!(bounds(&registers, "a1st"), [9.0]);
}

#[test]
fn all_histograms_of_a_name_have_the_same_buckets() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        histogram!("upload", "kind" => "a").record(1.0);
        describe_histogram!("upload", Unit::Bytes, "Described too late for the buckets.");
        histogram!("upload", "kind" => "b").record(1.0);
    });
    let (a, b) = (
        registers.snapshot().histogram("upload", &[("kind", "a")]),
        registers.snapshot().histogram("upload", &[("kind", "b")]),
    );
    assert_eq!(a.buckets, b.buckets);
}

#[test]
fn wrong_buckets_are_refused_with_the_field_and_the_mend() {
    let refusal = |bounds: &[f64]| Registers::builder().buckets_for_prefix("http_", bounds).build().err();
    for (bounds, fault) in [
        (&[][..], BucketFault::Empty),
        (&[f64::INFINITY], BucketFault::Empty),
        (&[1.0, 3.0, 2.0], BucketFault::Unsorted(2.0)),
        (&[1.0, 2.0, 2.0], BucketFault::Duplicate(2.0)),
        (&[-0.0, 0.0], BucketFault::Duplicate(0.0)),
        (&[1.0, f64::NAN], BucketFault::NotANumber),
        (&[f64::NEG_INFINITY, 1.0], BucketFault::Infinite),
        (&[f64::INFINITY, f64::INFINITY], BucketFault::Infinite),
    ] {
        let field = String::from("buckets_for_prefix(\"http_\")");
        assert_eq!(refusal(bounds), Some(RegistersError::Buckets { field, fault }), "{bounds:?}");
    }
    let message = refusal(&[1.0, 3.0, 2.0]).expect("it is unsorted").to_string();
    assert_eq!(
        message,
        "buckets_for_prefix(\"http_\"): the bucket bound 2 is lower than the one before it; \
         list them in increasing order"
    );
    let default = Registers::builder().default_buckets([]).build().expect_err("there are none");
    assert!(default.to_string().starts_with("default_buckets: "), "{default}");
    assert!(Registers::builder().buckets_for("", [1.0]).build().is_err());
    assert!(Registers::builder().exemplars_for("").build().is_err());
}

#[test]
fn label_names_that_prometheus_refuses_are_refused() {
    for name in ["", "1st", "a-b", "größe", "__name__", "__x", "le", "quantile", "a b"] {
        let error = Registers::builder().global_label(name, "x").build().expect_err(name);
        assert!(matches!(&error, RegistersError::LabelName { name: named, .. } if named == name), "{error}");
        assert!(error.to_string().contains(&format!("global_label({name:?})")), "{error}");
        let after = std::time::Duration::from_secs(60);
        assert!(Registers::builder().expire_idle(name, after).build().is_err());
    }
    build(Registers::builder().global_labels([("a", "x"), ("_b2", "y"), ("A", "z")]));
    let none = Registers::builder().expire_idle("tenant", std::time::Duration::ZERO).build();
    assert!(none.expect_err("it is zero").to_string().contains("expire_idle(\"tenant\")"));
}

#[test]
fn global_labels_are_on_everything_and_a_series_own_label_is_stronger() {
    let registers =
        build(Registers::builder().global_labels([("service", "shop"), ("zone", "a"), ("empty", "")]));
    with_local_recorder(&registers, || {
        counter!("jobs_total", "zone" => "b").increment(1);
        counter!("jobs_total").increment(2);
        counter!("jobs_total", "zone" => "a").increment(4);
    });
    let snapshot = registers.snapshot();
    assert_eq!(snapshot.series_count(), 2, "zone=a says what the global label says");
    assert_eq!(snapshot.counter("jobs_total", &[("service", "shop"), ("zone", "a")]), 6);
    assert_eq!(snapshot.counter("jobs_total", &[("service", "shop"), ("zone", "b")]), 1);
    let first = snapshot.iter().next().expect("there are two");
    assert_eq!(first.key.labels().collect::<Vec<_>>(), [("service", "shop"), ("zone", "a")]);
}

#[test]
fn keys_that_become_the_same_series_add_up() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        counter!("my.jobs_total", "the-queue" => "a").increment(1);
        counter!("my-jobs_total", "the.queue" => "a").increment(2);
        counter!("my_jobs_total", "the_queue" => "a", "nothing" => "").increment(4);
        counter!("my_jobs_total", "the_queue" => "b", "the-queue" => "a").increment(8);
        histogram!("my.size").record(1.0);
        histogram!("my size").record(2.0);
    });
    let snapshot = registers.snapshot();
    assert_eq!(snapshot.series_count(), 2);
    assert_eq!(snapshot.counter("my_jobs_total", &[("the_queue", "a")]), 15);
    assert_eq!(snapshot.counter("my.jobs_total", &[("the-queue", "a")]), 15, "asked as it was registered");
    assert_eq!(snapshot.histogram("my_size", &[]).count, 2);
}

#[test]
fn labels_in_another_order_are_the_same_series() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        counter!("jobs_total", "a" => "1", "b" => "2", "c" => "3").increment(1);
        counter!("jobs_total", "c" => "3", "a" => "1", "b" => "2").increment(1);
    });
    assert_eq!(registers.snapshot().series_count(), 1);
    assert_eq!(registers.snapshot().counter("jobs_total", &[("b", "2")]), 2);
}

#[test]
fn a_snapshot_answers_by_labels() {
    let registers = build(Registers::builder().buckets_for("size", [1.0]));
    with_local_recorder(&registers, || {
        gauge!("level", "tank" => "a").set(1.5);
        gauge!("level", "tank" => "b").set(2.0);
        gauge!("level").set(8.0);
        gauge!("level_other").set(99.0);
        histogram!("size", "kind" => "a").record(0.5);
        histogram!("size", "kind" => "b").record(1.5);
    });
    let snapshot = registers.snapshot();
    assert_eq!(snapshot.gauge("level", &[]), 11.5);
    assert_eq!(snapshot.gauge("level", &[("tank", "b")]), 2.0);
    assert_eq!(snapshot.gauge("level", &[("tank", "")]), 8.0, "the one without the label");
    assert_eq!(snapshot.gauge("level", &[("tank", "z")]), 0.0);
    assert_eq!(snapshot.counter("level", &[]), 0, "it is no counter");
    let merged = snapshot.histogram("size", &[]);
    assert_eq!((merged.count, merged.sum), (2, 2.0));
    assert_eq!(merged.buckets, [(1.0, 1), (f64::INFINITY, 2)]);
    assert!(snapshot.histogram("none", &[]).buckets.is_empty());
    assert_eq!(snapshot.series("level").count(), 3);
    let values: Vec<&SeriesValue> = snapshot.series("level").map(|series| &series.value).collect();
    assert_eq!(values[0], &SeriesValue::Gauge(8.0), "sorted by labels");
    assert_eq!(snapshot.series_count(), snapshot.iter().len());
}

#[test]
fn a_visit_sees_each_register_once_and_knows_it_again() {
    let registers = build(Registers::builder().buckets_for("size", [1.0]));
    let visit = || {
        let mut seen = Vec::new();
        registers.visit(|series, reading| {
            let value = match reading {
                Reading::Counter(value) => value as f64,
                Reading::Gauge(value) => value,
                Reading::Histogram { bounds, cumulative, sum } => {
                    assert_eq!((bounds, cumulative), (&[1.0][..], &[1, 2][..]));
                    sum
                }
                _ => unreachable!("there are three kinds"),
            };
            seen.push((series.id(), series.kind(), series.name().to_owned(), value));
        });
        seen.sort_by_key(|(id, ..)| *id);
        seen
    };
    with_local_recorder(&registers, || {
        counter!("jobs_total").increment(3);
        gauge!("level").set(0.5);
        histogram!("size").record(0.5);
        histogram!("size").record(2.0);
    });
    let first = visit();
    let kinds: Vec<Kind> = first.iter().map(|(_, kind, ..)| *kind).collect();
    assert_eq!(kinds, [Kind::Counter, Kind::Gauge, Kind::Histogram]);
    assert_eq!(first.iter().map(|(.., value)| *value).collect::<Vec<_>>(), [3.0, 0.5, 2.5]);
    assert_eq!(visit(), first);
}

/// A recorder that writes down what reaches it.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, text: String) {
        self.0.lock().expect("nobody panics").push(text);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("nobody panics"))
    }
}

struct Noted(Notes, String);

impl CounterFn for Noted {
    fn increment(&self, value: u64) {
        self.0.note(format!("{} +{value}", self.1));
    }
    fn absolute(&self, value: u64) {
        self.0.note(format!("{} >={value}", self.1));
    }
}

impl GaugeFn for Noted {
    fn increment(&self, value: f64) {
        self.0.note(format!("{} +{value}", self.1));
    }
    fn decrement(&self, value: f64) {
        self.0.note(format!("{} -{value}", self.1));
    }
    fn set(&self, value: f64) {
        self.0.note(format!("{} ={value}", self.1));
    }
}

impl HistogramFn for Noted {
    fn record(&self, value: f64) {
        self.0.note(format!("{} {value}", self.1));
    }
    fn record_many(&self, value: f64, count: usize) {
        self.0.note(format!("{} {value}x{count}", self.1));
    }
}

impl Recorder for Notes {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.note(format!("counter {} {unit:?} {description}", key.as_str()));
    }
    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.note(format!("gauge {} {unit:?} {description}", key.as_str()));
    }
    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.note(format!("histogram {} {unit:?} {description}", key.as_str()));
    }
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::new(Noted(self.clone(), key.to_string())))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Arc::new(Noted(self.clone(), key.to_string())))
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Noted(self.clone(), key.to_string())))
    }
}

#[test]
fn every_branch_receives_everything_as_it_was_registered() {
    let (one, other) = (Notes::default(), Registers::new());
    let registers =
        build(Registers::builder().global_label("zone", "a").branch(one.clone()).branch(other.clone()));
    with_local_recorder(&registers, || {
        describe_counter!("my.jobs", "Jobs.");
        describe_gauge!("level", Unit::Percent, "Level.");
        describe_histogram!("size", Unit::Bytes, "Size.");
        counter!("my.jobs", "q" => "x").increment(2);
        counter!("my.jobs").absolute(7);
        gauge!("level").set(5.0);
        gauge!("level").increment(2.0);
        gauge!("level").decrement(1.0);
        histogram!("size").record(4.0);
        histogram!("size").record_many(4.0, 3);
    });
    assert_eq!(
        one.take(),
        [
            "counter my.jobs None Jobs.",
            "gauge level Some(Percent) Level.",
            "histogram size Some(Bytes) Size.",
            "Key(my.jobs, [q = x]) +2",
            "Key(my.jobs) >=7",
            "Key(level) =5",
            "Key(level) +2",
            "Key(level) -1",
            "Key(size) 4",
            "Key(size) 4x3",
        ]
    );
    for snapshot in [registers.snapshot(), other.snapshot()] {
        assert_eq!(snapshot.counter("my_jobs", &[]), 9);
        assert_eq!(snapshot.gauge("level", &[]), 6.0);
        assert_eq!(snapshot.histogram("size", &[]).count, 4);
        assert_eq!(snapshot.histogram("size", &[]).buckets[0].0, 256.0);
    }
    assert_eq!(other.snapshot().counter("my_jobs", &[("zone", "a")]), 0, "global labels are ours alone");
}

/// Neither does a register grow while nobody reads it.
#[test]
fn recording_through_a_kept_handle_allocates_nothing() {
    let registers = Registers::new();
    let (counted, level, took) = with_local_recorder(&registers, || {
        (counter!("orders_total"), gauge!("queue_length"), histogram!("order_seconds"))
    });
    let measured = allocation_counter::measure(|| {
        for step in 0..100_000 {
            counted.increment(1);
            level.set(f64::from(step));
            took.record(f64::from(step) / 1_000.0);
        }
    });
    assert_eq!(measured.count_total, 0);
    assert_eq!(registers.snapshot().histogram("order_seconds", &[]).count, 100_000);
}
