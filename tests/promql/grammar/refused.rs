//! Texts that are refused: where, and with which words.

use tower_watch::promql::Query;

/// A text, the line and column of the error, and what it says.
const REFUSED: &[(&str, &str)] = &[
    ("", "1:1: parse error: no expression found in input"),
    ("# only a comment", "1:17: parse error: no expression found in input"),
    ("1 +", "1:4: parse error: unexpected end of input"),
    ("*1", "1:1: parse error: unexpected <op:*>"),
    ("a b", "1:3: parse error: unexpected identifier \"b\""),
    ("a $", "1:3: parse error: unexpected character: '$'"),
    ("a\n+ é", "2:3: parse error: unexpected character: 'é'"),
    ("\"éé\" + a", "1:1: parse error: binary expression must contain only scalar and instant vector types"),
    ("abs(\"éé\", é", "1:11: parse error: unexpected character: 'é'"),
    ("(1", "1:1: parse error: unclosed left parenthesis"),
    ("1)", "1:2: parse error: unexpected right parenthesis ')'"),
    ("a[5m", "1:2: parse error: unclosed left bracket"),
    ("a]", "1:2: parse error: unexpected right bracket ']'"),
    ("a{", "1:3: parse error: unexpected end of input inside braces"),
    ("a{b=c}", "1:5: parse error: unexpected identifier \"c\" in label matching, expected string"),
    ("a{b}", "1:4: parse error: unexpected \"}\" in label matching, expected label matching operator"),
    (
        "a{b=\"1\" or c=\"2\"}",
        "1:9: parse error: unexpected identifier \"or\" in label matching, expected \",\" or \"}\"",
    ),
    ("a{,}", "1:3: parse error: unexpected \",\" in label matching, expected identifier or \"}\""),
    ("a{b=~\"(\"}", "1:6: parse error: the regular expression \"(\" cannot be used: unclosed group"),
    ("a{1=\"x\"}", "1:3: parse error: unexpected character inside braces: '1'"),
    ("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
    ("{a=\"\",b=~\".*\"}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
    ("{\"\"}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
    ("1 + a{__name__=\"b\"}", "1:5: parse error: metric name must not be set twice: \"a\" or \"b\""),
    ("a{\"b\"}", "1:1: parse error: metric name must not be set twice: \"a\" or \"b\""),
    ("\"abc", "1:1: parse error: unterminated quoted string"),
    ("\"a\nb\"", "1:1: parse error: unterminated quoted string"),
    ("`abc", "1:1: parse error: unterminated raw string"),
    (r#""ab\q""#, r"1:4: parse error: unknown escape sequence \q"),
    (r#""\'""#, r"1:2: parse error: unknown escape sequence \'"),
    (r#""\ud800""#, "1:2: parse error: escape sequence is an invalid Unicode code point"),
    (r#""\400""#, "1:2: parse error: escape sequence is an invalid Unicode code point"),
    (
        r#""\xff""#,
        "1:1: parse error: the string is not UTF-8, and so no label name and no label value can be equal to it",
    ),
    ("1__0", "1:1: parse error: error parsing number: \"1__0\" is none"),
    ("1e999", "1:1: parse error: error parsing number: \"1e999\" is out of range"),
    ("5x", "1:1: parse error: bad number or duration syntax: \"5x\""),
    ("5m1h", "1:1: parse error: not a valid duration string: \"5m1h\""),
    ("a[1m1m]", "1:3: parse error: not a valid duration string: \"1m1m\""),
    ("a[300y]", "1:3: parse error: duration out of range: \"300y\""),
    ("a[0s]", "1:3: parse error: duration must be greater than 0"),
    ("a[-5m]", "1:3: parse error: duration must be greater than 0"),
    ("a[1h:0s]", "1:6: parse error: duration must be greater than 0"),
    (
        "a[5m+1m]",
        "1:5: parse error: duration expressions are not supported: they are experimental in Prometheus; write one duration",
    ),
    (
        "a[(5m)]",
        "1:3: parse error: duration expressions are not supported: they are experimental in Prometheus; write one duration",
    ),
    (
        "a[step()]",
        "1:3: parse error: \"step\" is not supported: duration expressions are not supported: they are experimental in Prometheus; write one duration",
    ),
    ("a[]", "1:3: parse error: unexpected \"]\" in subquery or range selector, expected duration"),
    ("(a)[5m]", "1:4: parse error: ranges only allowed for vector selectors"),
    ("a offset 1m[5m]", "1:12: parse error: no offset modifiers allowed before range"),
    ("a @ 1[5m]", "1:6: parse error: no @ modifiers allowed before range"),
    ("a[5m][1h:]", "1:1: parse error: subquery is only allowed on instant vector, got matrix instead"),
    ("1[1h:]", "1:1: parse error: subquery is only allowed on instant vector, got scalar instead"),
    ("a offset", "1:9: parse error: unexpected end of input in offset, expected duration"),
    ("a offset 1m offset 2m", "1:1: parse error: offset may not be set multiple times"),
    (
        "(a) offset 1m",
        "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
    ),
    ("a @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"),
    ("a @ Inf", "1:5: parse error: timestamp out of bounds for @ modifier: inf"),
    ("a @ b", "1:5: parse error: unexpected identifier \"b\" in @, expected timestamp"),
    (
        "1 @ 1",
        "1:1: parse error: @ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
    ),
    ("a anchored smoothed", "1:12: parse error: anchored and smoothed modifiers cannot be used together"),
    ("a[1h:] anchored", "1:8: parse error: anchored modifier is not supported for subqueries"),
    (
        "deriv(a[5m] smoothed)",
        "1:7: parse error: smoothed modifier can only be used with: delta, increase, rate - not with deriv",
    ),
    (
        "max_over_time((a[5m] anchored))",
        "1:16: parse error: anchored modifier can only be used with: changes, delta, increase, rate, resets - not with max_over_time",
    ),
    ("1 > 2", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
    ("a + bool b", "1:3: parse error: bool modifier can only be used on comparison operators"),
    ("a and 1", "1:3: parse error: set operator \"and\" not allowed in binary scalar expression"),
    ("a + on(x) 1", "1:3: parse error: vector matching only allowed between instant vectors"),
    ("a or on(x) group_left b", "1:3: parse error: no grouping allowed for \"or\" operation"),
    (
        "a + on(x) group_left(x) b",
        "1:3: parse error: label \"x\" must not occur in ON and GROUP clause at once",
    ),
    ("a + group_left b", "1:5: parse error: unexpected <group_left>"),
    ("a + b[5m]", "1:5: parse error: binary expression must contain only scalar and instant vector types"),
    (
        "-\"a\"",
        "1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"string\"",
    ),
    ("a + on b", "1:8: parse error: unexpected identifier \"b\" in grouping opts, expected \"(\""),
    (
        "sum by (a:b) (c)",
        "1:9: parse error: unexpected metric identifier \"a:b\" in grouping opts, expected label",
    ),
    (
        "sum by (a b) (c)",
        "1:11: parse error: unexpected identifier \"b\" in grouping opts, expected \",\" or \")\"",
    ),
    ("sum()", "1:1: parse error: no arguments for aggregate expression provided"),
    (
        "topk(a)",
        "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1",
    ),
    (
        "sum(a, b)",
        "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 1, got 2",
    ),
    (
        "sum(a[5m])",
        "1:5: parse error: expected type instant vector in aggregation expression, got range vector",
    ),
    ("topk(\"5\", a)", "1:6: parse error: expected type scalar in aggregation parameter, got string"),
    ("count_values(5, a)", "1:14: parse error: expected type string in aggregation parameter, got scalar"),
    (
        "rate(a)",
        "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector",
    ),
    (
        "abs(a[5m])",
        "1:5: parse error: expected type instant vector in call to function \"abs\", got range vector",
    ),
    ("abs()", "1:1: parse error: expected 1 argument(s) in call to \"abs\", got 0"),
    ("round(a, 1, 2)", "1:1: parse error: expected at most 2 argument(s) in call to \"round\", got 3"),
    (
        "label_join(a, \"x\")",
        "1:1: parse error: expected at least 3 argument(s) in call to \"label_join\", got 2",
    ),
    ("abs(a,)", "1:6: parse error: trailing commas not allowed in function call args"),
    ("flor(a)", "1:1: parse error: unknown function with name \"flor\"; did you mean \"floor\"?"),
    ("a + RATE(b[5m])", "1:5: parse error: unknown function with name \"RATE\"; did you mean \"rate\"?"),
    ("nothing_like_it(a)", "1:1: parse error: unknown function with name \"nothing_like_it\""),
    (
        "histogram_sum(a)",
        "1:1: parse error: the function \"histogram_sum\" is not supported: it is for native histograms, and histograms here are classic ones",
    ),
    (
        "sort_by_label(a, \"b\")",
        "1:1: parse error: the function \"sort_by_label\" is not supported: it is experimental in Prometheus",
    ),
    (
        "limitk(1, a)",
        "1:1: parse error: the aggregation \"limitk\" is not supported: it is experimental in Prometheus",
    ),
    (
        "a + fill(0) b",
        "1:5: parse error: the modifier \"fill\" is not supported: it is experimental in Prometheus",
    ),
    ("step()", "1:1: parse error: the function \"step\" is not supported: it is experimental in Prometheus"),
    (
        "{{schema:1}}",
        "1:1: parse error: native histogram literals are not supported: histograms here are classic ones",
    ),
];

#[test]
fn an_error_says_what_and_where() {
    let mut others = Vec::new();
    for (text, wanted) in REFUSED {
        let got =
            Query::parse(text).map_or_else(|error| error.to_string(), |query| format!("read as {query}"));
        if got != *wanted {
            others.push(format!("{text}\n  got    {got}\n  wanted {wanted}"));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}

#[test]
fn the_span_is_what_is_wrong() {
    for (text, wrong) in [
        ("1 + flor(a)", "flor"),
        ("é{b=\"1\"}", "é"),
        ("a ==  on(x)  1", "==  on(x)"),
        ("a[5m][1h:] + 1", "a[5m][1h:]"),
    ] {
        let span = Query::parse(text).unwrap_err().span;
        assert_eq!(&text[span.start..span.end], wrong);
    }
}
