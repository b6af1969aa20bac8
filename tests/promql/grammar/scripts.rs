//! The queries in Prometheus' own test scripts, where they are at hand.

use std::path::Path;

use tower_watch::promql::Query;

/// What may be refused that Prometheus reads, by a word in the message.
const REASONS: &[&str] = &["experimental in Prometheus", "native histogram", "not UTF-8"];

#[test]
fn every_query_of_the_scripts_is_read_or_refused_for_a_reason() {
    let Ok(folder) = std::env::var("TOWER_WATCH_PROMQLTEST") else {
        return;
    };
    let (mut queries, mut faults) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "test") {
            queries += script(&path, &mut faults);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(queries > 1_000, "only {queries} queries");
}

fn script(path: &Path, faults: &mut Vec<String>) -> usize {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut queries = 0;
    for (index, line) in lines.iter().enumerate() {
        let Some(query) = query(line) else {
            continue;
        };
        queries += 1;
        let fails = line.starts_with("eval_fail")
            || lines[index + 1..]
                .iter()
                .take_while(|line| line.starts_with([' ', '\t']))
                .any(|line| line.trim_start().starts_with("expect fail"));
        match Query::parse(query) {
            Ok(parsed) => {
                let again = Query::parse(&parsed.to_string()).unwrap();
                assert_eq!(again.to_string(), parsed.to_string());
                assert_eq!(Query::parse(&parsed.prettify()).unwrap().to_string(), parsed.to_string());
            }
            Err(error) => {
                let known = REASONS.iter().any(|reason| error.message.contains(reason));
                if !fails && !known {
                    faults.push(format!("{}:{}: {query}: {error}", path.display(), index + 1));
                }
            }
        }
    }
    queries
}

/// The query of an `eval` line.
fn query(line: &str) -> Option<&str> {
    let line = line.strip_prefix("eval")?;
    let line = line.strip_prefix("_fail").or_else(|| line.strip_prefix("_ordered")).unwrap_or(line);
    let line = line.strip_prefix("_warn").or_else(|| line.strip_prefix("_info")).unwrap_or(line);
    let words = if line.starts_with(" range") { 8 } else { 4 };
    // eval instant at TIME QUERY; eval range from TIME to TIME step TIME QUERY
    Some(line.splitn(words + 1, ' ').nth(words)?.trim())
}
