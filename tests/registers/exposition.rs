//! `/metrics` as text: both formats, and names and values of every sort.

use std::collections::HashSet;
use std::time::Duration;

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
    with_local_recorder,
};
use proptest::prelude::*;
use tower_watch::layers::clock::Clock;
use tower_watch::layers::exemplar;
use tower_watch::layers::w3c::TraceId;
use tower_watch::registers::{Format, Registers};

fn shop() -> Registers {
    let (clock, hand) = Clock::fake();
    let registers = Registers::builder()
        .global_label("service", "shop")
        .buckets_for("checkout_seconds", [0.1, 1.0])
        .exemplars_for("checkout_seconds")
        .clock(clock)
        .build()
        .expect("the settings are right");
    hand.advance(Duration::from_millis(1_250));
    with_local_recorder(&registers, || {
        describe_counter!("orders_total", Unit::Count, "Orders taken.");
        describe_gauge!("stock_bytes", Unit::Bytes, "Stock, \"as is\", in C:\\stock.\nMore.");
        describe_histogram!("checkout_seconds", Unit::Seconds, "Time to check out.");
        counter!("orders_total", "channel" => "web").increment(3);
        counter!("orders_total", "channel" => "shop").increment(u64::MAX);
        gauge!("stock_bytes").set(1.5);
        let checkout = histogram!("checkout_seconds");
        exemplar::with(TraceId::from_bytes([0xab; 16]), || checkout.record(0.05));
        checkout.record(0.5);
        exemplar::with(TraceId::from_bytes([0x01; 16]), || checkout.record(7.0));
    });
    registers
}

#[test]
fn the_text_format_as_a_whole() {
    let expected = r#"# HELP checkout_seconds Time to check out.
# TYPE checkout_seconds histogram
checkout_seconds_bucket{service="shop",le="0.1"} 1
checkout_seconds_bucket{service="shop",le="1.0"} 2
checkout_seconds_bucket{service="shop",le="+Inf"} 3
checkout_seconds_sum{service="shop"} 7.55
checkout_seconds_count{service="shop"} 3
# HELP orders_total Orders taken.
# TYPE orders_total counter
orders_total{channel="shop",service="shop"} 18446744073709551615
orders_total{channel="web",service="shop"} 3
# HELP stock_bytes Stock, "as is", in C:\\stock.\nMore.
# TYPE stock_bytes gauge
stock_bytes{service="shop"} 1.5
"#;
    assert_eq!(shop().render(Format::Text), expected);
}

#[test]
fn openmetrics_as_a_whole() {
    let expected = r#"# HELP checkout_seconds Time to check out.
# TYPE checkout_seconds histogram
# UNIT checkout_seconds seconds
checkout_seconds_bucket{service="shop",le="0.1"} 1 # {trace_id="abababababababababababababababab"} 0.05 1767225601.250
checkout_seconds_bucket{service="shop",le="1.0"} 2
checkout_seconds_bucket{service="shop",le="+Inf"} 3 # {trace_id="01010101010101010101010101010101"} 7 1767225601.250
checkout_seconds_sum{service="shop"} 7.55
checkout_seconds_count{service="shop"} 3
# HELP orders Orders taken.
# TYPE orders counter
orders_total{channel="shop",service="shop"} 18446744073709551615
orders_total{channel="web",service="shop"} 3
# HELP stock_bytes Stock, \"as is\", in C:\\stock.\nMore.
# TYPE stock_bytes gauge
# UNIT stock_bytes bytes
stock_bytes{service="shop"} 1.5
# EOF
"#;
    assert_eq!(shop().render(Format::OpenMetrics), expected);
}

#[test]
fn nothing_recorded_is_still_an_exposition() {
    assert_eq!(Registers::new().render(Format::Text), "");
    assert_eq!(Registers::new().render(Format::OpenMetrics), "# EOF\n");
}

