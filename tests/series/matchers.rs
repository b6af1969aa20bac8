//! What matchers match, and which expressions they refuse.

use std::time::{Duration, Instant};

use tower_watch::series::{MatchOp, Matcher};

use crate::world::matcher;

fn matches(pattern: &str, value: &str) -> bool {
    let (is, is_not) = (matcher("x", MatchOp::Regex, pattern), matcher("x", MatchOp::NotRegex, pattern));
    assert_ne!(is.matches(value), is_not.matches(value), "{pattern}");
    is.matches(value)
}

#[test]
fn an_expression_is_matched_against_the_whole_value() {
    assert!(matches("a|bc", "a") && matches("a|bc", "bc"));
    assert!(!matches("a|bc", "ac") && !matches("a|bc", "abc") && !matches("b", "abc"));
    assert!(!matches("a", "a\n") && !matches("a$", "a\nb"));
    assert!(matches("^a$", "a") && !matches("(?m)a$", "a\nb"));
}

#[test]
fn a_dot_is_any_character_a_newline_too() {
    assert!(matches("a.b", "a\nb") && matches(".*", "\n\n") && matches(".", "🦀"));
    assert!(!matches("(?-s)a.b", "a\nb"));
}

#[test]
fn what_is_not_there_is_empty() {
    for (op, value, expected) in [
        (MatchOp::Equal, "", true),
        (MatchOp::NotEqual, "", false),
        (MatchOp::NotEqual, "a", true),
        (MatchOp::Regex, ".*", true),
        (MatchOp::Regex, ".+", false),
        (MatchOp::Regex, "", true),
        (MatchOp::Regex, "a|", true),
        (MatchOp::NotRegex, "a", true),
        (MatchOp::NotRegex, "", false),
    ] {
        assert_eq!(matcher("x", op, value).matches(""), expected, "{op:?} {value:?}");
    }
}

#[test]
fn equality_is_to_the_byte() {
    assert!(Matcher::equal("x", "a.b").matches("a.b"));
    assert!(!Matcher::equal("x", "a.b").matches("axb"));
    // Composed and decomposed.
    assert!(!Matcher::equal("x", "\u{e9}").matches("e\u{301}"));
}

#[test]
fn an_expression_means_what_it_means_in_prometheus() {
    for (pattern, value, expected) in [
        ("/users/{id}", "/users/{id}", true),
        ("/users/{id}/a{2}", "/users/{id}/aa", true),
        ("x{,3}", "x{,3}", true),
        (r"\d+", "٣", false),
        (r"\d+", "33", true),
        (r"\w", "é", false),
        (r"[^\w]", "é", true),
        (r"[\w-.]+", "a-b.c", true),
        (r"\W\D\S", "éñ٣", true),
        (r"a\bé", "aé", true),
        (r"a\Bb", "ab", true),
        (r"\Qa.b*\E.", "a.b*c", true),
        (r"\Qa.b", "axb", false),
        (r"\<b\>", "<b>", true),
        ("[a[]", "[", true),
        ("[a&&b]", "&", true),
        ("[[:upper:]]", "Q", true),
        ("(?i)straße", "STRAßE", true),
        (r"\p{Greek}+", "λόγος", true),
        (r"a\.b", "a.b", true),
        (r"\\", "\\", true),
    ] {
        assert_eq!(matches(pattern, value), expected, "{pattern} on {value}");
    }
}

fn refusal(pattern: &str) -> String {
    Matcher::new("x", MatchOp::Regex, pattern).unwrap_err().to_string()
}

#[test]
fn an_expression_that_cannot_be_is_refused_with_its_reason() {
    for pattern in ["a)(b", "(", "[a", "a\\", "*", "(?x)a", "a{3,2}", "(?=a)", "\\1"] {
        let refusal = refusal(pattern);
        assert!(refusal.contains(&format!("{pattern:?}")), "{refusal}");
        assert!(!refusal.contains('\n'), "{refusal}");
    }
    assert_eq!(refusal("a)(b"), "the regular expression \"a)(b\" cannot be used: unopened group");
}

#[test]
fn an_exploding_expression_is_refused_or_fast() {
    let begun = Instant::now();
    assert!(refusal("((a{100}){100}){100}").contains("1 MiB"), "{}", refusal("((a{100}){100}){100}"));
    assert!(refusal(&"(".repeat(10_000)).len() < 40_000);
    let evil = matcher("x", MatchOp::Regex, "(a+)+b");
    assert!(!evil.matches(&"a".repeat(100_000)));
    let long =
        matcher("x", MatchOp::Regex, &(0..2_000).map(|n| format!("name{n}")).collect::<Vec<_>>().join("|"));
    assert!(long.matches("name1999") && !long.matches("name2000"));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
