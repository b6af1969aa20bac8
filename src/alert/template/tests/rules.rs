//! What rules print, as Prometheus 2.42 prints it: `promtool` is asked for the same in [`promtool`](super::promtool).

use crate::alert::template::{RuleData, Template, TemplateError};
use crate::series::Labels;

/// The labels of the alert's series.
pub(super) const LABELS: [(&str, &str); 5] = [
    ("instance", "db-1.example.org:5432"),
    ("job", "shop"),
    ("path", "/users/{id}"),
    ("quote", "a\"b<c>&'d'"),
    ("utf", "größe ✓"),
];

/// The other series that a template can query.
pub(super) const QUERIED: [(&str, &str, f64); 3] = [("b:1", "1", 1.5), ("c:1", "0", 0.0), ("a:1", "2", 1e6)];

pub(super) const EXTERNAL_URL: &str = "";

/// A value, a template, and its text.
pub(super) const TABLE: &[(f64, &str, &str)] = &[
    // Values.
    (0.0, "{{ $value }}", "0"),
    (1.0, "{{ $value }}", "1"),
    (0.1, "{{ .Value }}", "0.1"),
    (100_000.0, "{{ $value }}", "100000"),
    (1_000_000.0, "{{ $value }}", "1e+06"),
    (1_234_567.0, "{{ $value }}", "1.234567e+06"),
    (123_456.789, "{{ $value }}", "123456.789"),
    (1e21, "{{ $value }}", "1e+21"),
    (1e-4, "{{ $value }}", "0.0001"),
    (1e-5, "{{ $value }}", "1e-05"),
    (-2.5, "{{ $value }}", "-2.5"),
    (f64::INFINITY, "{{ $value }}", "+Inf"),
    (
        f64::NEG_INFINITY,
        "{{ $value }} {{ printf \"%.2f|%6.1f|%v\" $value $value $value }}",
        "-Inf -Inf|  -Inf|-Inf",
    ),
    (
        f64::INFINITY,
        "{{ printf \"%.2f|%8f|%g|%08f|% f\" $value $value $value $value $value }}",
        "+Inf|    +Inf|+Inf|    +Inf| Inf",
    ),
    // Labels.
    (1.0, "{{ $labels.job }} {{ .Labels.job }} {{ $.Labels.job }}", "shop shop shop"),
    (1.0, "[{{ $labels.missing }}]", "[]"),
    (1.0, "{{ $labels.path }}", "/users/{id}"),
    (1.0, "{{ $labels.quote }}", "a\"b<c>&'d'"),
    (1.0, "{{ $labels.utf | toUpper }}", "GRÖßE ✓"),
    (1.0, "{{ index $labels \"job\" }} {{ index .Labels \"no\" }}.", "shop ."),
    (1.0, "{{ with $labels.job }}{{ . }}{{ end }}", "shop"),
    (1.0, "{{ with $labels.no }}{{ . }}{{ else }}none{{ end }}", "none"),
    (1.0, "{{ len $labels.job }}", "4"),
    (1.0, "{{ $externalLabels }}{{ $externalURL }}", "map[]"),
    // Text and trimming.
    (1.0, "", ""),
    (1.0, "plain", "plain"),
    (1.0, "a {{- 1 -}} b", "a1b"),
    (1.0, "a {{ 1 -}} \n\t b {{- 2 }} c", "a 1b2 c"),
    (1.0, "a{{/* nothing */}}b", "ab"),
    (1.0, "a {{- /* nothing */ -}} b", "ab"),
    (1.0, "a {{/* }} */ -}}\n b", "a b"),
    (1.0, "{ {{ 3 }} } }}", "{ 3 } }}"),
    (1.0, "{{\n1\n}}", "1"),
    (1.0, "{{ \"}}\" }}{{ `{{` }}", "}}{{"),
    (1.0, "{{-1}} {{- -1 -}} x", "-1-1x"),
    // Literals.
    (
        1.0,
        "{{ 1 }} {{ 1.0 }} {{ 1e3 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 017 }} {{ 1_000 }} {{ 'a' }}",
        "1 1 1000 31 5 15 15 1000 97",
    ),
    (1.0, "{{ 1e6 }} {{ 1.5e-7 }} {{ -3 }} {{ +3 }} {{ .5 }} {{ -.5 }}", "1e+06 1.5e-07 -3 3 0.5 -0.5"),
    (
        1.0,
        "{{ true }} {{ false }} {{ \"a\\tb\\u00e9\\x41\\101\\\"\" }} {{ `a\\n` }}",
        "true false a\tbéAA\" a\\n",
    ),
    (1.0, "{{ '\\n' }} {{ '\\'' }} {{ 'é' }}", "10 39 233"),
    // Variables and control.
    (1.0, "{{ $x := 1 }}{{ $x }}{{ $x = 2 }}{{ $x }}", "12"),
    (1.0, "{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ $x }}{{ end }}{{ $x }}", "32"),
    (1.0, "{{ if $x := $labels.job }}{{ $x }}{{ end }}", "shop"),
    (1.0, "{{ with $x := $labels.no }}{{ $x }}{{ else }}[{{ $x }}]{{ end }}", "[]"),
    (5.0, "{{ if gt $value 4.0 }}high{{ else if gt $value 2.0 }}middle{{ else }}low{{ end }}", "high"),
    (3.0, "{{ if gt $value 4.0 }}high{{ else if gt $value 2.0 }}middle{{ else }}low{{ end }}", "middle"),
    (1.0, "{{ if gt $value 4.0 }}high{{ else if gt $value 2.0 }}middle{{ else }}low{{ end }}", "low"),
    (
        1.0,
        "{{ range $k, $v := $labels }}{{ $k }}={{ len $v }};{{ end }}",
        "__name__=4;instance=21;job=4;path=11;quote=10;utf=11;",
    ),
    (1.0, "{{ range $v := $labels }}{{ len $v }};{{ end }}", "4;21;4;11;10;11;"),
    (
        1.0,
        "{{ range query \"sort_desc(q)\" }}{{ .Labels.instance }}{{ if eq .Value 0.0 }}{{ break }}{{ end }};{{ end }}",
        "a:1;b:1;c:1",
    ),
    (
        1.0,
        "{{ range query \"sort_desc(q)\" }}{{ if eq .Value 0.0 }}{{ continue }}{{ end }}{{ .Value }};{{ end }}",
        "1e+06;1.5;",
    ),
    (1.0, "{{ range $i, $s := query \"sort_desc(q)\" }}{{ $i }}{{ $s.Value }} {{ end }}", "01e+06 11.5 20 "),
    (1.0, "{{ range query \"none\" }}x{{ else }}empty{{ end }}", "empty"),
    (1.0, "{{ $x := 0 }}{{ range query \"sort_desc(q)\" }}{{ $x = .Value }}{{ end }}{{ $x }}", "0"),
    (
        1.0,
        "{{ define \"a\" }}<{{ . }}>{{ end }}{{ template \"a\" $value }}{{ template \"a\" }}",
        "<1><<no value>>",
    ),
    (1.0, "{{ block \"a\" $labels.job }}[{{ . }}]{{ end }}", "[shop]"),
    (1.0, "{{ define \"a\" }}{{ .arg0 }}-{{ .arg1 }}{{ end }}{{ template \"a\" (args 1 \"b\") }}", "1-b"),
    // Pipelines.
    (1.0, "{{ \"a\" | printf \"%s-%s\" \"b\" }}", "b-a"),
    (1.0, "{{ (printf \"%s\" \"a\") | toUpper }}", "A"),
    (1.0, "{{ printf \"%d\" (len (printf \"%s\" \"abc\")) }}", "3"),
    (1.0, "{{ (index (query \"sort_desc(q)\") 1).Labels.instance }}", "b:1"),
    (1.0, "{{ (first (query \"sort_desc(q)\")).Value | humanize }}", "1M"),
    (1.0, "{{ query \"sort_desc(q)\" | first | value }}", "1e+06"),
    (1.0, "{{ query \"sort_desc(q)\" | first | label \"instance\" }}", "a:1"),
    (1.0, "{{ range query \"sort_desc(q)\" | sortByLabel \"order\" }}{{ .Labels.order }}{{ end }}", "012"),
    (1.0, "{{ with query \"none\" }}{{ . | first | value }}{{ end }}.", "."),
    (1.0, "[{{ query \"sort_desc(q)\" | first | strvalue }}]", "[]"),
    (1.0, "{{ len (query \"sort_desc(q)\") }}{{ len $labels }}", "36"),
    (1.0, "{{ slice $labels.job 1 }} {{ slice $labels.job 1 3 }} {{ slice $labels.job }}", "hop ho shop"),
    (
        1.0,
        "{{ $s := first (query \"sort_desc(q)\") }}{{ $s }}",
        "{map[__name__:q instance:a:1 order:2] 1e+06}",
    ),
    (1.0, "{{ args 1 \"a\" true }}", "map[arg0:1 arg1:a arg2:true]"),
    (1.0, "{{ (args 1).arg0 }} {{ (args 1).arg7 }}", "1 <no value>"),
    // Truth and comparison.
    (
        1.0,
        "{{ and 1 0 }} {{ and 1 2 }} {{ or 0 3 }} {{ or 0 \"\" }} {{ not 0 }} {{ not $labels }}",
        "0 2 3  true false",
    ),
    (1.0, "{{ and false (index $labels.job 99) }} {{ or true (index $labels.job 99) }}", "false true"),
    (1.0, "{{ eq 1 1 }} {{ eq 1 2 3 1 }} {{ ne \"a\" \"b\" }} {{ eq true true }}", "true true true true"),
    (2.0, "{{ lt 1 2 }} {{ le 2 2 }} {{ gt \"b\" \"a\" }} {{ ge $value 2.0 }}", "true true true true"),
    (
        f64::NAN,
        "{{ if eq $value $value }}a{{ else }}b{{ end }}{{ if lt $value 1.0 }}a{{ else }}b{{ end }}",
        "bb",
    ),
    (
        0.0,
        "{{ if $value }}a{{ else }}b{{ end }}{{ if \"\" }}a{{ else }}b{{ end }}{{ if $labels }}a{{ end }}",
        "bba",
    ),
    // Printing.
    (
        1.0,
        "{{ print 1 2 \"a\" \"b\" 3 4 }}|{{ print \"a\" 1 }}|{{ print }}|{{ println 1 \"a\" }}|",
        "1 2ab3 4|a1||1 a\n|",
    ),
    (1.0, "{{ printf \"%s %q %v %d %t %%\" \"a\" \"b\\n\" \"c\" 5 true }}", "a \"b\\n\" c 5 true %"),
    (
        1_234.567_8,
        "{{ printf \"%.2f %f %.0f %8.1f|%-8.1f|%08.1f %+.1f\" $value $value $value $value $value $value $value }}",
        "1234.57 1234.567800 1235   1234.6|1234.6  |001234.6 +1234.6",
    ),
    (
        1_234.567_8,
        "{{ printf \"%e %.2e %g %.3g %G %E %v\" $value $value $value $value $value $value $value }}",
        "1.234568e+03 1.23e+03 1234.5678 1.23e+03 1234.5678 1.234568E+03 1234.5678",
    ),
    (
        -0.5,
        "{{ printf \"%06.2f|% .1f|%+d|% d|%5d|%-5d|%05d\" $value 1.0 5 5 5 5 -5 }}",
        "-00.50| 1.0|+5| 5|    5|5    |-0005",
    ),
    (
        1.0,
        "{{ printf \"%x %X %#x %o %b %c %U %q\" 255 255 255 8 5 65 65 65 }}",
        "ff FF 0xff 10 101 A U+0041 'A'",
    ),
    (1.0, "{{ printf \"%x % x %X %#x\" \"hi\" \"hi\" \"hi\" \"hi\" }}", "6869 68 69 6869 0x6869"),
    (
        1.0,
        "{{ printf \"%5s|%-5s|%.2s|%05s|%q\" \"abc\" \"abc\" \"abc\" \"abc\" \"é\\x00\" }}",
        "  abc|abc  |ab|00abc|\"é\\x00\"",
    ),
    (1.0, "{{ printf \"%d %s %t\" $value $value $value }}", "%!d(float64=1) %!s(float64=1) %!t(float64=1)"),
    (1.0, "{{ printf \"%d %f %z\" \"a\" 1 2 }}", "%!d(string=a) %!f(int=1) %!z(int=2)"),
    (
        1.0,
        "{{ printf \"%s\" }} {{ printf \"a\" 1 \"b\" }} {{ printf \"%\" }}",
        "%!s(MISSING) a%!(EXTRA int=1, string=b) %!(NOVERB)",
    ),
    (1.0, "{{ printf \"%*d|%-*d|%.*f\" 5 1 5 2 2 3.14159 }}", "    1|2    |3.14"),
    (
        1.0,
        "{{ printf \"%T %T %T %T %T\" 1 1.0 \"a\" true $labels }}",
        "int float64 string bool map[string]string",
    ),
    (1.0, "{{ printf \"%v %v\" (args 1) true }}", "map[arg0:1] true"),
    (1.0, "{{ printf \"%6.2f%%\" 12.345 }}", " 12.35%"),
    (
        1.0,
        "{{ html \"<a href='x'>&\\\"\" }} {{ $labels.quote | html }}",
        "&lt;a href=&#39;x&#39;&gt;&amp;&#34; a&#34;b&lt;c&gt;&amp;&#39;d&#39;",
    ),
    (1.0, "{{ js \"it's <b>=\\n\" }}", "it\\'s \\u003Cb\\u003E\\u003D\\u000A"),
    (
        1.0,
        "{{ urlquery $labels.quote }} {{ \"a b/c?d=é~\" | urlquery }}",
        "a%22b%3Cc%3E%26%27d%27 a+b%2Fc%3Fd%3D%C3%A9~",
    ),
    // Numbers for people.
    (1_234_567.0, "{{ humanize $value }} {{ humanize1024 $value }}", "1.235M 1.177Mi"),
    (
        0.0,
        "{{ humanize $value }} {{ humanize1024 $value }} {{ humanizeDuration $value }} {{ humanizePercentage $value }}",
        "0 0 0s 0%",
    ),
    (
        0.000_123_4,
        "{{ humanize $value }} {{ humanize1024 $value }} {{ humanizeDuration $value }} {{ humanizePercentage $value }}",
        "123.4u 0.0001234 123.4us 0.01234%",
    ),
    (
        999.9999,
        "{{ humanize $value }} {{ humanize1024 $value }} {{ humanizeDuration $value }} {{ humanizePercentage $value }}",
        "1000 1000 16m 39s 1e+05%",
    ),
    (
        -1_500.0,
        "{{ humanize $value }} {{ humanize1024 $value }} {{ humanizeDuration $value }} {{ humanizePercentage $value }}",
        "-1.5k -1.465ki -25m 0s -1.5e+05%",
    ),
    (1e30, "{{ humanize $value }} {{ humanize1024 $value }}", "1e+06Y 8.272e+05Yi"),
    (1e-30, "{{ humanize $value }} {{ humanizeDuration $value }}", "1e-06y 1e-06ys"),
    (
        f64::INFINITY,
        "{{ humanize $value }} {{ humanize1024 $value }} {{ humanizeDuration $value }} {{ humanizePercentage $value }} {{ humanizeTimestamp $value }}",
        "+Inf +Inf +Inf +Inf% +Inf",
    ),
    (90_061.5, "{{ humanizeDuration $value }} {{ $value | humanizeDuration }}", "1d 1h 1m 1s 1d 1h 1m 1s"),
    (59.999, "{{ humanizeDuration $value }}", "60s"),
    (3_600.0, "{{ humanizeDuration $value }}", "1h 0m 0s"),
    (0.512_34, "{{ humanizePercentage $value }} {{ $value | humanizePercentage }}", "51.23% 51.23%"),
    (
        1_435_065_584.128,
        "{{ humanizeTimestamp $value }} {{ (toTime $value).Year }}",
        "2015-06-23 13:19:44.128 +0000 UTC 2015",
    ),
    (
        1_435_065_584.128,
        "{{ $t := toTime $value }}{{ $t.Format \"Mon Jan _2 03:04:05 PM .000 MST 2006 -07:00 Z07:00\" }}",
        "Tue Jun 23 01:19:44 PM .128 UTC 2015 +00:00 Z",
    ),
    (
        1_435_065_584.0,
        "{{ $t := toTime $value }}{{ $t.Unix }} {{ $t.Month }} {{ $t.Weekday }} {{ $t.YearDay }} {{ $t }}",
        "1435065584 June Tuesday 174 2015-06-23 13:19:44 +0000 UTC",
    ),
    (1.0, "{{ humanize \"1234567\" }} {{ humanize 1000 }} {{ humanizeDuration \"90\" }}", "1.235M 1k 1m 30s"),
    (
        1.0,
        "{{ parseDuration \"1h30m\" }} {{ parseDuration \"1d500ms\" | humanizeDuration }}",
        "5400 1d 0h 0m 0s",
    ),
    // Text.
    (
        1.0,
        "{{ title \"aa bb_cc d-e élan\" }} {{ toUpper \"aé\" }} {{ toLower \"AÉ\" }}",
        "Aa Bb_cc D-E Élan AÉ aé",
    ),
    (
        1.0,
        "{{ match \"a+\" \"caab\" }} {{ match \"^a\" \"ba\" }} {{ match \"^db\" $labels.instance }}",
        "true false true",
    ),
    (1.0, "{{ reReplaceAll \"(.*):.*\" \"host-$1\" $labels.instance }}", "host-db-1.example.org"),
    (1.0, "{{ reReplaceAll \"(?P<n>[0-9]+)\" \"<${n}$$$1x>\" \"a1b22\" }}", "a<1$>b<22$>"),
    (
        1.0,
        "{{ $labels.instance | reReplaceAll \"[.:]\" \"_\" }} {{ reReplaceAll \"x*\" \"-\" \"abc\" }}",
        "db-1_example_org_5432 -a-b-c-",
    ),
    (
        1.0,
        "{{ stripPort $labels.instance }} {{ stripPort \"[::1]:80\" }} {{ stripPort \"a\" }} {{ stripPort \"::1\" }} {{ stripPort \"a:b:c\" }}",
        "db-1.example.org ::1 a ::1 a:b:c",
    ),
    (
        1.0,
        "{{ stripDomain $labels.instance }} {{ stripDomain \"10.0.0.1:80\" }} {{ stripDomain \"a.b\" }} {{ stripDomain \"[::1]:80\" }}",
        "db-1:5432 10.0.0.1:80 a [::1]:80",
    ),
    (
        1.0,
        "{{ graphLink \"up == 0\" }} {{ tableLink \"a{b=\\\"c\\\"}\" }}",
        "/graph?g0.expr=up+%3D%3D+0&g0.tab=0 /graph?g0.expr=a%7Bb%3D%22c%22%7D&g0.tab=1",
    ),
    (1.0, "{{ safeHtml \"<b>\" }}", "<b>"),
];