#[test]
fn content_types() {
    assert_eq!(Format::Text.content_type(), "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(
        Format::OpenMetrics.content_type(),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
}

#[test]
fn the_last_exemplar_of_a_bucket_stays_and_only_where_they_are_on() {
    let registers = Registers::builder()
        .buckets_for_prefix("wait", [1.0])
        .exemplars_for("wait_on")
        .build()
        .expect("the settings are right");
    with_local_recorder(&registers, || {
        for (id, value) in [(1, 0.1), (2, 0.2), (3, f64::NAN)] {
            exemplar::with(TraceId::from_bytes([id; 16]), || {
                histogram!("wait_on").record(value);
                histogram!("wait_off").record(value);
            });
        }
        histogram!("wait_on").record(0.3);
    });
    let snapshot = registers.snapshot();
    let on = snapshot.histogram("wait_on", &[]);
    let kept: Vec<_> =
        on.exemplars.iter().map(|slot| slot.map(|kept| (kept.trace_id.to_bytes(), kept.value))).collect();
    assert_eq!(kept, [Some(([2; 16], 0.2)), None]);
    assert!(snapshot.histogram("wait_off", &[]).exemplars.is_empty());
    assert_eq!(registers.render(Format::OpenMetrics).matches("trace_id").count(), 1);
    assert_eq!(registers.render(Format::Text).matches("trace_id").count(), 0);
}

#[test]
fn values_that_are_no_plain_number() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        gauge!("value", "is" => "nan").set(f64::NAN);
        gauge!("value", "is" => "up").set(f64::INFINITY);
        gauge!("value", "is" => "down").set(f64::NEG_INFINITY);
    });
    for format in [Format::Text, Format::OpenMetrics] {
        let text = registers.render(format);
        for line in ["value{is=\"nan\"} NaN\n", "value{is=\"up\"} +Inf\n", "value{is=\"down\"} -Inf\n"] {
            assert!(text.contains(line), "{text}");
        }
    }
}

#[test]
fn label_values_are_escaped_so_that_different_ones_stay_different() {
    let registers = Registers::new();
    let values = [r"\", r"\\", r"\\\", "\n", r"\n", "\\\n", "\"", "\\\"", "🦀 größe", "a,b=\"c\"}"];
    with_local_recorder(&registers, || {
        for value in values {
            counter!("files_total", "path" => value).increment(1);
        }
    });
    for format in [Format::Text, Format::OpenMetrics] {
        let text = registers.render(format);
        let written: Vec<String> = samples(&text).map(|(_, labels, _)| labels[0].1.clone()).collect();
        let mut expected = values.map(str::to_owned).to_vec();
        expected.sort();
        assert_eq!(written, expected, "{text}");
    }
}

#[test]
fn label_names_are_mended_and_reserved_ones_moved_aside() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        gauge!("x", "a-b" => "1", "2c" => "2", "" => "3", "__name__" => "4", "le" => "5").set(1.0);
        histogram!("y", "le" => "6").record(0.001);
    });
    let text = registers.render(Format::Text);
    assert!(text.contains("x{_=\"3\",_c=\"2\",a_b=\"1\",exported___name__=\"4\",le=\"5\"} 1\n"), "{text}");
    assert!(text.contains("y_bucket{exported_le=\"6\",le=\"0.005\"} 1\n"), "{text}");
}

#[test]
fn names_stay_as_they_were_registered() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        describe_histogram!("wait", Unit::Seconds, "Not named after its unit.");
        describe_gauge!("load_count", Unit::Count, "A unit that says nothing.");
        describe_gauge!("kilobytes", Unit::Bytes, "A name that only ends in the letters of its unit.");
        gauge!("kilobytes").set(1.0);
        histogram!("wait").record(1.0);
        histogram!("discount").record(1.0);
        histogram!("check_sum").record(1.0);
        counter!("jobs").increment(1);
        gauge!("load_count").set(1.0);
    });
    for format in [Format::Text, Format::OpenMetrics] {
        let text = registers.render(format);
        for line in
            ["wait_count 1\n", "discount_count 1\n", "check_sum_sum 1\n", "check_sum_count 1\n", "\njobs 1\n"]
        {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(!text.contains("# UNIT") && !text.contains("wait_seconds"), "{text}");
    }
}

#[test]
fn a_counter_whose_openmetrics_name_is_taken_keeps_its_name_as_unknown() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        counter!("jobs").increment(1);
        counter!("jobs_total").increment(2);
        gauge!("threads").set(3.0);
        counter!("threads_total").increment(4);
        counter!("_total").increment(5);
        counter!("free_total").increment(6);
        // OpenMetrics keeps `made_created` for the counter `made`.
        counter!("made_created_total").increment(7);
        counter!("made_total").increment(8);
    });
    let text = registers.render(Format::OpenMetrics);
    for line in [
        "# TYPE jobs unknown\njobs 1\n",
        "# TYPE jobs_total unknown\njobs_total 2\n",
        "# TYPE threads gauge\nthreads 3\n",
        "# TYPE threads_total unknown\nthreads_total 4\n",
        "# TYPE _total unknown\n_total 5\n",
        "# TYPE free counter\nfree_total 6\n",
        "# TYPE made_created counter\nmade_created_total 7\n",
        "# TYPE made_total unknown\nmade_total 8\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(registers.render(Format::Text).contains("# TYPE jobs_total counter\njobs_total 2\n"));
}

