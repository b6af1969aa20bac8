//! A real Alertmanager as the receiver.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Request;
use serde_json::Value;
use tokio::process::Child;
use tower_watch::alert::Status;
use tower_watch::alert::notify::{Notice, Notification};
use tower_watch::alert::receivers::{AlertmanagerPush, IntoReceivers, Receiver};
use tower_watch::outgoing::HttpClient;

use crate::alerts::alert;
use crate::process::{Folder, free_port, spawn};
use crate::support::until_async;

struct Alertmanager {
    addr: SocketAddr,
    client: HttpClient,
    _process: Child,
    _folder: Folder,
}

impl Alertmanager {
    async fn start() -> Self {
        let folder = Folder::new();
        let config = folder.write("am.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n");
        let addr = free_port();
        let process = spawn(
            "prometheus-alertmanager",
            &[
                format!("--config.file={}", config.display()),
                format!("--storage.path={}", folder.path().join("data").display()),
                format!("--web.listen-address={addr}"),
                "--cluster.listen-address=".to_owned(),
            ],
        );
        let client = HttpClient::builder().without_proxy().build().unwrap();
        let server = Self { addr, client, _process: process, _folder: folder };
        until_async("Alertmanager is ready", async || server.get("/-/ready").await.is_some()).await;
        server
    }

    async fn get(&self, path: &str) -> Option<Bytes> {
        let request = Request::get(format!("http://{}{path}", self.addr)).body(Bytes::new()).unwrap();
        let answer = self.client.send(request, Duration::from_secs(10)).await.ok()?;
        answer.status.is_success().then_some(answer.body)
    }

    /// Those that are active, by Alertmanager's own judgement.
    async fn alerts(&self) -> Vec<Value> {
        serde_json::from_slice(&self.get("/api/v2/alerts").await.unwrap()).unwrap()
    }
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn replica(server: &Alertmanager, every: Duration) -> Arc<dyn Receiver> {
    AlertmanagerPush::to([format!("http://{}", server.addr)]).every(every).into_receivers().remove(0)
}

fn told(starts_at: i64, ends_at: Option<i64>) -> Notification {
    let mut alert = alert("Down");
    alert.starts_at = starts_at;
    alert.ends_at = ends_at;
    alert.generator_url = "http://127.0.0.1:9901/graph?g0.expr=up".to_owned();
    let status = if ends_at.is_some() { Status::Resolved } else { Status::Firing };
    Notification::new("am", vec![Notice::new(alert, status)], now())
}

#[tokio::test]
#[ignore = "needs alertmanager"]
async fn it_shows_an_alert_with_the_same_identity_until_its_end_is_told() {
    let server = Alertmanager::start().await;
    let replica = replica(&server, Duration::from_secs(60));
    let start = now() - 5_000;
    let firing = told(start, None);
    replica.send(&firing).await.unwrap();
    let shown = server.alerts().await;
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert_eq!(shown[0]["fingerprint"], firing.alerts[0].alert.fingerprint().to_string());
    assert_eq!(shown[0]["status"]["state"], "active");
    assert_eq!(shown[0]["labels"]["severity"], "critical");
    assert_eq!(shown[0]["annotations"]["summary"], "5 % of the requests fail");
    assert_eq!(shown[0]["generatorURL"], "http://127.0.0.1:9901/graph?g0.expr=up");
    // Said again it is the same alert, with an end that is further ahead.
    let again = told(start, None);
    replica.send(&again).await.unwrap();
    let renewed = server.alerts().await;
    assert_eq!(renewed.len(), 1, "{renewed:?}");
    assert_eq!(renewed[0]["startsAt"], shown[0]["startsAt"]);
    assert!(renewed[0]["endsAt"].as_str() > shown[0]["endsAt"].as_str(), "{shown:?} {renewed:?}");
    replica.send(&told(start, Some(now()))).await.unwrap();
    until_async("the alert is over", async || server.alerts().await.is_empty()).await;
}

#[tokio::test]
#[ignore = "needs alertmanager"]
async fn what_is_not_said_again_ends_by_itself() {
    let server = Alertmanager::start().await;
    let replica = replica(&server, Duration::from_millis(250));
    replica.send(&told(now(), None)).await.unwrap();
    assert_eq!(server.alerts().await.len(), 1);
    until_async("the alert is over", async || server.alerts().await.is_empty()).await;
}

#[tokio::test]
#[ignore = "needs alertmanager"]
async fn it_takes_thousands() {
    let server = Alertmanager::start().await;
    let replica = replica(&server, Duration::from_secs(60));
    let mut notification = told(now(), None);
    let (first, name) = (Alertmanager::alerts(&server).await.len(), "Down");
    for index in 1..2_500 {
        let mut alert = alert(name).label("index", index.to_string());
        alert.starts_at = now();
        notification.alerts.push(Notice::new(alert, Status::Firing));
    }
    replica.send(&notification).await.unwrap();
    let count = server.get("/metrics").await.unwrap();
    let count = String::from_utf8(count.to_vec()).unwrap();
    assert_eq!(first, 0);
    assert!(count.contains("alertmanager_alerts_received_total{status=\"firing\",version=\"v2\"} 2500\n"));
}
