//! What it costs to route alerts: 10,000 of them at once, through a tree of fifty routes, with inhibition and silences.
//!
//! Ticks of an engine whose time stands still, so nothing else runs: the inbox is emptied, the book is kept, groups are found
//! and speak, and what is owed is noted. Without a disk: what a commit costs is not routing.
//!
//! Then what the disk adds: to the tick that first sees so many alerts, and to delivering them, each as a message of its own.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a report is there to be printed, and to fail")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use tower_watch::Watch;
use tower_watch::alert::config::{Route, Routing};
use tower_watch::alert::receivers::Closure;
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
    routing();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(durable());
}

/// What is written down, and what is settled: with a disk and without.
async fn durable() {
    println!("to write down alerts and settle what is owed, a message each; medians of 5");
    for count in [1, 100, ALERTS] {
        let alerts = alerts();
        let mut took = [const { vec![] }; 6];
        for _ in 0..5 {
            for (index, is_durable) in [false, true].into_iter().enumerate() {
                let directory =
                    std::env::temp_dir().join(format!("tower-watch-bench-{}", std::process::id()));
                let (clock, hand) = Clock::fake();
                let settings = AlertSettings::new().routing(each());
                let builder = Watch::builder("bench").local().without_admin().clock(clock);
                let builder = if is_durable { builder.data_dir(&directory) } else { builder };
                let watch = builder.alerts(settings).start().unwrap();
                watch.alerts().tick();
                for alert in &alerts[..count] {
                    watch.alerts().raise(alert.clone());
                }
                took[index].push(tick(&watch));
                hand.advance(Duration::from_secs(30));
                took[2 + index].push(tick(&watch));
                let began = Instant::now();
                let told = watch.alerts().deliver().await;
                took[4 + index].push(began.elapsed());
                assert_eq!(told.delivered, count);
                drop(watch);
                let _ = std::fs::remove_dir_all(&directory);
            }
        }
        let [seen, seen_durably, owed, owed_durably, settled, settled_durably] = took.map(median);
        println!("{count} alerts          in memory   with a disk");
        println!("  first sight     {seen:10.1?}  {seen_durably:10.1?}");
        println!("  what is owed    {owed:10.1?}  {owed_durably:10.1?}");
        println!("  delivered       {settled:10.1?}  {settled_durably:10.1?}");
    }
}

/// A message for each alert, to a receiver that takes it at once.
fn each() -> Routing {
    let route = Route::to("told").group_by(["..."]).group_wait(Duration::from_secs(30));
    Routing::builder(route).receiver("told", Closure::new_async(|_| async { Ok(()) })).build().unwrap()
}

fn routing() {
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