#[test]
fn one_name_for_two_types_is_shown_as_two_names() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        describe_gauge!("size", "The gauge.");
        describe_histogram!("size", "The histogram.");
        counter!("size").increment(1);
        gauge!("size").set(2.0);
        histogram!("size").record(3.0);
        gauge!("size").increment(2.0);
        counter!("size").increment(1);
        // The name that the gauge got is its own for everyone.
        gauge!("size_gauge").increment(4.0);
        gauge!("size_gauge", "of" => "a").increment(16.0);
        counter!("size_gauge").increment(7);
        // And the names that a histogram writes are the histogram's.
        counter!("size_histogram_count").increment(9);
    });
    let text = registers.render(Format::Text);
    for line in [
        "# TYPE size counter\nsize 2\n",
        "# HELP size_gauge The gauge.\n# TYPE size_gauge gauge\nsize_gauge 8\nsize_gauge{of=\"a\"} 16\n",
        "# HELP size_histogram The histogram.\n# TYPE size_histogram histogram\n",
        "size_histogram_count 1\n",
        "# TYPE size_gauge_counter counter\nsize_gauge_counter 7\n",
        "# TYPE size_histogram_count_counter counter\nsize_histogram_count_counter 9\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let snapshot = registers.snapshot();
    assert_eq!((snapshot.counter("size", &[]), snapshot.gauge("size_gauge", &[])), (2, 24.0));
}

#[test]
fn a_histogram_that_comes_after_one_of_its_own_names_is_moved_aside() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        gauge!("wait_sum").set(1.0);
        histogram!("wait").record(1.0);
    });
    let text = registers.render(Format::Text);
    assert!(text.contains("wait_sum 1\n") && text.contains("wait_histogram_sum 1\n"), "{text}");
    assert!(!text.contains("wait_count"), "{text}");
}

#[test]
fn openmetrics_has_no_sum_where_it_could_go_down() {
    let registers =
        Registers::builder().buckets_for("change", [-1.0, 1.0]).build().expect("the settings are right");
    with_local_recorder(&registers, || {
        histogram!("change").record(5.0);
        histogram!("loss").record(-5.0);
    });
    let text = registers.render(Format::OpenMetrics);
    assert!(!text.contains("_sum") && !text.contains("_count"), "{text}");
    let text = registers.render(Format::Text);
    assert!(text.contains("change_sum 5\n") && text.contains("loss_sum -5\n"), "{text}");
}

#[test]
fn every_family_has_help_the_last_that_says_something() {
    let registers = Registers::new();
    with_local_recorder(&registers, || {
        describe_counter!("a_total", "First.");
        describe_counter!("a_total", "Second.");
        describe_counter!("a_total", " ");
        counter!("a_total").increment(1);
        counter!("b_total").increment(1);
    });
    let text = registers.render(Format::Text);
    assert!(text.contains("# HELP a_total Second.\n"), "{text}");
    assert!(text.contains("# HELP b_total Not described by the code that records it.\n"), "{text}");
}

#[test]
fn the_order_is_that_of_names_and_labels_whatever_came_first() {
    let render = |reversed: bool| {
        let registers = Registers::new();
        with_local_recorder(&registers, || {
            let mut keys: Vec<_> = (0..50).map(|index| (index % 5, index)).collect();
            if reversed {
                keys.reverse();
            }
            for (name, label) in keys {
                counter!(format!("m{name}_total"), "l" => label.to_string()).increment(1);
            }
        });
        registers.render(Format::Text)
    };
    assert_eq!(render(false), render(true));
    let text = render(false);
    let keys: Vec<_> = samples(&text).map(|(name, labels, _)| (name, labels)).collect();
    assert_eq!(keys.len(), 50);
    assert!(keys.is_sorted(), "{text}");
}

