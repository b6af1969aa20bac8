//! What a rule file becomes, and what is said where it is wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tower_watch::alert::rules::{Origin, Rule, RuleGroup};

use crate::alert;
use crate::promtool::with_annotation;
use crate::verdicts::{BAD, BAD_TEMPLATES, GOOD, NOT_SUPPORTED};

/// A folder for one test's files.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn good_files_load() {
    for (name, text) in GOOD {
        if let Err(problems) = RuleGroup::from_yaml(text) {
            panic!("{name}: {problems}");
        }
    }
}

#[test]
fn bad_files_are_refused_with_the_place_and_the_mend() {
    for (name, text, expected) in BAD {
        let problems = RuleGroup::from_yaml(text).map(|_| ()).expect_err(name);
        let said: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
        assert_eq!(said, *expected, "{name}");
    }
    for (name, text, expected) in NOT_SUPPORTED {
        let problems = RuleGroup::from_yaml(text).map(|_| ()).expect_err(name);
        assert_eq!(problems.to_string(), *expected, "{name}");
    }
}

#[test]
fn templates_are_read_when_the_file_is() {
    for (template, expected) in BAD_TEMPLATES {
        let problems = RuleGroup::from_yaml(&with_annotation(template)).map(|_| ()).expect_err(template);
        assert_eq!(problems.to_string(), *expected, "{template}");
    }
}

#[test]
fn every_key_arrives() {
    let text = "\
groups:
- name: backend
  interval: 30s
  limit: 10
  query_offset: 1m
  labels:
    team: shop
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
    labels:
      level: job
  - alert: Down
    expr: |
      up
      == 0
    for: 1m30s
    keep_firing_for: 5m
    labels:
      severity: page
      code: 0x1f
      yes: no
    annotations:
      summary: '{{ $labels.job }} is down'
";
    let groups = RuleGroup::from_yaml(text).unwrap();
    let group = &groups[0];
    assert_eq!((group.name.as_str(), group.limit), ("backend", 10));
    assert_eq!(group.interval, Some(Duration::from_secs(30)));
    assert_eq!(group.query_offset, Duration::from_secs(60));
    assert_eq!(group.labels, [("team".to_owned(), "shop".to_owned())]);
    let Rule::Recording(recording) = &group.rules[0] else { panic!("{group:?}") };
    assert_eq!(recording.name, "job:up:sum");
    assert_eq!(recording.query.text(), "sum by (job) (up)");
    assert_eq!(recording.labels, [("level".to_owned(), "job".to_owned())]);
    let down = alert(&groups, "Down");
    assert_eq!(down.query.text(), "up\n== 0\n");
    assert_eq!((down.for_, down.keep_firing_for), (Duration::from_secs(90), Duration::from_secs(300)));
    let labels: Vec<(&str, &str)> =
        down.labels.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(labels, [("severity", "page"), ("code", "0x1f"), ("yes", "no")]);
    assert_eq!(down.annotations["summary"], "{{ $labels.job }} is down");
    assert_eq!(down.keep_query, None);
    assert!(matches!(down.origin, Origin::File { line: 13, column: 5, .. }), "{:?}", down.origin);
}

#[test]
fn all_that_is_wrong_with_all_files_is_told_at_once() {
    let folder = Folder::new("all-problems");
    let one = folder.write("one.yml", "groups: [{name: a, rules: [{alert: A}, {alert: B}]}]\n");
    let two = folder.write("two.yml", "groups: 5\n");
    folder.write("three.yml", "groups: [{name: a}]\n");
    let missing = folder.0.join("missing.yml");
    let patterns = [folder.0.join("*.yml"), missing.clone(), one.clone()];
    let problems = RuleGroup::from_files(&patterns).unwrap_err();
    let said: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 4, "{said:#?}");
    assert!(said[0].starts_with(&format!("{}:1:28: group \"a\", rule \"A\": ", one.display())), "{said:#?}");
    assert!(said[1].starts_with(&format!("{}:1:40: group \"a\", rule \"B\": ", one.display())), "{said:#?}");
    assert!(said[2].starts_with(&format!("{}:1:9: ", two.display())), "{said:#?}");
    assert!(said[3].starts_with(&format!("{}: it cannot be read: ", missing.display())), "{said:#?}");
}

#[test]
fn patterns_find_files_in_the_order_of_their_names() {
    let folder = Folder::new("patterns");
    for name in ["b.yml", "a.yml", "c.yaml"] {
        folder.write(name, &format!("groups: [{{name: '{name}'}}]\n"));
    }
    let names = |patterns: &[&str]| -> Vec<String> {
        let patterns: Vec<PathBuf> = patterns.iter().map(|pattern| folder.0.join(pattern)).collect();
        RuleGroup::from_files(patterns).unwrap().into_iter().map(|group| group.name).collect()
    };
    assert_eq!(names(&["*.yml"]), ["a.yml", "b.yml"]);
    assert_eq!(names(&["c.yaml", "*"]), ["c.yaml", "a.yml", "b.yml"]);
    assert_eq!(names(&["?.yaml", "nothing-*"]), ["c.yaml"]);
    let file = RuleGroup::from_files([folder.0.join("a.yml")]).unwrap()[0].file.clone();
    assert_eq!(file, Some(folder.0.join("a.yml")));
    let refused = RuleGroup::from_files([folder.0.join("[a.yml")]).unwrap_err().to_string();
    assert!(refused.contains("is no pattern"), "{refused}");
}

#[test]
fn hostile_yaml_is_refused_and_not_followed() {
    let deep = format!("groups: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n";
    for text in [deep.as_str(), bomb, "groups: \u{0}", "? [a]\n: b\n", "{}: {}", "groups: !!binary aGk="] {
        assert!(RuleGroup::from_yaml(text).is_err(), "{}", &text[..text.len().min(40)]);
    }
}

#[test]
fn other_ways_to_write_a_file_are_read_the_same() {
    let text = "groups:\n- name: g\n  limit: 10\n  rules:\n  - &a\n    alert: A\n    expr: |\n      up\n      == 0\n    for: 1m\n    labels: {code: 0x1f}\n  - <<: *a\n    alert: B\n    for: 2m\n";
    let plain = RuleGroup::from_yaml(text).unwrap();
    let b = alert(&plain, "B");
    assert_eq!((b.for_, b.query.text()), (Duration::from_secs(120), "up\n== 0\n"));
    for other in [text.replace('\n', "\r\n"), format!("\u{feff}{text}"), format!("# ä 😀\n{text}")] {
        let read = RuleGroup::from_yaml(&other).unwrap_or_else(|problems| panic!("{other:?}: {problems}"));
        assert_eq!(read[0].limit, 10, "{other:?}");
        let rule = alert(&read, "A");
        assert_eq!(rule.labels, [("code".to_owned(), "0x1f".to_owned())], "{other:?}");
        assert_eq!(rule.query, alert(&plain, "A").query, "{other:?}");
        let broken = other.replace("up\r\n", "up )\r\n").replace("up\n", "up )\n");
        let line = if other.starts_with('#') { 9 } else { 8 };
        let problems = RuleGroup::from_yaml(&broken).unwrap_err().to_string();
        assert!(problems.starts_with(&format!("{line}:10: ")), "{problems}");
    }
}
