//! The test itself: some hundreds of queries that are written down, and as many that are thrown.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tower_watch::promql::TimeRange;
use tower_watch::series::Store;

use crate::promql::answer::{Prometheus, When, ours};
use crate::promql::compare::difference;
use crate::promql_support::expressions::{Audience, expression, matrix};
use crate::promql_support::remote_write;
use crate::promql_support::series::{BEGIN, INTERVAL, fill, generate};
use crate::servers::Server;

/// One query to a line; a line that begins with `#` is a heading.
const WRITTEN: &str = include_str!("queries.txt");

/// How many random expressions are asked.
const THROWN: usize = 600;

/// An hour of samples.
const ROUNDS: i64 = 3_600_000 / INTERVAL;

/// Half seconds, at which no sample lies: the middle, nearly the end, after the end.
const MOMENTS: [i64; 3] = [BEGIN + 1_801_500, BEGIN + 3_590_500, BEGIN + 3_800_500];

/// The whole hour and what is before and after it; a part of it closely.
const RANGES: [TimeRange; 2] = [
    TimeRange { start: BEGIN - 120_500, end: BEGIN + 4_000_500, step: 67_000 },
    TimeRange { start: BEGIN + 1_500_500, end: BEGIN + 1_700_500, step: 1_000 },
];

fn seed() -> u64 {
    let given = std::env::var("TOWER_WATCH_SEED").ok();
    given.map_or(42, |seed| seed.parse().unwrap_or_else(|_| panic!("TOWER_WATCH_SEED={seed} is no number")))
}

fn thrown(seed: u64) -> Vec<String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let dice = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), dice);
    let mut throw = |strategy: &proptest::strategy::BoxedStrategy<String>| {
        strategy.new_tree(&mut runner).unwrap().current()
    };
    let (any, ranges) = (expression(Audience::Both).boxed(), matrix(Audience::Both).boxed());
    (0..THROWN).map(|index| if index % 20 == 0 { throw(&ranges) } else { throw(&any) }).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus: .ci/run installs it and runs this"]
async fn the_same_queries_have_the_same_answers() {
    let seed = seed();
    eprintln!("TOWER_WATCH_SEED={seed} asks the same again");
    let all = generate(seed, ROUNDS);
    let store = Store::new();
    fill(&store, &all);
    let server = Server::empty_prometheus().await;
    let prometheus = Prometheus::new(server.addr());
    prometheus.write(remote_write::request(&all)).await;

    let written = WRITTEN.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let queries: Vec<String> = written.map(str::to_owned).chain(thrown(seed)).collect();
    let times = MOMENTS.map(When::At).into_iter().chain(RANGES.map(When::Over));
    let times: Vec<When> = times.collect();
    let (mut differences, mut answered, mut refused) = (Vec::new(), 0, 0);
    for query in &queries {
        let mut with_answer = false;
        for when in &times {
            let (our_answer, their_answer) = (ours(&store, query, *when), prometheus.ask(query, *when).await);
            with_answer |= their_answer.as_ref().is_ok_and(|answer| !answer.series.is_empty());
            if let Some(difference) = difference(query, &our_answer, &their_answer) {
                differences.push(format!("{query}\n   {when:?}\n   {difference}"));
                break;
            }
            refused += usize::from(their_answer.is_err());
        }
        answered += usize::from(with_answer);
    }
    eprintln!("{} queries, {answered} with an answer, {refused} evaluations refused by both", queries.len());
    // Silence on both sides would prove nothing.
    assert!(answered * 10 > queries.len() * 6, "only {answered} of {} have an answer", queries.len());
    let shown = differences.join("\n");
    assert!(differences.is_empty(), "{} of {} queries differ:\n{shown}", differences.len(), queries.len());
}
