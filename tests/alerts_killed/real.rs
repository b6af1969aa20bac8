//! Twenty lives in real time: the engine's thread ticks, and its tasks deliver.

use std::env::var;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tower_watch::Watch;
use tower_watch::alert::config::Routing;
use tower_watch::alert::{Alert, AlertSettings};
use tower_watch::series::Labels;

use crate::child::{ALERTS, DIRECTORY, LAST, LIFE, PORT, command, fires_in_the_end, routing};
use crate::killed::{
    Directory, every_end_comes_after_a_beginning, nothing_is_doubled_but_what_was_under_way, wrong_in_the_end,
};
use crate::server::Server;

const KILLS: u64 = 20;
const CHILD: &str = "real::lives_in_real_time";

/// How long the last life may take to tell all that is owed.
const DEADLINE: Duration = Duration::from_secs(90);

const RULES: &str = "
groups:
- name: killed
  interval: 1s
  rules:
  - {alert: Broken, expr: broken > 0}
";

#[test]
#[ignore = "a child process of the other test"]
fn lives_in_real_time() {
    let Ok(directory) = var(DIRECTORY) else { return };
    let (port, life) = (var(PORT).unwrap(), var(LIFE).unwrap().parse::<u64>().unwrap());
    let last = var(LAST).is_ok();
    let rules = Path::new(&directory).join("rules.yml");
    std::fs::write(&rules, RULES).unwrap();
    let settings = AlertSettings::new()
        .rules_file(rules)
        .routing(Routing::from_yaml(&routing(&port, life, "500ms")).unwrap())
        .evaluate_every(Duration::from_secs(1));
    let watch = Watch::builder("shop")
        .local()
        .without_admin()
        .instance("a")
        .data_dir(Path::new(&directory).join("data"))
        .alerts(settings)
        .start()
        .unwrap();
    for step in life * 7.. {
        for number in 0..ALERTS {
            let fires = if last { fires_in_the_end(number) } else { (step + number) % 5 < 2 };
            metrics::with_local_recorder(watch.registers(), || {
                metrics::gauge!("broken", "number" => number.to_string()).set(if fires { 1.0 } else { 0.0 });
            });
            let raised = Alert::new("Raised").label("number", number.to_string());
            if fires {
                watch.alerts().raise(raised);
            } else {
                watch.alerts().resolve(&Labels::clone(&raised.labels));
            }
        }
        sleep(Duration::from_millis(400));
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "what happened, for who runs it alone")]
fn in_real_time_nothing_is_lost_either() {
    let directory = Directory::new("killed-in-real-time");
    let server = Server::start();
    let began = Instant::now();
    for life in 0..KILLS {
        let (down, hold) = (life % 2 == 1, life % 4 == 2);
        server.set(down, hold);
        let mut child = command(CHILD, &directory.0, server.port, life, false)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        if hold {
            let _ = server.taken.recv_timeout(Duration::from_secs(3));
        } else {
            sleep(Duration::from_millis(600 + life * 7_919 % 1_400));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    server.set(false, false);
    let mut child =
        command(CHILD, &directory.0, server.port, KILLS, true).stdout(Stdio::null()).spawn().unwrap();
    let names = ["Broken", "Raised"];
    let until = Instant::now() + DEADLINE;
    while !wrong_in_the_end(&server.arrived(), &names).is_empty() && Instant::now() < until {
        sleep(Duration::from_millis(50));
    }
    // Nothing comes that would change it.
    sleep(Duration::from_secs(2));
    child.kill().unwrap();
    child.wait().unwrap();

    let arrived = server.arrived();
    assert_eq!(wrong_in_the_end(&arrived, &names), [""; 0]);
    every_end_comes_after_a_beginning(&arrived);
    let doubled = nothing_is_doubled_but_what_was_under_way(&arrived);
    assert!(server.refused() > 0, "nobody was refused");
    assert!(doubled > 0, "no kill hit a message under way: it proves too little");
    assert_eq!(directory.set_aside(), [""; 0]);
    println!(
        "{KILLS} kills in {:.1?}: {} messages, {} refused, {doubled} doubled",
        began.elapsed(),
        arrived.len(),
        server.refused()
    );
}
