//! What an evaluation of a thousand rules over ten thousand series costs, with all that comes after it: the book, the routes
//! and the commit.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use tower_watch::Watch;
use tower_watch::alert::AlertSettings;
use tower_watch::alert::rules::RuleGroup;
use tower_watch::layers::clock::Clock;
use tower_watch::series::StoreSettings;

#[path = "../tests/support/promql/mod.rs"]
mod promql_support;
#[path = "../tests/support/rules.rs"]
mod rules;

/// Samples before the first evaluation: ten minutes.
const BEFORE: i64 = 40 * rules::STEP;

fn thousand(criterion: &mut Criterion) {
    criterion.bench_function("1,000 rules over 10,000 series", |bencher| {
        bencher.iter_custom(|times| {
            let (clock, hand) = Clock::fake();
            let groups = RuleGroup::from_yaml(&rules::rules("15s")).unwrap();
            let settings = groups.into_iter().fold(AlertSettings::new(), AlertSettings::rule);
            let store = StoreSettings::new().with_max_series(100_000).with_max_bytes(1 << 30);
            let builder = Watch::builder("shop").local().without_admin().clock(clock).store(store);
            let watch = builder.alerts(settings).start().unwrap();
            let begin = watch.now().unwrap();
            let steps = i64::try_from(times).unwrap();
            let all = rules::series(begin - BEFORE, begin + steps * rules::STEP);
            let mut next = begin - BEFORE;
            let mut took = Duration::ZERO;
            for _ in 0..times {
                hand.advance(Duration::from_millis(rules::STEP.unsigned_abs()));
                let now = watch.now().unwrap();
                while next <= now {
                    let at = usize::try_from((next - begin + BEFORE) / rules::STEP).unwrap();
                    for series in &all {
                        let (time, value) = series.samples[at];
                        watch.store().unwrap().append(&series.labels, time, value).unwrap();
                    }
                    next += rules::STEP;
                }
                let began = Instant::now();
                watch.alerts().tick();
                took += began.elapsed();
            }
            took
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = thousand
}
criterion_main!(benches);
