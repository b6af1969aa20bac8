//! The same files, as amtool sees them.

use std::path::Path;
use std::process::Command;

use tower_watch::alert::config::Routing;

use crate::cases::all;

fn accepts(path: &Path) -> (bool, String) {
    let output = Command::new("amtool").arg("check-config").arg(path).output();
    let output = output.unwrap_or_else(|error| panic!("amtool: {error}; install it with .ci/tools"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
#[ignore = "needs amtool: .ci/run installs it and runs this"]
fn what_is_accepted_here_is_accepted_by_amtool_and_the_other_way_round() {
    let path = std::env::temp_dir().join(format!("tower-watch-amtool-{}.yml", std::process::id()));
    let mut different = Vec::new();
    let mut compared = 0;
    for case in all().into_iter().filter(|case| !case.is_ours_alone) {
        std::fs::write(&path, &case.text).unwrap();
        let (theirs, said) = accepts(&path);
        let ours = Routing::from_yaml(&case.text);
        compared += 1;
        if ours.is_ok() != theirs {
            different.push(format!(
                "{}ours: {:?}\namtool: {said}",
                case.text,
                ours.err().map(|error| error.to_string())
            ));
        }
    }
    std::fs::remove_file(&path).unwrap();
    assert!(different.is_empty(), "{} of {compared} differ:\n{}", different.len(), different.join("\n"));
    assert!(compared > 90, "{compared}");
}

#[test]
#[ignore = "needs amtool: .ci/run installs it and runs this"]
fn what_the_api_shows_is_a_configuration_for_amtool() {
    let text = "route: {receiver: a, routes: [{matchers: ['b=~\"c: d #\"'], group_by: ['...']}]}
receivers: [{name: a, webhook_configs: [{url: 'http://h.example/hunter2'}]}]
time_intervals: [{name: \"x: y\", time_intervals: [{times: [{start_time: '09:00', end_time: '17:00'}]}]}]
";
    let shown = Routing::from_yaml(text).unwrap().original;
    assert!(!shown.contains("hunter2"), "{shown}");
    let path = std::env::temp_dir().join(format!("tower-watch-amtool-shown-{}.yml", std::process::id()));
    std::fs::write(&path, shown.replace("<secret>", "http://h.example/")).unwrap();
    let (is_accepted, said) = accepts(&path);
    std::fs::remove_file(&path).unwrap();
    assert!(is_accepted, "{said}\n{shown}");
}
