//! Texts that are made to do harm.

use tower_watch::alert::config::Routing;

fn told(text: &str) -> String {
    Routing::from_yaml(text).unwrap_err().to_string()
}

#[test]
fn aliases_that_explode_are_bounded() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = level - 1;
        let aliases = vec![format!("*a{before}"); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let error = told(&text);
    assert!(error.contains("with its aliases it is more than 100,000 values; "), "{error}");
}

#[test]
fn an_alias_that_holds_itself_is_refused() {
    let error = told("route: &r {receiver: a, routes: [*r]}\nreceivers: [{name: a}]\n");
    assert!(error.contains("1:34: ") || error.contains("alias"), "{error}");
}

#[test]
fn deep_texts_are_refused_and_do_no_harm() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let text = format!("route: {}{}", open.repeat(100_000), close.repeat(100_000));
        assert!(told(&text).contains("this is not YAML: "), "{}", told(&text));
    }
    let block: String = (0..1_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(told(&block).contains("this is not YAML: "));
    let mut routes = String::from("{match: {a: b}}");
    for _ in 0..20 {
        routes = format!("{{match: {{a: b}}, routes: [{routes}]}}");
    }
    let text = format!("route: {{receiver: a, routes: [{routes}]}}\nreceivers: [{{name: a}}]\n");
    Routing::from_yaml(&text).unwrap();
}

#[test]
fn large_texts_are_refused_or_read_in_time() {
    assert!(told(&" ".repeat(5 << 20)).contains("it is longer than 4 MiB; "));
    let many = "a, ".repeat(200_000);
    assert!(told(&format!("route: {{group_by: [{many}]}}")).contains("it is more than 100,000 values"));
    let mistakes: String = (0..2_000).map(|number| format!("x{number}: 1\n")).collect();
    let error = Routing::from_yaml(&mistakes).unwrap_err();
    assert_eq!(error.problems().len(), 2_001);
    let routes: String = (0..2_000).map(|_| "{group_wait: x}, ").collect();
    let text = format!("route: {{receiver: a, routes: [{routes}]}}\nreceivers: [{{name: a}}]\n");
    let problems = Routing::from_yaml(&text).unwrap_err().problems().len();
    assert!((100..=110).contains(&problems), "{problems}");
}

#[test]
fn odd_texts_are_told_of_and_not_quoted_without_end() {
    for (text, said) in [
        ("a: b: c", "this is not YAML: "),
        ("\u{0}", "this is not YAML: "),
        ("route: *nobody", "this is not YAML: "),
        ("%TAG ! x", ""),
        ("? [a]\n: b", "a key is a list; write a single word"),
        ("!!binary x", ""),
        ("route: !custom {receiver: a}", "no receiver is called \"a\""),
        ("\"\\ud800\": 1", ""),
        ("- - - - a", "this is a list; write a mapping of keys and values"),
        ("a: 1\r\n\tb: 2", "this is not YAML: "),
    ] {
        let error = told(text);
        assert!(error.contains(said), "{text:?}: {error}");
    }
    let long = told(&format!("route: {{receiver: a, group_wait: {}}}", "x".repeat(100_000)));
    assert!(long.len() < 1_000, "{}", long.len());
    let long = told(&format!("route: {{receiver: a, routes: [{{matchers: ['{}']}}]}}", "x".repeat(100_000)));
    assert!(long.len() < 1_000, "{}", long.len());
}
