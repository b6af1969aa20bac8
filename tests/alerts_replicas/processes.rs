//! Two processes that elect their sender, and one of them is killed.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tower_watch::Watch;
use tower_watch::alert::config::Routing;
use tower_watch::alert::election::{Election, PostgresElection, RedisElection, Replicas, Seat};
use tower_watch::alert::{Alert, AlertSettings};

use crate::servers;
use crate::support::{Service, until, until_async};

const PLACE: &str = "TOWER_WATCH_TEST_PLACE";
const RECEIVER: &str = "TOWER_WATCH_TEST_RECEIVER";
const NAME: &str = "TOWER_WATCH_TEST_NAME";

/// Raises what it is told to on its standard input, until it is killed.
#[test]
#[ignore = "a child process of the tests below"]
fn a_replica() {
    let Ok(place) = env::var(PLACE) else { return };
    let replicas = if place.starts_with("redis") {
        Replicas::elected(RedisElection::new(&place).unwrap())
    } else {
        Replicas::elected(PostgresElection::new(&place).unwrap())
    };
    let routing = Routing::from_yaml(
        "route: {receiver: ops, group_by: ['...'], group_wait: 1s, group_interval: 1s}\n\
         receivers: [{name: ops, webhook_configs: [{url: 'RECEIVER'}]}]\n"
            .replace("RECEIVER", &env::var(RECEIVER).unwrap())
            .as_str(),
    );
    let settings = AlertSettings::new().routing(routing.unwrap()).replicas(replicas);
    let watch = Watch::builder("shop").local().instance(env::var(NAME).unwrap()).alerts(settings);
    let watch = watch.start().unwrap();
    writeln!(io::stdout(), "\nready").unwrap();
    for line in io::stdin().lines() {
        watch.alerts().raise(Alert::new(line.unwrap()));
    }
}

struct Replica(Child);

impl Replica {
    fn start(place: &str, receiver: SocketAddr, name: &str) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", "processes::a_replica", "--ignored", "--nocapture"])
            .env(PLACE, place)
            .env(RECEIVER, format!("http://{receiver}/hook"))
            .env(NAME, name);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "ready"), "{name} did not start");
        Self(child)
    }

    fn raise(&mut self, name: &str) {
        writeln!(self.0.stdin.as_mut().unwrap(), "{name}").unwrap();
    }

    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether the place can be asked, which a server that has just begun to listen may still refuse.
async fn answers(election: &dyn Election) -> bool {
    election.remembered(&Seat::new("nobody", "test")).await.is_ok()
}

async fn one_sends_and_another_goes_on(place: &str) {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = Arc::clone(&heard);
    let hook = post(async move |Json(message): Json<Value>| {
        for alert in message["alerts"].as_array().unwrap() {
            let text = format!("{} {}", alert["labels"]["alertname"], alert["status"]);
            told.lock().unwrap().push(text.replace('"', ""));
        }
    });
    let receiver = Service::start(Router::new().route("/hook", hook)).await;
    let heard = move || heard.lock().unwrap().clone();
    let mut first = Replica::start(place, receiver.addr, "a");
    first.raise("SeenByAll");
    until("the elected one sends", || !heard().is_empty()).await;
    let mut second = Replica::start(place, receiver.addr, "b");
    second.raise("SeenByAll");
    second.raise("SeenByOne");
    until("it sends for the other", || heard().len() == 2).await;
    // Once this is sent, what was sent before is known to the other; this alone may be under way at the kill.
    first.raise("Last");
    until("the last one", || heard().len() == 3).await;
    first.kill();
    second.raise("Last");
    second.raise("Later");
    until("another goes on", || heard().iter().any(|alert| alert == "Later firing")).await;
    second.raise("AndLater");
    until("and on", || heard().iter().any(|alert| alert == "AndLater firing")).await;
    let mut heard = heard();
    heard.sort();
    heard.dedup_by(|again, before| again == before && again == "Last firing");
    assert_eq!(
        heard,
        ["AndLater firing", "Last firing", "Later firing", "SeenByAll firing", "SeenByOne firing"]
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs redis-server"]
async fn through_redis() {
    let server = servers::redis();
    let election = RedisElection::new(&server.url).unwrap();
    until_async("redis answers", async || answers(&election).await).await;
    one_sends_and_another_goes_on(&server.url).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs postgresql-15"]
async fn through_postgres() {
    let server = servers::postgres();
    let election = PostgresElection::new(&server.url).unwrap();
    until_async("postgres answers", async || answers(&election).await).await;
    one_sends_and_another_goes_on(&server.url).await;
}
