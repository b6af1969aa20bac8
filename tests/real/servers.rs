//! Servers and tools that are not ours: started for one test, killed at its end.

use std::ffi::OsStr;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::support::{soon, until_async};

/// A folder of one test, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("real-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server of somebody else's on a free port of the loopback. Dropping it kills it.
pub(crate) struct Server {
    addr: SocketAddr,
    // Before the folder, so that nobody writes into what is being removed.
    _process: Child,
    _folder: Folder,
}

impl Server {
    /// A Prometheus that scrapes `target` every second.
    pub(crate) async fn prometheus(target: SocketAddr) -> Self {
        let config = format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n\
             scrape_configs: [{{job_name: observed, static_configs: [{{targets: ['{target}']}}]}}]\n"
        );
        Self::prometheus_with(&config, &["--enable-feature=exemplar-storage"], None).await
    }

    /// A Prometheus that scrapes nobody and takes what is written to it.
    pub(crate) async fn empty_prometheus() -> Self {
        let config = "global: {evaluation_interval: 15s}\n";
        Self::prometheus_with(config, &["--web.enable-remote-write-receiver"], None).await
    }

    /// The same, with a rule file.
    #[cfg(feature = "alerts")]
    pub(crate) async fn prometheus_with_rules(rules: &str) -> Self {
        let config = "global: {evaluation_interval: 15s}\nrule_files: [rules.yml]\n";
        Self::prometheus_with(config, &["--web.enable-remote-write-receiver"], Some(rules)).await
    }

    async fn prometheus_with(config: &str, flags: &[&str], rules: Option<&str>) -> Self {
        // Somebody may take the port between our look and the server's; then it ends, and another is tried.
        for _ in 0..5 {
            let folder = Folder::new();
            let file = folder.0.join("prometheus.yml");
            fs::write(&file, config).unwrap();
            if let Some(rules) = rules {
                fs::write(folder.0.join("rules.yml"), rules).unwrap();
            }
            let addr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let mut process = tool("prometheus")
                .arg(format!("--config.file={}", file.display()))
                .arg(format!("--storage.tsdb.path={}", folder.0.join("data").display()))
                .arg(format!("--web.listen-address={addr}"))
                .args(flags)
                .arg("--log.level=error")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| panic!("prometheus: {error}; install it with .ci/tools"));
            let mut ended = false;
            let ready = format!("http://{addr}/-/ready");
            until_async("prometheus is ready", async || {
                ended = process.try_wait().unwrap().is_some();
                ended || run("curl", ["-sf", "-o", "/dev/null", &ready]).await.status.success()
            })
            .await;
            if !ended {
                return Self { addr, _process: process, _folder: folder };
            }
        }
        panic!("prometheus does not start");
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The value of the only sample of an instant query; nothing where there is none.
    pub(crate) async fn query(&self, query: &str) -> Option<f64> {
        let url = format!("http://{}/api/v1/query", self.addr);
        let output = run("curl", ["-sG", "--data-urlencode", &format!("query={query}"), &url]).await;
        let answer: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(answer["status"], "success", "{answer}");
        let samples = answer["data"]["result"].as_array().unwrap();
        assert!(samples.len() <= 1, "{query} has more than one sample: {answer}");
        samples.first().map(|sample| sample["value"][1].as_str().unwrap().parse().unwrap())
    }
}

/// What a tool said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A command that is killed with the test.
pub(crate) fn tool(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.kill_on_drop(true);
    command
}

/// Runs a tool to its end.
pub(crate) async fn run<A: AsRef<OsStr>>(
    name: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
) -> Said {
    run_with(name, arguments, "").await
}

/// Runs a tool to its end, with a text to read.
pub(crate) async fn run_with<A: AsRef<OsStr>>(
    name: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
    input: &str,
) -> Said {
    let name = name.as_ref();
    let shown = name.to_string_lossy().into_owned();
    let mut child = tool(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{shown}: {error}; install it with .ci/tools"));
    let mut stdin = child.stdin.take().unwrap();
    let output = soon(&format!("{shown} ends"), async {
        // One that does not read its input closes it, which is fine.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        child.wait_with_output().await.unwrap()
    })
    .await;
    Said {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