/// Templates that go wrong, and a part of what is said.
pub(super) const WRONG: &[(&str, &str)] = &[
    ("{{ $labels.job", "1:1: the action is not closed"),
    ("{{ foo }}", "1:4: there is no function foo"),
    ("{{ $x }}", "1:4: the variable $x is not there; there are $labels"),
    ("a\n  {{ if true }}x", "2:3: this is not closed"),
    ("{{ end }}", "1:1: end without"),
    ("{{ else }}", "1:1: else without"),
    ("{{ break }}", "1:1: break outside"),
    ("{{ template \"no\" }}", "1:1: the template \"no\" is not defined"),
    ("{{ \"a }}", "1:4: the string is not closed"),
    ("{{ `a }}", "1:4: the raw string is not closed"),
    ("{{ 'ab' }}", "1:4: '...' is one character"),
    ("{{/* a }}", "1:1: the comment is not closed"),
    ("{{ 1x }}", "1:4: \"1x\" is no number"),
    ("{{ $labels.job == \"a\" }}", "1:16: "),
    ("{{ (1 }}", "1:4: this parenthesis"),
    ("{{ . | 1 }}", "1:8: what is after a |"),
    ("{{ 1 2 }}", "1:4: this takes no arguments"),
    ("{{ }}", "1:4: an action has no value"),
    ("{{ if }}a{{ end }}", "1:7: if has no value"),
    ("{{ nil }}", "1:4: nil is no value"),
    ("{{ call 1 }}", "1:4: the function call is not supported"),
    ("{{ tmpl \"a\" . }}", "1:4: tmpl is not there in rules; write {{ template"),
    ("{{ humanize }}", "1:4: humanize takes one argument, and here it is given 0"),
    ("{{ $value | humanize 1 }}", "1:13: humanize takes one argument, and here it is given 2"),
    ("{{ gt $value 5 }}", "1:4: gt: float64 and int cannot be compared; write 5.0"),
    ("{{ eq $labels.job 1 }}", "1:4: eq: string and int cannot be compared"),
    ("{{ .Nope }}", "1:4: there is no field Nope"),
    ("{{ $labels.a.b }}", "1:4: there is no field b in string"),
    ("{{ query \"none\" | first }}", "1:19: first: the query has no result"),
    ("{{ humanize \"x\" }}", "1:4: humanize: \"x\" is no number"),
    ("{{ match \"(\" \"a\" }}", "1:4: match: the regular expression"),
    ("{{ query \"bad(\" }}", "1:4: query: no such query"),
    ("{{ toUpper $value }}", "1:4: toUpper: it takes a text"),
    ("{{ index $labels 1 }}", "1:4: index: map[string]string has no element by a int"),
    ("{{ slice \"abc\" 4 }}", "1:4: slice: 4 is not between 0 and 3"),
    ("{{ range true }}{{ end }}", "1:10: range goes over lists and maps"),
    ("{{ define \"a\" }}{{ template \"a\" }}{{ end }}{{ template \"a\" }}", "without an end"),
    ("{{ define \"a\" }}1{{ end }}{{ define \"a\" }}2{{ end }}", "1:27: the template \"a\" is defined twice"),
    ("{{ parseDuration \"1x\" }}", "1:4: parseDuration: \"1x\" is no duration"),
    ("{{ \"a\" \"b\" }}", "1:4: this takes no arguments"),
    ("{{ \"a\"\"b\" }}", "1:7: "),
    ("{{ $labels.a-b }}", "1:13: a name has no dash here"),
];

