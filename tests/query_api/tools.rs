//! promtool and curl, as they are, against the listener.

use std::net::SocketAddr;
use std::process::Command;

use serde_json::{Value, json};
use tower_watch::http::{AccessToken, Admin, AdminRoutes, AdminServer, QueryApi};

use crate::filled::{NOW, engine, registers};

const TOKEN: &str = "a-secret";

fn serve() -> AdminServer {
    let routes =
        AdminRoutes::new("orders", &registers()).with_query_api(QueryApi::new(engine(), registers()));
    let admin = Admin::new().with_address(([127, 0, 0, 1], 0)).with_token(AccessToken::new(TOKEN).unwrap());
    admin.bind(routes.into_router()).unwrap()
}

/// What a tool prints; it must end well.
fn run(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(name)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{name}: {error}; install it with .ci/tools"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{name} {arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// The address with the token as the password.
fn url(address: SocketAddr) -> String {
    format!("http://anybody:{TOKEN}@{address}")
}

#[test]
#[ignore = "needs promtool: .ci/run installs it and runs this"]
fn promtool_asks() {
    let server = serve();
    let url = url(server.address());
    let time = format!("--time={NOW}");
    let instant =
        run("promtool", &["query", "instant", &time, &url, "sum by (method) (rate(jobs_total[1m]))"]);
    assert_eq!(instant, "{method=\"GET\"} => 1 @[1767225600]\n{method=\"POST\"} => 2 @[1767225600]\n");
    assert_eq!(run("promtool", &["query", "instant", "--time=4", &url, "1+1"]), "scalar: 2 @[4]\n");
    let (start, end) = (format!("--start={}", NOW - 60), format!("--end={NOW}"));
    let range = run("promtool", &["query", "range", &start, &end, "--step=60s", &url, "sum(jobs_total)"]);
    assert_eq!(range, "{} =>\n720 @[1767225540]\n900 @[1767225600]\n");
    // It asks for the last hours of its own clock, and for fourteen months.
    assert_eq!(
        run("promtool", &["query", "range", &url, "absent(jobs_total)*0"]).lines().next(),
        Some("{} =>")
    );
    let series = run("promtool", &["query", "series", "--match=jobs_total", &start, &end, &url]);
    assert_eq!(series.lines().count(), 2, "{series}");
    assert!(series.contains(r#"{__name__="jobs_total", job="shop", method="GET"}"#), "{series}");
    assert_eq!(run("promtool", &["query", "labels", &start, &end, &url, "method"]), "GET\nPOST\n");
    run("promtool", &["query", "series", "--match=jobs_total", &url]);
    run("promtool", &["query", "labels", &url, "method"]);
}

#[test]
#[ignore = "needs curl: .ci/run installs it and runs this"]
fn curl_asks() {
    let server = serve();
    let url = url(server.address());
    let ask = |arguments: &[&str], path: &str| -> Value {
        let url = format!("{url}{path}");
        let arguments: Vec<&str> = ["-sgf"].iter().chain(arguments).copied().chain([url.as_str()]).collect();
        serde_json::from_str(&run("curl", &arguments)).unwrap()
    };
    let query = format!("query=jobs_total{{method=\"GET\"}} offset 1m&time={NOW}");
    for arguments in [
        ["--data-urlencode", "time=1767225600", "--data-urlencode"],
        ["-G", "-d", "time=2026-01-01T00:00:00Z"],
    ] {
        let mut arguments = arguments.to_vec();
        if arguments[2].starts_with("time") {
            arguments.push("--data-urlencode");
        }
        arguments.push("query=jobs_total{method=\"GET\"} offset 1m");
        let answer = ask(&arguments, "/api/v1/query");
        assert_eq!(answer["data"]["result"][0]["value"], json!([NOW, "240"]), "{query}: {answer}");
    }
    assert_eq!(ask(&[], "/api/v1/label/method/values")["data"], json!(["GET", "POST"]));
    let refused = Command::new("curl")
        .args([
            "-s",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            &format!("http://{}/api/v1/labels", server.address()),
        ])
        .output()
        .unwrap();
    assert_eq!(refused.stdout, b"401");
}
