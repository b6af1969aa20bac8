//! The alert rules of a team's monitoring guide, as they stand there.

use std::time::Duration;

use tower_watch::alert::rules::{Rule, RuleGroup};

use crate::alert;

/// A guide in Markdown whose fence after `### alerts.yml` holds a rule file.
const GUIDE: &str = "TOWER_WATCH_ALERT_GUIDE";

/// The text between the fences after the heading.
fn rule_file(guide: &str) -> &str {
    let (_, after) = guide.split_once("### alerts.yml").unwrap();
    let (_, after) = after.split_once("```yaml\n").unwrap();
    after.split_once("```").unwrap().0
}

#[test]
#[ignore = "needs TOWER_WATCH_ALERT_GUIDE, a guide with the section alerts.yml"]
fn the_rules_of_a_guide_load_as_they_stand() {
    let path = std::env::var(GUIDE).unwrap_or_else(|_| panic!("{GUIDE} names the guide's file"));
    let guide = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let text = rule_file(&guide);
    let groups = RuleGroup::from_yaml(text).unwrap_or_else(|problems| panic!("{problems}"));
    let names: Vec<&str> = groups.iter().flat_map(|group| &group.rules).map(Rule::name).collect();
    assert_eq!(names.len(), 10, "{names:?}");
    assert_eq!(names.len(), text.matches("- alert:").count());
    for group in &groups {
        assert_eq!(group.interval, Some(Duration::from_secs(30)));
    }
    assert_eq!(alert(&groups, "HighErrorRate").for_, Duration::from_secs(120));
    assert_eq!(alert(&groups, "RedisDown").labels, [("severity".to_owned(), "high".to_owned())]);
    assert_eq!(RuleGroup::warnings(&groups), []);
    assert_eq!(RuleGroup::from_yaml(&RuleGroup::to_yaml(&groups)).map(|groups| groups.len()), Ok(3));
}