pub(super) fn query(expression: &str) -> Result<Vec<(Labels, f64)>, String> {
    match expression {
        "sort_desc(q)" => {
            let mut samples: Vec<(Labels, f64)> = QUERIED
                .iter()
                .map(|(instance, order, value)| {
                    (Labels::new([("__name__", "q"), ("instance", instance), ("order", order)]), *value)
                })
                .collect();
            samples.sort_by(|a, b| b.1.total_cmp(&a.1));
            Ok(samples)
        }
        "none" => Ok(Vec::new()),
        _ => Err("no such query".to_owned()),
    }
}

pub(super) fn expand(value: f64, text: &str) -> Result<String, TemplateError> {
    let labels = Labels::new(LABELS.into_iter().chain([("__name__", "m000")]));
    let data = RuleData { labels: &labels, external_labels: &[], external_url: EXTERNAL_URL, value, time: 0 };
    Template::parse(text)?.expand_rule(&data, &mut query)
}

#[test]
fn templates_print_what_prometheus_prints() {
    let wrong: Vec<String> = TABLE
        .iter()
        .filter_map(|(value, text, expected)| {
            let found = expand(*value, text);
            (found.as_deref() != Ok(*expected))
                .then(|| format!("{text}\n  expected {expected:?}\n  found    {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(TABLE.len() > 100);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let wrong: Vec<String> = WRONG
        .iter()
        .filter_map(|(text, expected)| {
            let found = expand(1.0, text).map_err(|error| error.to_string());
            let fits =
                found.as_ref().is_err_and(|error| match expected.starts_with(|c: char| c.is_ascii_digit()) {
                    true => error.starts_with(expected),
                    false => error.contains(expected),
                });
            (!fits).then(|| format!("{text}\n  expected {expected:?}\n  found    {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_newer_versions_know_is_there() {
    // `now`, `toDuration` and `urlQueryEscape` came after 2.42, and so did the range over a number.
    for (text, expected) in [
        ("{{ now }}", "1.5"),
        ("{{ toDuration 90 }} {{ (toDuration 90).Minutes }}", "1m30s 1.5"),
        ("{{ urlQueryEscape \"a b\" }}", "a+b"),
        ("{{ range 3 }}{{ . }}{{ end }}", "012"),
        ("{{ with \"\" }}{{ else with \"b\" }}{{ . }}{{ end }}", "b"),
        (
            "{{ externalURL }} {{ pathPrefix }} {{ $externalURL }} {{ $externalLabels.zone }}",
            "http://a.example/w /w http://a.example/w z",
        ),
    ] {
        let labels = Labels::default();
        let external = [("zone".to_owned(), "z".to_owned())];
        let data = RuleData {
            labels: &labels,
            external_labels: &external,
            external_url: "http://a.example/w",
            value: 1.0,
            time: 1_500,
        };
        let template = Template::parse(text).expect(text);
        assert_eq!(template.expand_rule(&data, &mut query).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn a_function_of_the_other_language_is_named() {
    let error = Template::parse("{{ toJson . }}").unwrap_err().to_string();
    assert_eq!(
        error,
        "1:4: toJson is a function of the templates of notifications, and is not there in those of rules"
    );
}
