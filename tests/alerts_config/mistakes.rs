//! What is said of a configuration.

use tower_watch::alert::config::Routing;

use crate::cases::all;

#[test]
fn what_is_good_is_read_and_what_is_bad_is_told_with_the_mend() {
    let cases = all();
    assert!(cases.len() > 100, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let text = &case.text;
        match (Routing::from_yaml(text), case.told) {
            (Ok(_), None) => {}
            (Err(error), Some(told))
                if error.problems().iter().any(|problem| problem.message.contains(told)) =>
            {
                let place = &error.problems()[0];
                let is_nowhere = told.starts_with("there is no route");
                if error.problems().len() > 1 || (place.line == 0) != is_nowhere {
                    wrong.push(format!("told more than once, or without its place: {text}  {error}"));
                }
            }
            (Ok(_), Some(told)) => wrong.push(format!("not refused: {text}  {told}")),
            (Err(error), told) => wrong.push(format!("{text}  {told:?}\n  {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_mistakes_of_a_file_are_told_together_in_their_order() {
    let text = r#"global:
  resolve_timeout: soon
route:
  receiver: ops
  group_by: [a, a]
  routes:
    - match: {severity: critical}
      reciever: pager
      repeat_interval: 0s
    - matchers: ["a=~'('", b]
      receiver: opz
      mute_time_intervals: [nihgts]
receivers:
  - name: ops
    slack_configs:
      - channel: [a]
        titel: x
    pagerduty_configs:
      - routing_key: hunter2
        service_key: hunter2
  - name: pager
    carrier_pigeon_configs: []
time_intervals:
  - name: nights
    time_intervals:
      - weekdays: [someday]
        times: [{start_time: hunter3, end_time: "24:00"}]
"#;
    let error = Routing::from_yaml(text).unwrap_err();
    let lines: Vec<String> = error.to_string().lines().map(str::to_owned).collect();
    let starts = [
        "2:20: global.resolve_timeout: \"soon\" is no duration: ",
        "5:13: route.group_by: the label a is given twice; ",
        "8:7: route.routes[0].reciever: there is no such key; did you mean receiver?",
        "9:24: route.routes[0].repeat_interval: this is zero; ",
        "10:18: route.routes[1].matchers[0]: the regular expression \"'('\" cannot be used: ",
        "10:28: route.routes[1].matchers[1]: `b` is no matcher: ",
        "11:17: route.routes[1].receiver: no receiver is called \"opz\"; did you mean \"ops\"?",
        "12:29: route.routes[1].mute_time_intervals[0]: no time interval is called \"nihgts\"; did you mean \"nights\"?",
        "16:18: receivers[0].slack_configs[0].channel: this is a list; write ",
        "17:9: receivers[0].slack_configs[0].titel: there is no such key; did you mean title?",
        "19:9: receivers[0].pagerduty_configs[0]: ",
        "22:5: receivers[1].carrier_pigeon_configs: there is no such key; remove it",
        "26:20: time_intervals[0].time_intervals[0].weekdays[0]: \"someday\" is no day of the week; ",
        "27:17: time_intervals[0].time_intervals[0].times[0]: \"hunter3\" is no time of the day; ",
    ];
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}\n{start}");
    }
    assert_eq!(lines.len(), starts.len(), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn a_file_is_named_and_what_it_names_is_beside_it() {
    let directory = std::env::temp_dir().join(format!("tower-watch-routing-{}", std::process::id()));
    std::fs::create_dir_all(directory.join("templates")).unwrap();
    let path = directory.join("alertmanager.yml");
    std::fs::write(directory.join("templates/a.tmpl"), r#"{{ define "x" }}{{ .Status }}{{ end }}"#).unwrap();
    std::fs::write(&path, "route: {receiver: a}\nreceivers: [{name: a}]\ntemplates: ['templates/*.tmpl']\n")
        .unwrap();
    let routing = Routing::from_file(&path).unwrap();
    assert_eq!(routing.templates, [directory.join("templates/*.tmpl")]);

    std::fs::write(directory.join("templates/b.tmpl"), "{{ define").unwrap();
    let error = Routing::from_file(&path).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}:3:13: templates[0]: ", path.display())), "{error}");
    assert!(error.contains("b.tmpl"), "{error}");

    std::fs::write(&path, b"route: \xff").unwrap();
    let error = Routing::from_file(&path).unwrap_err().to_string();
    assert_eq!(error, format!("{}: line 1 is no UTF-8; save the file in that encoding", path.display()));
    std::fs::remove_dir_all(&directory).unwrap();
    let error = Routing::from_file(&path).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: it cannot be read: ", path.display())), "{error}");
}
