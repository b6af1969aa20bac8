//! What it costs to route alerts: 10,000 of them at once, through a tree of fifty routes, with inhibition and silences.
//!
//! Ticks of an engine whose time stands still, so nothing else runs: the inbox is emptied, the book is kept, groups are found
//! and speak, and what is owed is noted. Without a disk: what a commit costs is not routing.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a report is there to be printed, and to fail")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use tower_watch::Watch;
use tower_watch::alert::config::Routing;
use tower_watch::alert::{Alert, AlertSettings, Silence};
use tower_watch::layers::clock::{Clock, FakeClock};
use tower_watch::series::Matcher;

const ALERTS: usize = 10_000;
const TEAMS: usize = 50;
const ROUNDS: usize = 10;

/// A route for each team, grouped by name and cluster.
fn configuration(group_by: &str) -> Routing {
    let mut text = format!(
        "route:\n  receiver: none\n  group_by: {group_by}\n  group_wait: 30s\n  group_interval: 5m\n  repeat_interval: 4h\n  \
         routes:\n"
    );
    for team in 0..TEAMS {
        let _ = writeln!(
            text,
            "  - matchers: ['team=\"team-{team}\"', 'severity=~\"critical|warning\"']\n    receiver: told"
        );
    }
    text.push_str(
        "receivers:\n- name: none\n- name: told\n  webhook_configs: [{url: 'http://127.0.0.1:9/'}]\n\
         inhibit_rules:\n\
         - source_matchers: ['severity=\"critical\"']\n  target_matchers: ['severity=\"warning\"']\n  equal: [alertname, cluster]\n\
         - source_matchers: ['alertname=\"ClusterDown\"']\n  target_matchers: ['alertname!=\"ClusterDown\"']\n  equal: [cluster]\n",
    );
    Routing::from_yaml(&text).unwrap()
}

fn alerts() -> Vec<Alert> {
    let alert = |number: usize| {
        Alert::new(format!("Alert{}", number % 40))
            .label("team", format!("team-{}", number % TEAMS))
            .label("cluster", format!("cluster-{}", number % 20))
            .label("instance", format!("10.0.{}.{}:9100", number / 250, number % 250))
            .label("severity", if number.is_multiple_of(7) { "critical" } else { "warning" })
            .annotate("summary", format!("something is wrong with 10.0.{}.{}", number / 250, number % 250))
    };
    (0..ALERTS).map(alert).collect()
}

fn watch(group_by: &str) -> (Watch, FakeClock) {
    let (clock, hand) = Clock::fake();
    let settings = AlertSettings::new().routing(configuration(group_by));
    let watch =
        Watch::builder("bench").local().without_admin().clock(clock).alerts(settings).start().unwrap();
    let now = watch.now().unwrap();
    for team in 0..20 {
        let matchers =
            vec![Matcher::equal("team", format!("team-{team}")), Matcher::equal("alertname", "Alert3")];
        watch.alerts().silence(Silence::new(matchers, now, now + 86_400_000, "bench", "")).unwrap();
    }
    watch.alerts().tick();
    (watch, hand)
}

/// How long a tick takes.
fn tick(watch: &Watch) -> Duration {
    let start = Instant::now();
    watch.alerts().tick();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4_096
}

fn main() {
    println!("{ALERTS} active alerts, {TEAMS} routes, 2 inhibition rules, 20 silences; medians of {ROUNDS}");
    for (shown, group_by) in
        [("40 names x 20 clusters x 50 teams", "[alertname, cluster]"), ("each alert", "['...']")]
    {
        let alerts = alerts();
        let (mut first, mut speaking, mut steady, mut quiet) = (vec![], vec![], vec![], vec![]);
        let mut bytes = 0;
        for _ in 0..ROUNDS {
            let (watch, hand) = watch(group_by);
            let before = resident();
            for alert in &alerts {
                watch.alerts().raise(alert.clone());
            }
            first.push(tick(&watch));
            bytes = bytes.max(resident().saturating_sub(before));
            assert_eq!(watch.alerts().active().len(), ALERTS);
            hand.advance(Duration::from_secs(30));
            speaking.push(tick(&watch));
            for alert in &alerts {
                watch.alerts().raise(alert.clone());
            }
            steady.push(tick(&watch));
            hand.advance(Duration::from_secs(300));
            quiet.push(tick(&watch));
        }
        println!("groups: {shown}");
        println!("  first sight of all             {:?}", median(first));
        println!("  all groups speak at once       {:?}", median(speaking));
        println!("  all are renewed, nothing new   {:?}", median(steady));
        println!("  all groups are due, no news    {:?}", median(quiet));
        println!("  resident bytes an alert        {}", bytes / ALERTS);
    }
}
