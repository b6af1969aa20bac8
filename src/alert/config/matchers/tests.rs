//! What Alertmanager makes of these texts, in a table.

use crate::alert::config::matchers::parse_matchers;

#[test]
fn matchers_are_read_as_alertmanager_reads_them() {
    for (text, expected) in [
        ("", vec![]),
        ("{}", vec![]),
        ("foo=bar", vec![r#"foo="bar""#]),
        (r#"foo="bar""#, vec![r#"foo="bar""#]),
        ("foo=~bar.*", vec![r#"foo=~"bar.*""#]),
        ("foo!=bar", vec![r#"foo!="bar""#]),
        ("foo!~bar", vec![r#"foo!~"bar""#]),
        (" foo = bar ", vec![r#"foo="bar""#]),
        (r#"{foo="bar", baz!="quux"}"#, vec![r#"foo="bar""#, r#"baz!="quux""#]),
        (r#"{foo="bar",}"#, vec![r#"foo="bar""#]),
        ("foo=bar,baz!=quux", vec![r#"foo="bar""#, r#"baz!="quux""#]),
        (r#"foo="a,b""#, vec![r#"foo="a,b""#]),
        (r#"foo="a\"b""#, vec![r#"foo="a\"b""#]),
        (r#"foo="a\nb""#, vec![r#"foo="a\nb""#]),
        (r"foo=a\.b", vec![r#"foo="a\\.b""#]),
        (r"foo=~a\.b", vec![r#"foo=~"a\\.b""#]),
        (r"foo=bar\", vec![r#"foo="bar\\""#]),
        ("foo=", vec![r#"foo="""#]),
        (r#"foo="""#, vec![r#"foo="""#]),
        ("foo=bar baz", vec![r#"foo="bar baz""#]),
        ("foo=bar=baz", vec![r#"foo="bar=baz""#]),
        ("{foo=bar", vec![r#"foo="bar""#]),
        ("foo:x=bar", vec![r#"foo:x="bar""#]),
        ("foo=🙂", vec![r#"foo="🙂""#]),
        // What only 0.27 reads.
        (r#"{"foo bar"="x"}"#, vec![r#"foo bar="x""#]),
        (r#""sévérité"=~"a|b""#, vec![r#"sévérité=~"a|b""#]),
        ("🙂=bar", vec![r#"🙂="bar""#]),
        (r#"{"a\tb"=c}"#, vec!["a\tb=\"c\""]),
        (r#"{"a\u00e9"=c,}"#, vec![r#"aé="c""#]),
    ] {
        let matchers = parse_matchers(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let shown: Vec<String> = matchers.iter().map(ToString::to_string).collect();
        assert_eq!(shown, expected, "{text}");
    }
}

#[test]
fn what_is_no_matcher_is_told_how_to_be_one() {
    for (text, told) in [
        ("foo", r#"`foo` is no matcher: write label="value", or !=, =~ or !~ in place of ="#),
        ("foo bar", r#"`foo bar` is no matcher: write label="value", or !=, =~ or !~ in place of ="#),
        (",", r#"`` is no matcher: write label="value", or !=, =~ or !~ in place of ="#),
        ("foo=bar,,x=y", r#"`` is no matcher: write label="value", or !=, =~ or !~ in place of ="#),
        ("=bar", r#"`=bar` is no matcher: write label="value", or !=, =~ or !~ in place of ="#),
        (r#"foo="bar"#, r#"`foo="bar`: a quote is not closed; add " at the end of the value"#),
        (r#"foo=b"a"r"#, r#"`foo=b"a"r`: a quote inside of the value; write it as \""#),
        ("foo=~(", r#"the regular expression "(" cannot be used: unclosed group"#),
        (
            r#"{"foo bar"}"#,
            r#"`{"foo bar"}`: after the label `foo bar` there is no =, !=, =~ or !~; add one"#,
        ),
        (r#"{"foo bar"="x""#, r#"`{"foo bar"="x"`: a brace is not closed; add } at the end"#),
        (
            r#"{"a b"="x" "c"="d"}"#,
            r#"`{"a b"="x" "c"="d"}`: between two matchers there is no comma; add it"#,
        ),
        (
            r#"{"a\q"="x"}"#,
            r#"`{"a\q"="x"}`: an escape that there is not; write one of \\ \" \n \t \r \xHH \uHHHH"#,
        ),
        (r#"{""="x"}"#, "the label's name is empty; write one"),
    ] {
        assert_eq!(parse_matchers(text).unwrap_err(), told, "{text}");
    }
}
