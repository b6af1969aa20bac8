//! The real `amtool`, as it is, against the admin listener.

use std::process::{Command, Output};

use serde_json::Value;
use tower_watch::Watch;
use tower_watch::alert::AlertSettings;
use tower_watch::alert::config::{Route, Routing};
use tower_watch::alert::receivers::Log;
use tower_watch::http::{AccessToken, Admin};

use crate::world::{ROUTING, each};

const TOKEN: &str = "a-secret";

struct Amtool {
    url: String,
}

impl Amtool {
    fn output(&self, arguments: &[&str]) -> Output {
        Command::new("amtool")
            .arg(format!("--alertmanager.url={}", self.url))
            .args(arguments)
            .output()
            .unwrap_or_else(|error| panic!("amtool: {error}; install it with .ci/tools"))
    }

    /// What it prints; it must end well.
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "amtool {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = ["-o", "json"].iter().chain(arguments).copied().collect();
        serde_json::from_str(&self.run(&arguments)).unwrap()
    }
}

#[test]
#[ignore = "needs amtool: .ci/run installs it and runs this"]
fn amtool_shows_a_routing_of_code() {
    let routing = Routing::builder(Route::to("team").group_by(["alertname"]))
        .receiver("team", Log::new())
        .receiver("pager", Log::new())
        .route(Route::to("pager").matching("severity", "critical").group_by(["..."]))
        .build()
        .unwrap();
    let admin = || Admin::new().with_address(([127, 0, 0, 1], 0));
    for (settings, critical) in [
        (AlertSettings::new().routing(routing), "pager"),
        (AlertSettings::new().receiver("ops", Log::new()), "ops"),
        (AlertSettings::new(), "log"),
    ] {
        let watch = Watch::builder("shop").local().admin(admin()).alerts(settings).start().unwrap();
        let amtool = Amtool { url: format!("http://{}", watch.admin_address().unwrap()) };
        assert!(amtool.run(&["config", "routes", "show"]).contains(&format!("receiver: {critical}")));
        assert_eq!(amtool.run(&["config", "routes", "test", "severity=critical"]).trim(), critical);
    }
}

#[test]
#[ignore = "needs amtool: .ci/run installs it and runs this"]
fn amtool_asks_and_changes() {
    let admin = Admin::new().with_address(([127, 0, 0, 1], 0)).with_token(AccessToken::new(TOKEN).unwrap());
    let settings = AlertSettings::new().routing(Routing::from_yaml(ROUTING).unwrap());
    let watch = Watch::builder("shop").local().admin(admin).alerts(settings).start().unwrap();
    let address = watch.admin_address().unwrap();
    let amtool = Amtool { url: format!("http://anybody:{TOKEN}@{address}") };

    let summary = "--annotation=summary=it is down";
    amtool.run(&["alert", "add", "Down", "severity=critical", "host=a", summary]);
    amtool.run(&["alert", "add", "Slow", "severity=warning", "host=a"]);
    amtool.run(&["alert", "add", "Full", "severity=warning", "host=b"]);
    // Those that are inhibited are not shown unless they are asked for.
    let mut names = each(&amtool.json(&["alert", "query"]), "/labels/alertname");
    names.sort();
    assert_eq!(names, ["Down", "Full"]);
    assert_eq!(each(&amtool.json(&["alert", "query", "-i"]), "/labels/alertname"), ["Slow"]);
    assert_eq!(each(&amtool.json(&["alert", "query", "host=~a|c"]), "/annotations/summary"), ["it is down"]);
    assert!(amtool.run(&["alert", "query", "alertname=Down"]).contains("it is down"));

    let id = amtool.run(&["silence", "add", "alertname=Full", "--comment=known", "--author=ann", "-d", "2h"]);
    let id = id.trim();
    assert_eq!(each(&amtool.json(&["silence", "query"]), "/id"), [id]);
    assert_eq!(each(&amtool.json(&["alert", "query", "-s"]), "/labels/alertname"), ["Full"]);
    assert_eq!(each(&amtool.json(&["alert", "query"]), "/labels/alertname"), ["Down"]);
    let updated = amtool.json(&["silence", "update", "-c", "better known", id]);
    assert_eq!(each(&updated, "/comment"), ["better known"]);
    let ids = each(&amtool.json(&["silence", "query", "alertname=Full"]), "/id");
    assert_eq!(ids.len(), 1);
    amtool.run(&["silence", "expire", &ids[0]]);
    assert!(amtool.json(&["silence", "query"]).as_array().unwrap().is_empty());
    let mut names = each(&amtool.json(&["alert", "query"]), "/labels/alertname");
    names.sort();
    assert_eq!(names, ["Down", "Full"]);

    amtool.run(&[
        "alert",
        "add",
        "Down",
        "severity=critical",
        "host=a",
        "--end=2026-01-01T00:00:00Z",
        "--start=2025-12-31T00:00:00Z",
    ]);
    let routes = amtool.run(&["config", "routes", "show"]);
    assert!(routes.contains("receiver: pager"), "{routes}");
    assert_eq!(amtool.run(&["config", "routes", "test", "severity=critical"]).trim(), "pager");
    assert!(amtool.run(&["config", "show"]).contains("pager"));
    assert!(amtool.run(&["cluster", "show"]).contains("disabled"));
    let refused = amtool.output(&["silence", "add", "alertname=~.*", "--comment=all", "--author=ann"]);
    assert!(!refused.status.success());
    let without = Amtool { url: format!("http://{address}") };
    assert!(!without.output(&["alert", "query"]).status.success());
}
