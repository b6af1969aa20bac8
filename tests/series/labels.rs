//! Label sets with everything that a stranger can put into one.

use metrics::counter;
use tower_watch::series::{Labels, Matcher};

use crate::world::World;

#[test]
fn any_text_can_be_a_value() {
    let long = "ä".repeat(1 << 19);
    let texts =
        ["\"quoted\"", "two\nlines", "tab\t\\", "🦀 crab", "{a=\"b\"}", " ", "\0", "\u{202e}right", &long];
    let mut world = World::new();
    world.record(|| {
        for (index, text) in texts.iter().enumerate() {
            counter!("jobs_total", "text" => (*text).to_owned()).increment(index as u64);
        }
    });
    world.ticks(2);
    for (index, text) in texts.iter().enumerate() {
        let matchers = [Matcher::equal("__name__", "jobs_total"), Matcher::equal("text", *text)];
        let found = world.store.select(&matchers, i64::MIN, i64::MAX, 100).unwrap();
        assert_eq!(found.len(), 1, "{index}");
        assert_eq!(found[0].labels.get("text"), *text);
        assert_eq!(found[0].samples.values, [0.0, index as f64, index as f64]);
    }
}

#[test]
fn an_empty_value_is_no_label() {
    let mut world = World::new();
    world.record(|| counter!("jobs_total", "zone" => "").increment(1));
    world.ticks(1);
    assert_eq!(
        world.labels(&[Matcher::equal("__name__", "jobs_total"), Matcher::equal("zone", "")]),
        [r#"jobs_total{instance="a:1", job="shop"}"#]
    );
    assert_eq!(Labels::new([("a", "1"), ("a", "")]), Labels::default(), "the last of a name counts");
    assert_eq!(Labels::new([("__name__", "")]).name(), None);
    assert_eq!(Labels::new([("a", "1")]).with("a", ""), Labels::default());
}

#[test]
fn of_two_labels_of_one_name_the_last_counts() {
    let labels = Labels::new([("b", "1"), ("a", "1"), ("b", "2"), ("a", "3"), ("b", "4")]);
    assert_eq!(labels.to_string(), r#"{a="3", b="4"}"#);
    assert_eq!(labels.len(), 2);
}

#[test]
fn the_name_is_a_label_in_its_place() {
    let labels = Labels::new([("a", "1"), ("Z", "1"), ("__name__", "up"), ("_", "1"), ("__a", "1")]);
    let names: Vec<_> = labels.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Z", "_", "__a", "__name__", "a"]);
    assert_eq!(labels.get("__name__"), "up");
    assert_eq!(labels.with("__name__", "down").name(), Some("down"));
    assert_eq!(labels.filter(|name| name == "__name__" || name == "a").to_string(), r#"up{a="1"}"#);
    assert_eq!(labels.filter(|name| name == "a").to_string(), r#"{a="1"}"#);
    assert_eq!(Labels::default().to_string(), "{}");
    assert_eq!(Labels::new([("__name__", "up")]).without_name().to_string(), "{}");
}

#[test]
fn label_sets_are_ordered_label_by_label() {
    let sets = [
        Labels::default(),
        Labels::new([("a", "1")]),
        Labels::new([("a", "1"), ("b", "1")]),
        Labels::new([("a", "1"), ("c", "0")]),
        Labels::new([("a", "10")]),
        Labels::new([("a", "2")]),
        Labels::new([("b", "0")]),
    ];
    assert!(sets.is_sorted());
    assert_eq!(sets[2], sets[1].with("b", "1"), "however it was made");
}

#[test]
fn values_are_shown_with_the_escapes_that_promql_reads() {
    for (value, shown) in [
        ("a\"b\\c", r#""a\"b\\c""#),
        ("\n\r\t\u{7}\u{8}\u{b}\u{c}", r#""\n\r\t\a\b\v\f""#),
        ("\0\u{1b}\u{7f}", r#""\x00\x1b\x7f""#),
        ("🦀 naïve 'x' 日本", "\"🦀 naïve 'x' 日本\""),
        ("\u{200b}\u{e0001}", r#""\u200b\U000e0001""#),
    ] {
        assert_eq!(Labels::new([("v", value)]).to_string(), format!("{{v={shown}}}"));
        assert_eq!(Matcher::equal("v", value).to_string(), format!("v={shown}"));
    }
}
