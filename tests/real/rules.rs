//! A thousand rules over ten thousand series, evaluated by us and by a Prometheus.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tower_watch::Watch;
use tower_watch::alert::AlertSettings;
use tower_watch::alert::rules::RuleGroup;
use tower_watch::layers::clock::Clock;

use crate::promql::answer::Prometheus;
use crate::promql_support::remote_write;
use crate::rule_load;
use crate::servers::{Server, run};
use crate::support::until_async;

/// Samples before the first evaluation: ten minutes.
const BEFORE: i64 = 40 * rule_load::STEP;

/// How many evaluations are looked at.
const TIMES: i64 = 11;

/// The median of some evaluations.
fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

/// What a whole tick takes us, the book, the routes and the commit included; and how many alerts fire in the end.
fn ours() -> (Duration, usize) {
    let (clock, hand) = Clock::fake();
    let groups = RuleGroup::from_yaml(&rule_load::rules("15s")).unwrap();
    let settings = groups.into_iter().fold(AlertSettings::new(), AlertSettings::rule);
    let watch = Watch::builder("shop").local().without_admin().clock(clock).alerts(settings).start().unwrap();
    let begin = watch.now().unwrap();
    let all = rule_load::series(begin - BEFORE, begin + TIMES * rule_load::STEP);
    crate::promql_support::series::fill(watch.store().unwrap(), &all);
    let step = Duration::from_millis(rule_load::STEP.unsigned_abs());
    let took = (0..TIMES).map(|_| {
        hand.advance(step);
        let began = Instant::now();
        watch.alerts().tick();
        began.elapsed()
    });
    (median(took.collect()), watch.alerts().active().len())
}

/// What Prometheus says of its own evaluations, and how many alerts fire in the end.
async fn theirs() -> (Duration, usize) {
    let server = Server::prometheus_with_rules(&rule_load::rules("2s")).await;
    let prometheus = Prometheus::new(server.addr());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    for part in rule_load::series(now - BEFORE, now + 20 * rule_load::STEP).chunks(2_000) {
        prometheus.write(remote_write::request(part)).await;
    }
    let (mut took, mut seen, mut firing) = (Vec::new(), Vec::new(), 0);
    // A minute pending comes before the first alert fires; what was not evaluated over samples is not counted.
    until_async("Prometheus has evaluated the rules", async || {
        let url = format!("http://{}/api/v1/rules", server.addr());
        let answer: Value = serde_json::from_str(&run("curl", ["-s", &url]).await.stdout).unwrap();
        let group = &answer["data"]["groups"][0];
        let rules = group["rules"].as_array().unwrap();
        let states = rules.iter().filter_map(|rule| rule["state"].as_str());
        let active = states.clone().any(|state| state != "inactive");
        firing = states.filter(|state| *state == "firing").count();
        if active && !seen.contains(&group["lastEvaluation"]) {
            seen.push(group["lastEvaluation"].clone());
            took.push(Duration::from_secs_f64(group["evaluationTime"].as_f64().unwrap()));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        took.len() >= 5
    })
    .await;
    (median(took), firing)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus: .ci/run installs it and runs this"]
async fn a_thousand_rules_are_evaluated_here_and_in_prometheus() {
    let (their_time, _) = theirs().await;
    let (our_time, firing) = tokio::task::spawn_blocking(ours).await.unwrap();
    // Figures for those who build it optimised; times are looked at and not asserted.
    eprintln!("1,000 rules over 10,000 series: {our_time:?} here, {their_time:?} in Prometheus");
    assert_eq!(firing, 100);
}
