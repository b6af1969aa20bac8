//! Prometheus' own PromQL tests, run against this implementation.
//!
//! The scripts are not part of this repository: `TOWER_WATCH_PROMQLTEST` names the directory that holds them
//! (`promql/promqltest/testdata` of Prometheus). What is left out, and why, is listed in `left_out.txt`, case by case.
//! A case on it that passes, does not exist, or has nothing to do with its reason is as much a failure as one that is
//! not on it and does not pass.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tower_watch::promql::Query;

use crate::script::{Case, Command, Session, parse};

const DIRECTORY: &str = "TOWER_WATCH_PROMQLTEST";
const LEFT_OUT: &str = include_str!("left_out.txt");

/// Reasons that lie outside of what PromQL is here: what needs them does not count towards the share.
const NATIVE: &str = "native histograms";
const EXPERIMENTAL: &str = "experimental";

/// The least share of what is in scope that must pass.
const SHARE: f64 = 0.97;

/// `file:line | reason | beginning of the query`
#[derive(Debug)]
struct LeftOut {
    reason: &'static str,
    query: &'static str,
    met: bool,
}

#[derive(Debug, Default)]
struct Totals {
    run: usize,
    passed: usize,
    left_out: BTreeMap<&'static str, usize>,
    faults: String,
}

#[test]
#[ignore = "needs TOWER_WATCH_PROMQLTEST, the directory of Prometheus' promqltest scripts"]
fn prometheus_own_tests_pass() {
    let directory = std::env::var(DIRECTORY).unwrap_or_else(|_| {
        panic!("set {DIRECTORY} to a copy of the directory promql/promqltest/testdata of Prometheus")
    });
    let mut left_out = read_left_out();
    let mut totals = Totals::default();
    for script in scripts(Path::new(&directory)) {
        run(&script, &mut left_out, &mut totals);
    }
    for (place, entry) in left_out.iter().filter(|(_, entry)| !entry.met) {
        writeln!(totals.faults, "{place} is on the list, but there is no such case: {}", entry.query)
            .unwrap();
    }

    let out_of_scope: usize = totals
        .left_out
        .iter()
        .filter(|(reason, _)| **reason == NATIVE || reason.starts_with(EXPERIMENTAL))
        .map(|(_, count)| count)
        .sum();
    let in_scope = totals.run - out_of_scope;
    eprintln!(
        "{} cases: {} pass, of {in_scope} in scope; left out: {:#?}",
        totals.run, totals.passed, totals.left_out
    );
    assert!(totals.faults.is_empty(), "{}", totals.faults);
    assert!(totals.passed as f64 >= in_scope as f64 * SHARE, "fewer than {SHARE} of what is in scope pass");
}

fn read_left_out() -> BTreeMap<&'static str, LeftOut> {
    let lines = LEFT_OUT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entries = lines.map(|line| match line.splitn(3, " | ").collect::<Vec<_>>()[..] {
        [place, reason, query] => (place, LeftOut { reason, query, met: false }),
        _ => panic!("left_out.txt: not `file:line | reason | query`: {line}"),
    });
    entries.collect()
}

fn scripts(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("cannot read {DIRECTORY}={}: {error}", directory.display()));
    let mut scripts: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "test"));
    scripts.sort();
    assert!(!scripts.is_empty(), "there is no *.test in {DIRECTORY}={}", directory.display());
    scripts
}

fn run(script: &Path, left_out: &mut BTreeMap<&'static str, LeftOut>, totals: &mut Totals) {
    let name = script.file_name().unwrap().to_string_lossy();
    let text = std::fs::read_to_string(script).unwrap();
    let mut session = Session::default();
    for command in parse(&text).unwrap_or_else(|error| panic!("{name}: {error}")) {
        match command {
            Command::Clear => session.clear(),
            Command::Load(load) => session.load(&load).unwrap_or_else(|error| panic!("{name}: {error}")),
            Command::Eval(case) => {
                let place = format!("{name}:{}", case.line);
                judge(&place, &case, &session, left_out.get_mut(&*place), totals);
            }
        }
    }
}

/// A case and the list must agree.
fn judge(place: &str, case: &Case, session: &Session, listed: Option<&mut LeftOut>, totals: &mut Totals) {
    totals.run += 1;
    let query = &case.query;
    let fault = match (session.check(case), listed) {
        (Ok(()), None) => {
            totals.passed += 1;
            return;
        }
        (Err(error), None) if session.needs_native_histograms(query) => {
            format!("fails, and is about native histograms: {query}\n    {error}")
        }
        (Err(error), None) => format!("fails: {query}\n    {error}"),
        (outcome, Some(entry)) => {
            entry.met = true;
            *totals.left_out.entry(entry.reason).or_default() += 1;
            let holds = match entry.reason {
                NATIVE => session.needs_native_histograms(query),
                reason if reason.starts_with(EXPERIMENTAL) => Query::parse(query).is_err(),
                _ => true,
            };
            if !query.starts_with(entry.query) {
                format!("is on the list with another query: {query}")
            } else if outcome.is_ok() {
                format!("is on the list, but passes: {query}")
            } else if !holds {
                format!("is on the list, but not for {}: {query}", entry.reason)
            } else {
                return;
            }
        }
    };
    writeln!(totals.faults, "{place} {fault}").unwrap();
}
