//! Rules as a rule file, and back.

use std::time::Duration;

use tower_watch::alert::rules::{IntoRules, Origin, Ready, Rule, RuleGroup, RuleSet};
use tower_watch::alert::{Alert, Severity};
use tower_watch::promql::Query;

use crate::promtool::check;
use crate::verdicts::GOOD;

/// Without what a file cannot say: where it was written, who is told, and that it counts exactly; of what is put together
/// with another expression, the comments.
fn plain(mut groups: Vec<RuleGroup>) -> Vec<RuleGroup> {
    let reread = |query: &Query| Query::parse(&query.to_string()).unwrap();
    for group in &mut groups {
        group.file = None;
        for rule in &mut group.rules {
            match rule {
                Rule::Alerting(rule) => {
                    rule.origin = Origin::Code;
                    rule.notify.clear();
                    rule.query = reread(&rule.query);
                    rule.keep_query = rule.keep_query.as_ref().map(reread);
                }
                Rule::Recording(rule) => {
                    rule.origin = Origin::Code;
                    rule.query = reread(&rule.query);
                }
                _ => {}
            }
        }
    }
    groups
}

fn there_and_back(groups: Vec<RuleGroup>) -> String {
    let yaml = RuleGroup::to_yaml(&groups);
    let back = RuleGroup::from_yaml(&yaml).unwrap_or_else(|problems| panic!("{problems}\n{yaml}"));
    assert_eq!(plain(back), plain(groups), "{yaml}");
    yaml
}

#[test]
fn files_come_back_as_they_were() {
    for (_, text) in GOOD {
        there_and_back(RuleGroup::from_yaml(text).unwrap());
    }
}

#[test]
fn texts_come_back_to_the_letter() {
    let texts = [
        "",
        " ",
        "a",
        "yes",
        "null",
        "~",
        "5",
        "0x1f",
        "- a",
        "a: b",
        "a #b",
        "'",
        "''",
        "\"",
        "\\",
        "{{ $value }}",
        "two\nlines",
        "two\nlines\n",
        "\nfirst",
        "last\n\n",
        "  indented\nlines",
        "a\n\n  b",
        "tab\there",
        "a \nb",
        "\u{7}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "ä😀",
        "#",
        "%",
        "@",
        "|",
        ">",
        "!",
        "&a",
        "*a",
        "a\r\nb",
        "null\nx",
        "- a\n- b",
        "---",
        "--- a\n--- b",
        "...\n...",
        "<<",
    ];
    for text in texts {
        let mut group = RuleGroup::new(text);
        if text.is_empty() {
            group.name.push('g');
        }
        group.labels.push(("a".to_owned(), text.to_owned()));
        let rule = Alert::rule("A").when("up").label("b", text).annotate("c", text);
        group.rules = rule.into_rules().unwrap().remove(0).rules;
        there_and_back(vec![group]);
    }
}

#[test]
fn a_threshold_of_the_end_is_a_look_at_its_own_alerts() {
    let rule = Alert::metric("queue_depth")
        .above(100.0)
        .resolve_below(80.0)
        .by(["queue"])
        .severity(Severity::High)
        .label("code", "{{ $value }}")
        .notify("on-call");
    let yaml = there_and_back(rule.into_rules().unwrap());
    assert_eq!(
        yaml,
        "\
groups:
- name: code
  rules:
  # In the process its alerts go to [\"on-call\"] only; here the routes decide.
  - alert: QueueDepthHigh
    expr: '(max by (queue) (queue_depth) > 100) or ((max by (queue) (queue_depth) >= 80) and ignoring (alertname, alertstate, code, severity) ALERTS{alertname=\"QueueDepthHigh\",alertstate=\"firing\",severity=\"high\"})'
    labels:
      severity: high
      code: '{{ $value }}'
    annotations:
      summary: 'queue_depth latest of queue {{ $labels.queue }} is {{ $value }} (> 100)'
"
    );
}

