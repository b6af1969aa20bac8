//! The same templates through `promtool test rules`.

use std::process::Command;

use crate::alert::template::tests::rules::{LABELS, QUERIED, TABLE};

fn number(value: f64) -> String {
    match value {
        _ if value.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        _ => value.to_string(),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

#[test]
#[ignore = "needs promtool"]
fn promtool_prints_the_same() {
    let mut rules = String::from("groups:\n- name: all\n  rules:\n");
    let mut series = String::new();
    let mut cases = String::new();
    for (index, (value, text, expected)) in TABLE.iter().enumerate() {
        let (text, expected, value) = (quoted(text), quoted(expected), quoted(&number(*value)));
        let join = |sign: &str, between: &str| {
            let labels = LABELS.iter().map(|(name, value)| format!("{name}{sign}{}", quoted(value)));
            labels.collect::<Vec<_>>().join(between)
        };
        let name = quoted(&format!("m{index:03}{{{}}}", join("=", ",")));
        let labels = join(": ", ", ");
        rules += &format!("  - {{alert: Case{index}, expr: m{index:03}, annotations: {{text: {text}}}}}\n");
        series += &format!("  - {{series: {name}, values: {value}}}\n");
        cases += &format!("  - eval_time: 0m\n    alertname: Case{index}\n");
        cases += &format!(
            "    exp_alerts: [{{exp_labels: {{{labels}}}, exp_annotations: {{text: {expected}}}}}]\n"
        );
    }
    for (instance, order, value) in QUERIED {
        let name = format!("q{{instance=\"{instance}\",order=\"{order}\"}}");
        series += &format!("  - {{series: {}, values: {}}}\n", quoted(&name), quoted(&number(value)));
    }
    let folder = std::env::temp_dir().join(format!("tower-watch-promtool-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("rules.yml"), rules).expect("a file");
    let test = format!(
        "rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:\n{series}  alert_rule_test:\n{cases}"
    );
    std::fs::write(folder.join("test.yml"), test).expect("a file");
    let output = Command::new("promtool")
        .args(["test", "rules"])
        .arg(folder.join("test.yml"))
        .output()
        .expect("promtool");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    std::fs::remove_dir_all(folder).expect("a folder");
}
