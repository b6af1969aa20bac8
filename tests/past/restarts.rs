//! One watch after another on the same data directory.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use metrics::counter;
use tower_watch::Watch;
use tower_watch::http::Admin;
use tower_watch::registers::Kind;
use tower_watch::testing::Clock;
use tower_watch::watch::WatchBuilder;

use crate::support::{soon, until};
use crate::watched::{MINUTE, START, Watched, values};

/// A directory of one test, deleted in the end.
struct Directory(PathBuf);

impl Directory {
    fn new(test: &str) -> Self {
        Self(std::env::temp_dir().join(format!("tower-watch-restarts-{test}-{}", std::process::id())))
    }

    /// A watch that keeps its past here, whose clock stands still.
    fn watched(&self, start: i64) -> Watched {
        Watched::with(start, |builder| builder.data_dir(&self.0))
    }

    /// One whose threads run, but tick and save only when the test is over.
    fn running(&self) -> WatchBuilder {
        let slow = Duration::from_secs(300);
        Watch::builder("shop").local().instance("here").tick(slow).snapshot_every(slow).data_dir(&self.0)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn has_the_disk(watch: &Watch) -> bool {
    watch.snapshot().gauge("tower_watch_snapshot_available", &[]) == 1.0
}

fn is_saved(directory: &Path) -> bool {
    let mut file = match tower_watch::series::disk::SeriesFile::open(directory) {
        Ok(opened) => opened.file,
        Err(_) => return false,
    };
    file.restore(&tower_watch::series::Store::new(), START).unwrap().series > 0
}

#[tokio::test]
async fn after_a_shutdown_the_next_one_goes_on() {
    let directory = Directory::new("shutdown");
    let first = directory.watched(START);
    first.after(60, || counter!("orders.created", "channel" => "web").increment(5));
    first.watch.shutdown().await;
    // The first one is still there, as in a process whose server is slow to go.
    let second = directory.watched(START + 120_000);
    assert!(has_the_disk(&second.watch), "the directory is free");
    let before = second.watch.summary("orders.created", 10 * MINUTE).await.unwrap();
    assert_eq!((before.kind, before.count), (Some(Kind::Counter), Some(5)), "nothing is registered yet");
    second.after(60, || counter!("orders.created", "channel" => "web").increment(2));
    let after = second.watch.summary("orders.created", 10 * MINUTE).await.unwrap();
    assert_eq!((after.count, after.latest_value), (Some(7), Some(2.0)));
    let text = "count_over_time(orders_created[10m])";
    assert_eq!(values(&second.watch.query(text).await.unwrap()), [4.0], "two zeros and two readings");
}

#[tokio::test]
async fn after_the_last_hold_is_gone_the_next_one_goes_on() {
    let directory = Directory::new("dropped");
    let first = directory.running().start().unwrap();
    assert!(has_the_disk(&first));
    let layer = first.layer();
    drop(first);
    assert!(!has_the_disk(&directory.running().start().unwrap()), "a layer still records");
    drop(layer);
    let free = || has_the_disk(&directory.running().start().unwrap());
    until("the directory is free, long before the next tick", free).await;
}

#[tokio::test]
async fn a_start_that_failed_holds_nothing() {
    let directory = Directory::new("failed");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let admin = Admin::new().with_address(taken.local_addr().unwrap());
    let error = directory.running().admin(admin).start().unwrap_err();
    assert_eq!(error.problems()[0].field(), "admin");
    assert!(has_the_disk(&directory.running().start().unwrap()), "at once");
}

#[tokio::test]
async fn whoever_shuts_down_as_well_waits_for_the_snapshot() {
    for _ in 0..5 {
        let directory = Directory::new("twice");
        let watch = directory.running().start().unwrap();
        soon("both have ended", async {
            let first = watch.shutdown();
            tokio::pin!(first);
            // Polled once: under way.
            tokio::select! { biased; () = &mut first => {}, () = std::future::ready(()) => {} }
            watch.shutdown().await;
        })
        .await;
        assert!(is_saved(&directory.0));
    }
}

#[test]
fn shutdown_needs_no_runtime_and_no_patience() {
    let directory = Directory::new("runtimeless");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let watch = runtime.block_on(async { directory.running().start().unwrap() });
    drop(runtime);
    let waker = std::task::Waker::noop();
    let mut context = std::task::Context::from_waker(waker);
    // Given up at once; the snapshot is made all the same.
    let _ = Box::pin(watch.shutdown()).as_mut().poll(&mut context);
    let mut looks = 0;
    while !is_saved(&directory.0) {
        looks += 1;
        assert!(looks < 10_000, "never saved");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_directory_in_which_nothing_would_be_kept_is_a_problem() {
    let directory = Directory::new("nothing");
    let fleet = tower_watch::watch::Preset::Fleet;
    for builder in [directory.running().preset(fleet), directory.running().without_store()] {
        let error = builder.start().unwrap_err();
        assert_eq!(error.problems()[0].field(), "data_dir", "{error}");
        assert!(!directory.0.exists());
    }
    let (clock, _) = Clock::fake();
    let kept = directory.running().preset(fleet).store(Default::default()).clock(clock).start().unwrap();
    assert!(has_the_disk(&kept));
}
