//! A sink that is full, slow or gone costs its lines and nothing else.

use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tower_watch::Watch;
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::logs::{JsonLayer, Logs, Sink};
use tracing::info;
use tracing_subscriber::layer::SubscriberExt;

use crate::child;
use crate::support::{Folder, block_on, with_layer};

const DROPPED: &str = "tower_watch_telemetry_dropped_total";
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_lines_and_says_so() {
    child::run("sinks::a_full_disk_loses_lines_and_says_so", || {
        let watch = Watch::builder("orders").start().unwrap();
        let writer = Sink::from(Sink::file("/dev/full")).open().unwrap();
        with_layer(JsonLayer::new(writer.clone()), || (0..100).for_each(|number| info!(number)));
        assert!(!writer.flush_within(PATIENCE), "it is settled, and lost");
        let lost = || watch.snapshot().counter(DROPPED, &[("signal", "logs"), ("reason", "write_failed")]);
        let started = Instant::now();
        while lost() < 100 {
            assert!(started.elapsed() < PATIENCE, "{} counted", lost());
            std::thread::yield_now();
        }
        assert_eq!(lost(), 100);
    });
}

/// Writes to a standard output that nobody reads, and tells on standard error how it went.
#[test]
fn a_reader_that_stands_still_blocks_nobody() {
    const NAME: &str = "sinks::a_reader_that_stands_still_blocks_nobody";
    if child::is_here() {
        let logs = Logs::json().to(Sink::stdout().with_queue(256 * 1024));
        let telemetry = TelemetryBuilder::new().logs(logs).init().unwrap();
        let watch = Watch::builder("orders").telemetry(telemetry.clone()).start().unwrap();
        let started = Instant::now();
        (0..20_000).for_each(|number| info!(number, padding = "0123456789012345678901234567890123456789"));
        let elapsed = started.elapsed();
        let is_flushed = block_on(telemetry.flush(Duration::from_millis(200)));
        let line = format!("logged in {} ms, flushed: {is_flushed}\n", elapsed.as_millis());
        std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
        // From here on somebody reads.
        let started = Instant::now();
        let lost = || watch.snapshot().counter(DROPPED, &[("signal", "logs"), ("reason", "queue_full")]);
        while lost() == 0 && started.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(block_on(telemetry.shutdown(PATIENCE)));
        info!(counted = lost(), "the last words");
        assert!(block_on(telemetry.flush(PATIENCE)));
        return;
    }
    let mut child = child::command(NAME).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = Vec::new();
    let mut stderr = child.stderr.take().unwrap();
    while !said.ends_with(b"\n") {
        let mut byte = [0];
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&said));
        said.push(byte[0]);
    }
    let said = String::from_utf8(said).unwrap();
    assert!(said.ends_with("flushed: false\n"), "{said}");
    let milliseconds: u64 = said["logged in ".len()..].split(' ').next().unwrap().parse().unwrap();
    assert!(milliseconds < 5_000, "{said}");
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert!(child.wait().unwrap().success());
    let lines: Vec<serde_json::Value> = stdout
        .lines()
        .filter_map(|line| line.find("{\"timestamp\"").map(|at| serde_json::from_str(&line[at..]).unwrap()))
        .collect();
    let written = lines.iter().filter(|line| line["number"].is_u64()).count() as u64;
    let counted = lines.iter().find_map(|line| line["counted"].as_u64()).unwrap();
    assert_eq!(written + counted, 20_000);
    let told =
        lines.iter().find(|line| line["message"].as_str().unwrap_or("").starts_with("log lines were lost"));
    assert!(told.unwrap()["queue_full"].as_u64().unwrap() > 0, "{told:?}");
}

#[test]
fn a_closed_pipe_ends_nothing() {
    const NAME: &str = "sinks::a_closed_pipe_ends_nothing";
    if child::is_here() {
        let telemetry = TelemetryBuilder::new().logs(Logs::json()).init().unwrap();
        // The harness has printed what it has to. The parent closes its end before it lets go of standard input.
        std::io::Write::write_all(&mut std::io::stdout(), b"ready\n").unwrap();
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        (0..1_000).for_each(|number| info!(number));
        assert!(!block_on(telemetry.flush(PATIENCE)));
        // The harness itself cannot print that the test passed, so it is said here.
        std::process::exit(7);
    }
    let mut child = child::command(NAME)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut said, mut stdout) = (Vec::new(), child.stdout.take().unwrap());
    while !said.ends_with(b"ready\n") {
        let mut byte = [0];
        stdout.read_exact(&mut byte).unwrap();
        said.push(byte[0]);
    }
    drop(stdout);
    drop(child.stdin.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(7), "{stderr}");
    assert_eq!(stderr.matches("log lines cannot be written to standard output").count(), 1, "{stderr}");
}

#[test]
fn what_is_left_is_written_when_the_last_writer_is_dropped() {
    let folder = Folder::new("dropped");
    let path = folder.0.join("orders.log");
    let writer = Sink::from(Sink::file(&path)).open().unwrap();
    with_layer(JsonLayer::new(writer), || (0..1_000).for_each(|number| info!(number)));
    let started = Instant::now();
    while std::fs::read_to_string(&path).unwrap().lines().count() < 1_000 {
        assert!(started.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
}

#[test]
fn a_program_that_just_ends_shows_its_last_words() {
    const NAME: &str = "sinks::a_program_that_just_ends_shows_its_last_words";
    if child::is_here() {
        let telemetry = TelemetryBuilder::new().logs(Logs::json()).init().unwrap();
        (0..5_000).for_each(|number| info!(number));
        info!("the last words");
        drop(telemetry);
        std::process::exit(0);
    }
    let output = child::command(NAME).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("the last words"), "{} lines", stdout.lines().count());
}

#[test]
fn what_was_written_and_lost_before_there_is_a_watch_is_counted() {
    let folder = Folder::new("counted");
    let logs = Logs::json().to(Sink::file(folder.0.join("log")));
    let (layers, telemetry) = TelemetryBuilder::new().logs(logs).start().unwrap();
    let subscriber = tracing_subscriber::registry().with(layers);
    tracing::subscriber::with_default(subscriber, || {
        (0..10).for_each(|number| info!(number));
        assert!(block_on(telemetry.flush(PATIENCE)));
        let watch = Watch::builder("orders").local().telemetry(telemetry.clone()).start().unwrap();
        let exported =
            || watch.snapshot().counter("tower_watch_telemetry_exported_total", &[("signal", "logs")]);
        assert_eq!(exported(), 10);
        info!("one more");
        assert!(block_on(telemetry.flush(PATIENCE)));
        assert_eq!(exported(), 11);
    });
}