#[derive(Clone, Debug)]
enum Action {
    Counter(u8),
    Gauge(f64),
    Histogram(f64),
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        any::<u8>().prop_map(Action::Counter),
        any::<f64>().prop_map(Action::Gauge),
        any::<f64>().prop_map(Action::Histogram),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is registered, no sample is there twice, no family has two types or comes in two parts, and names
    /// are what Prometheus accepts.
    #[test]
    fn no_exposition_is_invalid(
        metrics in proptest::collection::vec(
            (
                "[ab.-]{0,2}(_total|_sum|_count|_bucket|_created|_gauge)?",
                proptest::collection::vec(("[a_.-]{0,3}|le|quantile", "[a\\\\\"\n]{0,3}"), 0..4),
                action(),
            ),
            0..12,
        )
    ) {
        let registers =
            Registers::builder().global_label("a", "a").build().expect("the settings are right");
        with_local_recorder(&registers, || {
            for (name, labels, action) in metrics {
                match action {
                    Action::Counter(value) => counter!(name, &labels).increment(value.into()),
                    Action::Gauge(value) => gauge!(name, &labels).set(value),
                    Action::Histogram(value) => histogram!(name, &labels).record(value),
                }
            }
        });
        for format in [Format::Text, Format::OpenMetrics] {
            let text = registers.render(format);
            let mut seen = HashSet::new();
            for (name, mut labels, _) in samples(&text) {
                prop_assert!(is_name(&name, true), "{text}");
                prop_assert!(labels.iter().all(|(label, _)| is_name(label, false)), "{text}");
                labels.sort();
                let count = labels.len();
                labels.dedup_by(|a, b| a.0 == b.0);
                prop_assert_eq!(labels.len(), count, "{}", text);
                labels.retain(|(_, value)| !value.is_empty());
                prop_assert!(seen.insert((name, labels)), "{text}");
            }
            let mut claimed = HashSet::new();
            for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
                let (name, kind) = line.split_once(' ').expect("a name and a type");
                let suffixes: &[&str] = match (kind, format) {
                    ("histogram", _) => &["", "_bucket", "_sum", "_count", "_created"],
                    ("counter", Format::OpenMetrics) => &["", "_total", "_created"],
                    _ => &[""],
                };
                for suffix in suffixes {
                    prop_assert!(claimed.insert(format!("{name}{suffix}")), "{name}{suffix} in {text}");
                }
            }
        }
    }

    #[test]
    fn every_label_value_reads_back_as_itself(value in any::<String>()) {
        prop_assume!(!value.is_empty());
        let registers = Registers::new();
        with_local_recorder(&registers, || counter!("x_total", "v" => value.clone()).increment(1));
        for format in [Format::Text, Format::OpenMetrics] {
            let text = registers.render(format);
            let read: Vec<_> = samples(&text).map(|(_, labels, _)| labels).collect();
            prop_assert_eq!(read, [[("v".to_owned(), value.clone())]]);
        }
    }
}

fn is_name(name: &str, colon: bool) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || (colon && c == ':');
    !name.is_empty() && name.chars().all(fits) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// The samples of an exposition: name, labels in the order of the line, and the rest of the line.
fn samples(text: &str) -> impl Iterator<Item = (String, Vec<(String, String)>, String)> {
    text.split('\n').filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let Some((name, mut rest)) = line.split_once('{') else {
            let (name, value) = line.split_once(' ').expect("a name and a value");
            return (name.to_owned(), Vec::new(), value.to_owned());
        };
        let mut labels = Vec::new();
        loop {
            let (label, quoted) = rest.split_once("=\"").expect("a label and a quoted value");
            let mut value = String::new();
            let mut chars = quoted.char_indices();
            let end = loop {
                match chars.next().expect("a closing quote") {
                    (end, '"') => break end,
                    (_, '\\') => match chars.next().expect("an escaped character").1 {
                        'n' => value.push('\n'),
                        c @ ('"' | '\\') => value.push(c),
                        other => panic!("{other} is escaped in {line}"),
                    },
                    (_, c) => value.push(c),
                }
            };
            labels.push((label.to_owned(), value));
            rest = &quoted[end + 1..];
            if let Some(value) = rest.strip_prefix("} ") {
                return (name.to_owned(), labels, value.to_owned());
            }
            rest = rest.strip_prefix(',').expect("another label");
        }
    })
}