#[test]
fn groups_of_one_name_are_numbered_and_exact_rules_are_marked() {
    let mut set = RuleSet::new();
    set.add(Alert::metric("a_total").rate().above(1.0));
    set.add(RuleGroup::from_yaml("groups: [{name: x}, {name: x 2}]"));
    let mut groups = set.finish().unwrap();
    groups.push(RuleGroup::new("x"));
    let yaml = RuleGroup::to_yaml(&groups);
    let names: Vec<String> =
        RuleGroup::from_yaml(&yaml).unwrap().into_iter().map(|group| group.name).collect();
    assert_eq!(names, ["code", "x", "x 2", "x 3"]);
    assert!(yaml.starts_with("# In the process, rates"), "{yaml}");
    assert!(yaml.contains("  # exact\n  - alert: ARateHigh\n"), "{yaml}");
}

/// Rules of every kind.
fn all_kinds() -> Vec<RuleGroup> {
    let minute = Duration::from_secs(60);
    let mut set = RuleSet::new();
    set.add(Ready::production().route_threshold("/a/{id}", minute).route_threshold("/b/*", minute));
    for line in [
        "http_request_duration p95 > 800ms for 5m on /customers/*, /partners/{id}",
        "error ratio > 5% for 2m critical",
        "queue_depth avg < 5 over 10m every 30s by queue",
        "heartbeat absent for 1m",
    ] {
        set.add(line);
    }
    let low = Alert::metric("disk_free_bytes").min().below(1e9).resolve_above(2e9).matching("path", "/var/*");
    let busy = Alert::metric("requests_total").increase().above(10.0).by(["tenant"]);
    set.add(low.and(busy).keep_firing_for(minute));
    set.add(
        Alert::rule("Text")
            .when("up == 0 # down\n or vector(1)")
            .keep_while("up == bool 0")
            .annotate("a", "b\nc"),
    );
    set.finish().unwrap()
}

#[test]
fn rules_of_every_kind_come_back() {
    there_and_back(all_kinds());
}

#[test]
#[ignore = "needs promtool: .ci/run installs it and runs this"]
fn promtool_takes_what_is_written() {
    let yaml = RuleGroup::to_yaml(&all_kinds());
    assert_eq!(check(&yaml), Ok(()), "{yaml}");
    for (name, text) in GOOD {
        let yaml = RuleGroup::to_yaml(&RuleGroup::from_yaml(text).unwrap());
        assert_eq!(check(&yaml), Ok(()), "{name}: {yaml}");
    }
}

/// A queue that fills up, falls between the two thresholds, empties, and comes back between them: in Prometheus too, the
/// alert goes on in the middle and does not begin there.
#[test]
#[ignore = "needs promtool: .ci/run installs it and runs this"]
fn a_threshold_of_the_end_means_the_same_in_prometheus() {
    let rule = Alert::metric("queue_depth").above(100.0).resolve_below(80.0).severity(Severity::High);
    let folder =
        std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("keep-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let rule = rule.label("team", "{{ $labels.owner }}").annotate("summary", "full");
    let rules = RuleGroup::to_yaml(&rule.into_rules().unwrap());
    let firing =
        "[{exp_labels: {severity: high, team: shop, owner: shop}, exp_annotations: {summary: full}}]";
    let mut test = String::from(
        "rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:\n  - {series: 'queue_depth{owner=\"shop\"}', values: '90 120 90 80 70 90 79 101 85'}\n  alert_rule_test:\n",
    );
    for (minute, fires) in [false, true, true, true, false, false, false, true, true].into_iter().enumerate()
    {
        let expected = if fires { firing } else { "[]" };
        test.push_str(&format!(
            "  - {{eval_time: {minute}m, alertname: QueueDepthHigh, exp_alerts: {expected}}}\n"
        ));
    }
    std::fs::write(folder.join("rules.yml"), rules).unwrap();
    std::fs::write(folder.join("test.yml"), test).unwrap();
    let output = std::process::Command::new("promtool")
        .args(["test", "rules", "test.yml"])
        .current_dir(&folder)
        .output()
        .unwrap_or_else(|error| panic!("promtool: {error}; install it with .ci/tools"));
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(output.status.success(), "{said}");
}
