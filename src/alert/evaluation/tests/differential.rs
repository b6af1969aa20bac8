//! The state machine against Prometheus' own: random series and random rules, `ALERTS` and what is recorded at every minute.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use super::harness::Harness;
use crate::alert::rules::RuleGroup;

/// How many sets of rules over how many series for how long.
const CASES: u64 = 60;
const SERIES: usize = 8;
const MINUTES: usize = 30;

/// SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>): a case can be run again by its number.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

/// What a series has at a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Value(f64),
    Nothing,
    End,
}

struct Series {
    name: String,
    values: Vec<At>,
}

/// Values that go on for a while, with gaps shorter than the lookback (whose very end the versions see differently) and ends.
fn series(random: &mut Random, index: usize) -> Series {
    let name = format!("{}{{s=\"{}\",t=\"{}\"}}", ["m", "n"][index % 2], index / 2, index / 4);
    let mut values = Vec::new();
    let mut value = random.below(6);
    let mut gap = 0;
    for _ in 0..MINUTES {
        let at = match random.below(12) {
            0 => At::End,
            1 | 2 if gap < 3 => At::Nothing,
            3..=6 => {
                value = random.below(6);
                At::Value(value as f64)
            }
            _ => At::Value(value as f64),
        };
        gap = if at == At::Nothing { gap + 1 } else { 0 };
        values.push(at);
    }
    Series { name, values }
}

/// A group of recording and alerting rules, none of which fails. Ranges end between two samples (since 3.0 the first moment
/// is left out), and no value that becomes a label has more digits than both versions agree upon.
fn rules(random: &mut Random) -> String {
    const BY_S: [&str; 8] = [
        "m > 2",
        "m == 0",
        "m > n",
        "m unless n > 2",
        "sum_over_time(m[150s]) > 5",
        "changes(m[270s]) > 1",
        "m > 1 and on (s) n < 4",
        "max by (s) ({__name__=~\"m|n\"}) >= 5",
    ];
    const OTHER: [&str; 7] = [
        "sum(m) > 9",
        "count by (t) (m > 2) > 1",
        "absent(m{s=\"0\"})",
        "r:m:sum > 6",
        "max by (t) (m) > on (t) max by (t) (n)",
        "vector(3) > 2",
        "count(ALERTS{alertstate=\"firing\",alertname=\"A0\"}) > 1",
    ];
    let mut text = String::from(
        "groups:\n- name: g\n  rules:\n  - {record: 'r:m:sum', expr: 'sum by (t) (m)', labels: {kind: sum}}\n",
    );
    for index in 0..6 {
        let by_s = index == 0 || random.below(2) == 0;
        let expr = if by_s { random.pick(&BY_S) } else { random.pick(&OTHER) };
        let hold = random.pick(&["0s", "0s", "1m", "2m", "150s", "5m"]);
        let keep = random.pick(&["0s", "0s", "1m", "3m"]);
        let mut labels = String::from("severity: high");
        if random.below(3) == 0 {
            labels.push_str(", worth: 'v{{ $value }}'");
        }
        if by_s && random.below(2) == 0 {
            labels.push_str(", zone: 'zone-{{ $labels.s }}'");
        }
        let _ = writeln!(
            text,
            "  - {{alert: A{index}, expr: '{expr}', for: {hold}, keep_firing_for: {keep}, labels: {{{labels}}}}}"
        );
    }
    text
}

/// The test file of a case: the series, and what we say at every minute. And how many series-steps that is.
fn case(number: u64) -> (String, String, usize) {
    let mut random = Random(number);
    let all: Vec<Series> = (0..SERIES).map(|index| series(&mut random, index)).collect();
    let rules = rules(&mut random);
    let groups = RuleGroup::from_yaml(&rules).unwrap_or_else(|problems| panic!("{problems}\n{rules}"));
    let mut harness = Harness::new(groups);
    let mut test = String::from(
        "rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:\n",
    );
    for one in &all {
        let values: Vec<String> = one.values.iter().map(written).collect();
        let _ = writeln!(test, "  - {{series: '{}', values: '{}'}}", one.name, values.join(" "));
    }
    test.push_str("  promql_expr_test:\n");
    let mut steps = 0;
    for minute in 0..MINUTES {
        let due = harness.evaluation.next_due().unwrap();
        harness.pass(due - harness.now);
        for one in &all {
            match one.values[minute] {
                At::Value(value) => harness.set(&[(one.name.as_str(), value)]),
                At::End => harness.end(&[one.name.as_str()]),
                At::Nothing => {}
            }
        }
        harness.run();
        assert!(
            harness
                .health()
                .iter()
                .all(|health| *health == crate::alert::evaluation::board::RuleHealth::Good),
            "{number}: {:?}",
            harness.health()
        );
        for query in ["ALERTS", "r:m:sum"] {
            let _ = writeln!(test, "  - expr: '{query}'\n    eval_time: {minute}m\n    exp_samples:");
            for (labels, value) in harness.query(query) {
                steps += 1;
                let _ = writeln!(test, "    - {{labels: '{labels}', value: {value}}}");
            }
        }
    }
    (rules, test, steps)
}

fn written(at: &At) -> String {
    match at {
        At::Value(value) => value.to_string(),
        At::Nothing => "_".to_owned(),
        At::End => "stale".to_owned(),
    }
}

#[test]
#[ignore = "needs promtool: .ci/run installs it and runs this"]
fn the_states_are_those_of_prometheus() {
    let folder: PathBuf = std::env::temp_dir().join(format!("evaluation-{}", std::process::id()));
    let mut steps = 0;
    for number in 0..CASES {
        let (rules, test, some) = case(number);
        steps += some;
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("rules.yml"), &rules).unwrap();
        std::fs::write(folder.join("test.yml"), &test).unwrap();
        let said = Command::new("promtool").args(["test", "rules", "test.yml"]).current_dir(&folder).output();
        let said = said.unwrap_or_else(|error| panic!("promtool: {error}; install it with .ci/tools"));
        let text = [said.stdout, said.stderr].concat();
        assert!(said.status.success(), "case {number}\n{rules}\n{}", String::from_utf8_lossy(&text));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(steps >= 3_000, "only {steps} series-steps");
}
