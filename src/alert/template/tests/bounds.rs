//! Nothing panics, and nothing grows without end, whatever a template says.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::alert::template::Templates;
use crate::alert::template::output::LONGEST;
use crate::alert::template::tests::notifications::notification;
use crate::alert::template::tests::rules::{TABLE, WRONG, expand};

#[test]
fn a_text_without_end_is_cut_off() {
    for text in [
        "{{ $x := \"ab\" }}{{ range 100 }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}",
        "{{ range 100000 }}0123456789{{ end }}",
        "{{ $x := \"a\" }}{{ range 100 }}{{ $x = reReplaceAll \"a\" \"aaaaaaaa\" $x }}{{ end }}",
        "{{ $x := \"<\" }}{{ range 100 }}{{ $x = print $x $x $x }}{{ end }}",
        "{{ $x := args 1 }}{{ range 14 }}{{ $x = args $x $x $x $x }}{{ end }}{{ $x }}",
    ] {
        let error = expand(1.0, text).unwrap_err().to_string();
        assert!(error.contains("grows longer than 64 KiB"), "{text}: {error}");
    }
    assert!(
        expand(1.0, "{{ printf \"%999999d\" 1 }}").unwrap_err().to_string().contains("a width of printf")
    );
}

#[test]
fn work_without_end_is_cut_off() {
    for text in [
        "{{ range 1000000000 }}{{ end }}",
        "{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}",
        "{{ range 100000 }}{{ $x := match \"a.*b\" \"ab\" }}{{ end }}",
        "{{ range 100000 }}{{ $x := query \"none\" }}{{ end }}",
    ] {
        let error = expand(1.0, text).unwrap_err().to_string();
        assert!(error.contains("takes more than"), "{text}: {error}");
    }
    let deep =
        expand(1.0, "{{ $x := args 1 }}{{ range 100 }}{{ $x = args $x }}{{ end }}").unwrap_err().to_string();
    assert!(deep.contains("maps are put into maps"), "{deep}");
}

#[test]
fn depth_is_cut_off() {
    for (open, close) in [("{{ if true }}", "{{ end }}"), ("{{ range 1 }}", "{{ end }}")] {
        let text = open.repeat(10_000) + &close.repeat(10_000);
        assert!(expand(1.0, &text).unwrap_err().to_string().contains("deep"));
        let text = open.repeat(50) + "x" + &close.repeat(50);
        assert_eq!(expand(1.0, &text).as_deref(), Ok("x"));
    }
    let text = format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000));
    assert!(expand(1.0, &text).unwrap_err().to_string().contains("deep"));
    let mut chain = String::from("{{ if false }}");
    (0..10_000).for_each(|_| chain.push_str("{{ else if false }}"));
    chain.push_str("{{ end }}");
    assert!(expand(1.0, &chain).unwrap_err().to_string().contains("deep"));
    let mut calls = String::new();
    for index in 0..1_000 {
        write!(calls, "{{{{ define \"{index}\" }}}}{{{{ template \"{}\" }}}}{{{{ end }}}}", index + 1)
            .expect("a string");
    }
    calls.push_str("{{ define \"1000\" }}{{ end }}{{ template \"0\" }}");
    assert!(expand(1.0, &calls).unwrap_err().to_string().contains("without an end"));
}

#[test]
fn too_many_variables_are_refused() {
    let text = "{{ $x := 1 }}".repeat(2_000);
    assert!(expand(1.0, &text).unwrap_err().to_string().contains("more than 1000 variables"));
}

/// A piece of a template, right or wrong.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "{{",
        "}}",
        "{{-",
        "-}}",
        "{{/*",
        "*/",
        "if",
        "else",
        "end",
        "range",
        "with",
        "define",
        "template",
        "block",
        "break",
        "continue",
        "\"a\"",
        "`b`",
        "'c'",
        "1",
        "1.5",
        "-2",
        "1e3",
        ".",
        ".Labels",
        ".Value",
        "$",
        "$value",
        "$x",
        ":=",
        "=",
        "|",
        "(",
        ")",
        ",",
        "nil",
        "true",
        "printf",
        "\"%v%d%s%5.2f\"",
        "len",
        "index",
        "slice",
        "query",
        "\"sort_desc(q)\"",
        "first",
        "humanize",
        "humanizeDuration",
        "reReplaceAll",
        "match",
        "args",
        "eq",
        "lt",
        "and",
        "not",
        " ",
        "\n",
        "é",
        "\0",
        "toTime",
        "Format",
        ".Alerts",
        ".Firing",
        "toJson",
        "stringSlice",
        "join",
        "date",
        "html",
        "<a href=\"",
        "\">",
        "<script>",
    ];
    prop_oneof![
        6 => prop::sample::select(words.to_vec()).prop_map(|word| format!("{word} ")),
        2 => prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let soup = prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat());
    let known = TABLE.iter().map(|(_, text, _)| *text).chain(WRONG.iter().map(|(text, _)| *text));
    let known: Vec<String> = known.map(str::to_owned).collect();
    // What is right, with something in it changed.
    let changed = (prop::sample::select(known), any::<prop::sample::Index>(), piece(), any::<bool>());
    let changed = changed.prop_map(|(text, index, piece, replaces)| {
        let mut chars: Vec<char> = text.chars().collect();
        if chars.is_empty() {
            return piece;
        }
        let at = index.index(chars.len());
        chars.splice(at..at + usize::from(replaces), piece.chars());
        chars.into_iter().collect()
    });
    let action =
        prop::collection::vec(piece(), 0..8).prop_map(|pieces| format!("{{{{ {} }}}}", pieces.concat()));
    prop_oneof![soup, changed, action]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_or_grows(text in text(), value in any::<f64>()) {
        match expand(value, &text) {
            Ok(expanded) => prop_assert!(expanded.len() <= LONGEST),
            Err(error) => {
                prop_assert!(error.line >= 1 && error.line <= text.matches('\n').count() + 1);
                prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
            }
        }
        for expanded in [
            Templates::new().expand_text(&text, &notification()),
            Templates::new().expand_html(&text, &notification()),
        ] {
            prop_assert!(!expanded.is_ok_and(|text| text.len() > LONGEST));
        }
    }
}
