//! What is written from a tree is read as the same tree.

use proptest::prelude::*;
use tower_watch::promql::Query;

use crate::grammar::random;

/// The tree without its places.
fn tree(query: &Query) -> String {
    let text = format!("{:?}", query.expr());
    let mut parts = text.split("Span { start: ");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |tree, part| tree + part.split_once('}').unwrap().1)
}

#[test]
fn the_tree_is_compared_without_its_places() {
    let trees = ["a + b", "a  +  b", "a + c"].map(|text| tree(&Query::parse(text).unwrap()));
    assert_eq!(trees[0], trees[1]);
    assert_ne!(trees[0], trees[2]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_survives_its_text(text in random::expression()) {
        if let Ok(query) = Query::parse(&text) {
            let line = query.to_string();
            let again = Query::parse(&line).map_err(|error| TestCaseError::fail(format!("{line}: {error}")))?;
            // Matchers come in the order of the alphabet from the second time on.
            let third = Query::parse(&again.to_string()).unwrap();
            prop_assert_eq!(again.to_string(), line);
            prop_assert_eq!(tree(&again), tree(&third));
            let lines = Query::parse(&query.prettify()).unwrap();
            prop_assert_eq!(tree(&lines), tree(&again));
        }
    }

    #[test]
    fn no_text_breaks_it(text in r#"([a-z0-9é{}()\[\]:"'`\\@#=!~<>+*/^%,. \n-]|rate|sum|by|offset|5m|\[5m\]){0,40}"#) {
        match Query::parse(&text) {
            Ok(query) => prop_assert!(Query::parse(&query.to_string()).is_ok(), "{}", query),
            Err(error) => prop_assert!(text.get(error.span.start..error.span.end.min(text.len())).is_some()),
        }
    }
}
