//! Values that want to do harm: whatever they are, there is a line, it is one, and it is valid.

use std::fmt;

use tower_watch::telemetry::logs::JsonLayer;
use tracing::info;
use tracing_subscriber::layer::SubscriberExt;

use crate::child;
use crate::support::{Kept, written};

#[test]
fn newlines_and_escape_codes_forge_nothing() {
    let forged =
        "ok\n{\"level\":\"ERROR\",\"message\":\"forged\"}\r\n\x1b[2J\x1b]0;title\x07\u{9b}31m\u{2028}";
    let kept = written(|layer| layer, || info!(user_agent = forged, "from {forged}"));
    let line = kept.only();
    assert_eq!(line["user_agent"], forged, "nothing is lost");
    let text = &kept.texts()[0];
    assert!(text.trim_end().bytes().all(|byte| byte >= 0x20 && byte != 0x7f), "{text:?}");
    assert!(!text.contains(['\u{9b}', '\u{2028}']), "{text:?}");
}

#[test]
fn a_megabyte_is_cut() {
    let long = "ü".repeat(500_000);
    let kept = written(|layer| layer, || info!(long, debugged = ?long, "{long}"));
    let line = kept.only();
    for key in ["long", "debugged", "message"] {
        let value = line[key].as_str().unwrap();
        assert!(value.ends_with("…[cut]") && value.len() < 9_000, "{key}: {} bytes", value.len());
    }
    assert!(kept.texts()[0].len() < 30_000);
}

#[test]
fn all_values_of_a_line_together_are_cut() {
    let long = "x".repeat(1_000);
    let long = long.as_str();
    let kept = written(
        |layer| layer.with_value_limit(100),
        || {
            info!(
                a = long,
                b = long,
                c = long,
                d = long,
                e = long,
                f = long,
                g = long,
                h = long,
                i = long,
                j = long,
                k = long,
                l = long,
                m = long,
                n = long,
                o = long,
                p = long,
                q = long,
                r = long,
                s = long,
                t = long
            );
        },
    );
    assert_eq!(kept.only()["t"], "…[cut]");
    assert!(kept.texts()[0].len() < 2_000, "{}", kept.texts()[0].len());
}

#[test]
fn deep_json_in_a_value_costs_no_stack() {
    let deep = format!("{{\"token\":{}1{}}}", "[".repeat(4_000), "]".repeat(3_000));
    let kept = written(|layer| layer, || info!(deep));
    assert_eq!(kept.only()["deep"], "{\"token\":\"[redacted]\"");
}

struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half a \"value")?;
        panic!("no Debug today")
    }
}

#[test]
fn a_debug_that_panics_costs_its_value_only() {
    let line = written(|layer| layer, || info!(before = 1, bad = ?Panics, after = 2, "still here")).only();
    assert_eq!(line["bad"], "[panicked while it was formatted]");
    assert_eq!(
        (&line["before"], &line["after"], &line["message"]),
        (&1.into(), &2.into(), &"still here".into())
    );
}

struct Fails;

impl fmt::Debug for Fails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("as far as it goes")?;
        Err(fmt::Error)
    }
}

#[test]
fn a_debug_that_fails_is_shown_as_far_as_it_goes() {
    assert_eq!(written(|layer| layer, || info!(bad = ?Fails)).only()["bad"], "as far as it goes");
}

/// Logs while it is logged, and for ever where it is not stopped.
struct Logs(u32);

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 0 {
            info!(inner = ?Self(self.0 - 1), depth = self.0, "within");
        }
        write!(f, "logs {}", self.0)
    }
}

/// Within a subscriber of one thread `tracing` itself drops what is logged while a line is written, so this one is the process's.
#[test]
fn a_debug_that_logs_makes_lines_of_its_own() {
    child::run("hostile::a_debug_that_logs_makes_lines_of_its_own", || {
        let kept = Kept::default();
        let subscriber = tracing_subscriber::registry().with(JsonLayer::new(kept.clone()));
        tracing::subscriber::set_global_default(subscriber).unwrap();
        info!(outer = ?Logs(20), "around");
        let lines = kept.lines();
        let messages: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
        assert_eq!(messages, ["within", "within", "within", "around"], "{lines:#?}");
        assert_eq!(lines[3]["outer"], "logs 20");
        info!("and after");
        assert_eq!(kept.lines().len(), 5);
    });
}
