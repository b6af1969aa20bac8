//! The past that queries are measured over: an hour of a service, a sample every 5 s, as samples and not as ticks, so
//! that somebody else's database can be given the very same.
//!
//! 20 endpoints with a histogram of 12 buckets each, 100 counters of requests, 1,000 gauges, and as many other series
//! as are asked for.

use tower_watch::series::{Labels, Store, StoreSettings};

use crate::promql_support::series::{Dice, Series};

/// When it begins, and ends.
pub(crate) const BEGIN: i64 = 1_700_000_000_000;
pub(crate) const END: i64 = BEGIN + 3_600_000;

const TICK: i64 = 5_000;
const BOUNDS: [&str; 12] =
    ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];

/// The queries, each with a name and its range of an hour at 15 s, or only its end.
pub(crate) const QUERIES: [(&str, &str, bool); 8] = [
    (
        "quantile over 20 endpoints",
        "histogram_quantile(0.95, sum by (le, endpoint) (rate(http_request_duration_seconds_bucket[5m])))",
        false,
    ),
    (
        "the same, an hour at 15 s",
        "histogram_quantile(0.95, sum by (le, endpoint) (rate(http_request_duration_seconds_bucket[5m])))",
        true,
    ),
    ("rate of 100 series, an hour at 15 s", "rate(http_requests_total[5m])", true),
    ("sum of 100 rates", "sum(rate(http_requests_total[5m]))", false),
    ("sum of 100 rates, an hour at 15 s", "sum(rate(http_requests_total[5m]))", true),
    ("1,000 series as they are", "queue_length", false),
    ("average of an hour of 1,000 series", "avg(avg_over_time(queue_length[1h]))", false),
    (
        "errors by endpoint",
        "sum by (endpoint) (rate(http_requests_total{status=~\"5..\"}[5m])) / sum by (endpoint) (rate(http_requests_total[5m]))",
        false,
    ),
];

/// Everything, with so many series that no query asks for, each with `ticks` samples at the end.
pub(crate) fn past(others: usize, ticks: usize) -> Vec<Series> {
    let mut dice = Dice::new(5);
    let mut all = Vec::new();
    let times = || (BEGIN..END).step_by(TICK as usize);
    for endpoint in 0..20 {
        let endpoint = format!("/endpoints/{endpoint}/{{id}}");
        let mut counts = [0u64; BOUNDS.len()];
        let rows: Vec<_> = times()
            .map(|time| {
                for _ in 0..dice.next() % 20 {
                    let first = (dice.next() % BOUNDS.len() as u64) as usize;
                    counts[first..].iter_mut().for_each(|count| *count += 1);
                }
                (time, counts)
            })
            .collect();
        for (index, bound) in BOUNDS.iter().enumerate() {
            let labels = [
                ("__name__", "http_request_duration_seconds_bucket"),
                ("endpoint", &*endpoint),
                ("method", "GET"),
                ("le", *bound),
            ];
            let samples = rows.iter().map(|(time, counts)| (*time, counts[index] as f64)).collect();
            all.push(series(&labels, samples));
        }
        for status in ["200", "201", "404", "500", "503"] {
            let labels = [
                ("__name__", "http_requests_total"),
                ("endpoint", &*endpoint),
                ("method", "GET"),
                ("status", status),
            ];
            all.push(series(&labels, counter(&mut dice, times())));
        }
    }
    for worker in 0..1_000 {
        let labels = [("__name__", "queue_length"), ("worker", &*worker.to_string())];
        let samples = times().map(|time| (time, (dice.next() % 100) as f64)).collect();
        all.push(series(&labels, samples));
    }
    for other in 0..others {
        let name = format!("other_{}_total", other / 50);
        let labels = [("__name__", &*name), ("shard", &*(other % 50).to_string()), ("method", "GET")];
        let last = times().skip(((END - BEGIN) / TICK) as usize - ticks);
        all.push(series(&labels, counter(&mut dice, last)));
    }
    all
}

fn series(labels: &[(&str, &str)], samples: Vec<(i64, f64)>) -> Series {
    let target = [("job", "shop"), ("instance", "a")];
    Series { labels: Labels::new(labels.iter().copied().chain(target)), samples }
}

fn counter(dice: &mut Dice, times: impl Iterator<Item = i64>) -> Vec<(i64, f64)> {
    let mut value = 0;
    times
        .map(|time| {
            value += dice.next() % 30;
            (time, value as f64)
        })
        .collect()
}

/// A store with room for all of it.
pub(crate) fn store(all: &[Series]) -> Store {
    let settings = StoreSettings::new().with_max_series(1_000_000).with_max_bytes(4 << 30);
    let store = Store::with_settings(&settings);
    crate::promql_support::series::fill(&store, all);
    store
}
