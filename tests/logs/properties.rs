//! Whatever the values are, the output parses, and what is not secret and not too long comes back as it was.

use proptest::prelude::*;
use tower_watch::telemetry::Identity;
use tower_watch::telemetry::logs::Keys;
use tracing::info;

use crate::support::{Kept, with_layer, written};

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[\\x00-\\x1f\\x7f\"\\\\\u{80}-\u{9f}\u{2028}\u{2029}]{0,8}",
        prop::sample::select(vec![
            "\x1b[31m",
            "\"",
            "\\",
            "\\\"",
            "{",
            "}",
            "[",
            "]",
            ":",
            "=",
            "password",
            "token=",
            "\"secret\":",
            "Some(",
            "🦀",
            "ü",
            "\r\n",
            "cookie: ",
            "'",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_line_parses(text in hostile(), service in hostile(), number in any::<f64>(), wide in any::<i128>(), style in 0..4) {
        let keys = [Keys::plain(), Keys::ecs(), Keys::gcp().with_project("p\"1"), Keys::datadog()][style as usize].clone();
        let kept = written(
            |layer| layer.with_keys(keys).with_identity(Identity::new(service)).with_value_limit(64),
            || {
                let _span = tracing::info_span!("within").entered();
                info!(text, debugged = ?text, number, wide, level = text, trace_id = text, span_id = ?text, "{text}");
                info!(target: "tower_watch::access", parent: None, trace_id = text, status = text, duration_ms = number, "{text}");
                tower_watch::telemetry::event(&text).user(text.as_str()).data(text.as_str(), text.as_str()).emit();
            },
        );
        assert_eq!(kept.lines().len(), 3);
    }

    #[test]
    fn what_is_no_secret_comes_back(text in any::<String>().prop_filter("no pair", |text| !text.contains([':', '=']))) {
        prop_assume!(text.len() < 8_000);
        let line = written(|layer| layer, || info!(text)).only();
        assert_eq!(line["text"].as_str(), Some(&*text));
    }

    #[test]
    fn every_line_of_text_is_one(text in hostile()) {
        let kept = Kept::default();
        let layer = tower_watch::telemetry::logs::TextLayer::new(kept.clone());
        with_layer(layer, || info!(text, debugged = ?text, "{text}"));
        for line in kept.texts() {
            assert!(line.ends_with('\n') && line.trim_end_matches('\n').chars().all(|c| !c.is_control()), "{line:?}");
        }
    }
}
