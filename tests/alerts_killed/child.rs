//! The process that is killed.

use std::env::var;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tower_watch::Watch;
use tower_watch::alert::config::Routing;
use tower_watch::alert::{Alert, AlertSettings};
use tower_watch::layers::clock::Clock;
use tower_watch::series::Labels;

pub(crate) const DIRECTORY: &str = "TOWER_WATCH_TEST_DIRECTORY";
pub(crate) const PORT: &str = "TOWER_WATCH_TEST_PORT";
pub(crate) const LIFE: &str = "TOWER_WATCH_TEST_LIFE";
pub(crate) const LAST: &str = "TOWER_WATCH_TEST_LAST";

/// Alerts of each kind.
pub(crate) const ALERTS: u64 = 8;

/// A tick each so many seconds of the fake clock.
const STEP: u64 = 5;
/// The steps between the beginnings of two lives: more than any life has.
const STEPS_OF_A_LIFE: u64 = 20_000;
const STEPS_OF_THE_LAST_LIFE: u64 = 60;

const RULES: &str = "
groups:
- name: killed
  interval: 5s
  rules:
  - {alert: Broken, expr: broken > 0, for: 10s}
  - {alert: Kept, expr: broken > 0, keep_firing_for: 15s}
";

/// Whether an alert of this number is to fire in this step; in the last life it stays with its parity.
fn fires(number: u64, step: u64, last: bool) -> bool {
    if last { fires_in_the_end(number) } else { (step / (4 + number) + number).is_multiple_of(2) }
}

pub(crate) fn fires_in_the_end(number: u64) -> bool {
    number.is_multiple_of(2)
}

/// One life of the process, which is this test, in this directory, telling the server on this port.
pub(crate) fn command(test: &str, directory: &Path, port: u16, life: u64, last: bool) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--ignored", "--exact", "--nocapture", test])
        .env(DIRECTORY, directory)
        .env(PORT, port.to_string())
        .env(LIFE, life.to_string());
    if last {
        command.env(LAST, "yes");
    }
    command
}

#[tokio::test]
#[ignore = "a child process of the other test"]
async fn lives_until_it_is_killed() {
    let Ok(directory) = var(DIRECTORY) else { return };
    let (port, life) = (var(PORT).unwrap(), var(LIFE).unwrap().parse::<u64>().unwrap());
    let last = var(LAST).is_ok();
    std::fs::write(Path::new(&directory).join("rules.yml"), RULES).unwrap();
    let (clock, hand) = Clock::fake();
    hand.advance(Duration::from_secs(life * STEPS_OF_A_LIFE * STEP));
    let settings = AlertSettings::new()
        .rules_file(Path::new(&directory).join("rules.yml"))
        .routing(Routing::from_yaml(&routing(&port, life, "5s")).unwrap())
        .evaluate_every(Duration::from_secs(STEP));
    let watch = Watch::builder("shop")
        .local()
        .without_admin()
        .clock(clock)
        .instance("a")
        .data_dir(Path::new(&directory).join("data"))
        .alerts(settings)
        .start()
        .unwrap();
    let steps = if last { 0..STEPS_OF_THE_LAST_LIFE } else { 0..STEPS_OF_A_LIFE };
    for step in steps {
        let step = life * STEPS_OF_A_LIFE + step;
        metrics::with_local_recorder(watch.registers(), || {
            for number in 0..ALERTS {
                let broken = metrics::gauge!("broken", "number" => number.to_string());
                broken.set(if fires(number, step, last) { 1.0 } else { 0.0 });
            }
        });
        for number in 0..ALERTS {
            let raised = Alert::new("Raised").label("number", number.to_string());
            if fires(number, step + 3, last) {
                watch.alerts().raise(raised);
            } else {
                watch.alerts().resolve(&Labels::clone(&raised.labels));
            }
        }
        hand.advance(Duration::from_secs(STEP));
        watch.tick();
        watch.alerts().tick();
        watch.alerts().deliver().await;
    }
}

/// Every alert is told to two receivers by itself, and to a third with all others of its name.
pub(crate) fn routing(port: &str, life: u64, wait: &str) -> String {
    format!(
        "
route:
  receiver: one
  group_wait: {wait}
  group_interval: {wait}
  repeat_interval: 10000h
  routes:
  - {{receiver: one, group_by: ['...'], continue: true}}
  - {{receiver: other, group_by: ['...'], continue: true}}
  - {{receiver: together, group_by: [alertname]}}
receivers:
- {{name: one, webhook_configs: [{{url: 'http://127.0.0.1:{port}/one/{life}'}}]}}
- {{name: other, webhook_configs: [{{url: 'http://127.0.0.1:{port}/other/{life}'}}]}}
- {{name: together, webhook_configs: [{{url: 'http://127.0.0.1:{port}/together/{life}'}}]}}
"
    )
}
