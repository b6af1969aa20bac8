//! promtool says the same of the same files.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::verdicts::{BAD, BAD_TEMPLATES, GOOD};

/// What promtool says of a rule file: nothing, or what is wrong.
pub(crate) fn check(text: &str) -> Result<(), String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("promtool-{}-{}.yml", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    let output = Command::new("promtool")
        .args(["check", "rules"])
        .arg(&path)
        .output()
        .unwrap_or_else(|error| panic!("promtool: {error}; install it with .ci/tools"));
    fs::remove_file(&path).unwrap();
    let said = [output.stdout, output.stderr].concat();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&said).into_owned()) }
}

#[test]
#[ignore = "needs promtool: .ci/run installs it and runs this"]
fn promtool_says_the_same() {
    for (name, text) in GOOD {
        assert_eq!(check(text), Ok(()), "{name}");
    }
    for (name, text, _) in BAD {
        assert!(check(text).is_err(), "{name}: promtool lets it pass");
    }
    for (template, _) in BAD_TEMPLATES {
        assert!(check(&with_annotation(template)).is_err(), "{template}: promtool lets it pass");
    }
}

/// A file with this text as an annotation.
pub(crate) fn with_annotation(template: &str) -> String {
    format!(
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    annotations:\n      summary: '{template}'\n"
    )
}
