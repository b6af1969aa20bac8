//! Rule files, and what Prometheus says of them.

/// Files that `promtool check rules` lets pass.
pub(crate) const GOOD: &[(&str, &str)] = &[
    ("empty", ""),
    ("a comment", "# nothing yet\n"),
    ("no groups", "groups:\n"),
    ("an empty list of groups", "groups: []\n"),
    ("a group without rules", "groups:\n- name: g\n"),
    ("a group with no rule", "groups: [{name: g, rules: []}]\n"),
    (
        "all keys of a group",
        "groups:\n- name: g\n  interval: 1m30s\n  limit: 5\n  rules: [{record: a, expr: up}]\n",
    ),
    ("a limit below zero", "groups: [{name: g, limit: -1}]\n"),
    ("an interval of nothing", "groups: [{name: g, interval: 0s}]\n"),
    (
        "all keys of an alert",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up == 0\n    for: 5m\n    keep_firing_for: 1h\n    labels: {severity: page, n: 5, b: yes}\n    annotations: {summary: 'it is {{ $value }}', description: \"{{ $labels.job }}\"}\n",
    ),
    (
        "a recording rule",
        "groups: [{name: g, rules: [{record: 'job:up:sum', expr: sum by (job) (up), labels: {a: b}}]}]\n",
    ),
    (
        "a recording rule that waits for nothing",
        "groups: [{name: g, rules: [{record: a, expr: up, for: 0s}]}]\n",
    ),
    ("a rule twice", "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up}\n  - {alert: A, expr: up}\n"),
    (
        "an expression in lines",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      up\n        # down\n      == 0\n",
    ),
    (
        "a folded expression",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: >-\n      up\n      == 0\n",
    ),
    ("a number as an expression", "groups: [{name: g, rules: [{alert: A, expr: 1}]}]\n"),
    (
        "nothing as labels",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    labels:\n    annotations:\n",
    ),
    ("a label without a value", "groups: [{name: g, rules: [{alert: A, expr: up, labels: {a: }}]}]\n"),
    ("an alert with a name of its own", "groups: [{name: g, rules: [{alert: 'ein Ärger: 5', expr: up}]}]\n"),
    (
        "an anchor",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    labels: &l {a: b}\n  - alert: B\n    expr: up\n    labels: *l\n",
    ),
    (
        "a merge",
        "groups:\n- name: g\n  rules:\n  - &a\n    alert: A\n    expr: up\n    for: 1m\n  - <<: *a\n    alert: B\n",
    ),
    ("a name that looks like a number", "groups: [{name: 5, rules: [{alert: 7, expr: up}]}]\n"),
    ("the start of a document", "---\ngroups: [{name: g}]\n"),
    ("an impossible threshold", "groups: [{name: g, rules: [{alert: A, expr: up < 0}]}]\n"),
];

/// Files that `promtool check rules` refuses, and what is said of them here.
pub(crate) const BAD: &[(&str, &str, &[&str])] = &[
    ("no YAML", "groups: [\n", &["1:9: this is no YAML: unclosed bracket '['"]),
    ("a list", "- a\n", &["1:1: a rule file has to be a map, and is a list"]),
    ("a text", "groups\n", &["1:1: a rule file has to be a map, and is a text"]),
    (
        "an unknown key of the file",
        "group:\n- name: g\n",
        &["1:1: a rule file has no key `group`; did you mean `groups`?"],
    ),
    ("groups that are no list", "groups: {name: g}\n", &["1:9: `groups` has to be a list"]),
    ("a group that is no map", "groups: [g]\n", &["1:10: a group has to be a map, and is a text"]),
    ("a group without a name", "groups:\n- rules: []\n", &["2:3: the group has no name; say `name:`"]),
    ("a group with an empty name", "groups:\n- name: ''\n", &["2:9: the group has no name; say `name:`"]),
    (
        "two groups of a name",
        "groups:\n- name: g\n- name: g\n",
        &["3:9: group \"g\": a group of this name is in the file already; give it another"],
    ),
    (
        "a key twice",
        "groups:\n- name: g\n  name: h\n",
        &["3:3: this is no YAML: duplicate mapping key: name"],
    ),
    (
        "an unknown key of a group",
        "groups:\n- name: g\n  intervall: 5m\n",
        &["3:3: group \"g\": a group has no key `intervall`; did you mean `interval`?"],
    ),
    (
        "an interval that is none",
        "groups:\n- name: g\n  interval: 5\n",
        &[
            "3:13: group \"g\": interval: \"5\" is no duration: write numbers with units from large to small, as in 30s, 5m, 1h30m or 1d",
        ],
    ),
    (
        "a limit that is no number",
        "groups:\n- name: g\n  limit: '10'\n",
        &["3:10: group \"g\": `limit` has to be a whole number"],
    ),
    (
        "a rule without a name",
        "groups:\n- name: g\n  rules:\n  - expr: up\n",
        &["4:5: group \"g\": the rule has no name; say `alert:` or `record:`"],
    ),
    (
        "a rule with two",
        "groups:\n- name: g\n  rules:\n  - record: a\n    alert: A\n    expr: up\n",
        &["5:12: group \"g\", rule \"A\": the rule says both `record` and `alert`; make it two rules"],
    ),
    (
        "no expression",
        "groups:\n- name: g\n  rules:\n  - alert: A\n",
        &["4:5: group \"g\", rule \"A\": the rule has no expression; say `expr:`"],
    ),
    (
        "an expression that is a map",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: {a: b}\n",
        &["5:11: group \"g\", rule \"A\": `expr` has to be a text, and is a map"],
    ),
    (
        "an expression that is none",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: sum(up\n",
        &["5:14: group \"g\", rule \"A\": expr: unclosed left parenthesis"],
    ),
    (
        "a mistake in a line of an expression",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      up\n      ==\n      summ(foo)\n",
        &["8:7: group \"g\", rule \"A\": expr: unknown function with name \"summ\""],
    ),
    (
        "a mistake in quotes",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: \"rate(foo{a=\\\"b\\\"}) > 1\"\n",
        &[
            "5:17: group \"g\", rule \"A\": expr: expected type range vector in call to function \"rate\", got instant vector",
        ],
    ),
    (
        "an alert's keys on a recording rule",
        "groups:\n- name: g\n  rules:\n  - record: a\n    expr: up\n    for: 1m\n    keep_firing_for: 2m\n    annotations: {a: b}\n",
        &[
            "6:10: group \"g\", rule \"a\": `for` is for alerts; a recording rule has none",
            "7:22: group \"g\", rule \"a\": `keep_firing_for` is for alerts; a recording rule has none",
            "8:18: group \"g\", rule \"a\": `annotations` are for alerts; a recording rule has none",
        ],
    ),
    (
        "a metric's name that is none",
        "groups:\n- name: g\n  rules:\n  - record: a-b\n    expr: up\n",
        &[
            "4:13: group \"g\", rule \"a-b\": \"a-b\" is no metric name: it has to be letters, digits, `_` and `:`, and no digit first (UTF-8 names of Prometheus 3 are not supported)",
        ],
    ),
    (
        "labels' names that are none",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    labels: {a-b: c, __name__: d}\n",
        &[
            "6:14: group \"g\", rule \"A\": \"a-b\" is no label name: it has to be letters, digits and `_`, and no digit first (UTF-8 names of Prometheus 3 are not supported)",
            "6:22: group \"g\", rule \"A\": the label \"__name__\" cannot be set: a rule's own name is its series'",
        ],
    ),
    (
        "an annotation's name that is none",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    annotations: {1a: c}\n",
        &[
            "6:19: group \"g\", rule \"A\": \"1a\" is no annotation name: it has to be letters, digits and `_`, and no digit first (UTF-8 names of Prometheus 3 are not supported)",
        ],
    ),
    (
        "labels that are a list",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    labels: [a]\n",
        &["6:13: group \"g\", rule \"A\": `labels` has to be a map of names and texts"],
    ),
    (
        "a label that is a list",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    labels: {a: [b]}\n",
        &["6:17: group \"g\", rule \"A\": `a` has to be a text, and is a list"],
    ),
    (
        "an unknown key of a rule",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    anotations: {a: b}\n    severity: page\n",
        &[
            "6:5: group \"g\", rule \"A\": a rule has no key `anotations`; did you mean `annotations`?",
            "7:5: group \"g\", rule \"A\": a rule has no key `severity`; it has `record`, `alert`, `expr`, `for`, `keep_firing_for`, `labels`, `annotations`",
        ],
    ),
    (
        "a duration below zero",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    for: -5m\n",
        &[
            "6:10: group \"g\", rule \"A\": for: \"-5m\" is no duration: write numbers with units from large to small, as in 30s, 5m, 1h30m or 1d",
        ],
    ),
];

/// Files that Prometheus lets pass, or its newer versions do, and that are refused here.
pub(crate) const NOT_SUPPORTED: &[(&str, &str, &str)] = &[
    (
        "two documents",
        "groups: []\n---\ngroups: []\n",
        "3:1: more than one YAML document: of a rule file only the first would count; put all groups into one",
    ),
    (
        "a range",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up[5m]\n",
        "5:11: group \"g\", rule \"A\": the expression is a matrix, and a rule needs a vector or a scalar",
    ),
    (
        "a string",
        "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: '\"a\"'\n",
        "5:11: group \"g\", rule \"A\": the expression is a string, and a rule needs a vector or a scalar",
    ),
    (
        "a limit with a point",
        "groups:\n- name: g\n  limit: 1.0\n",
        "3:10: group \"g\": `limit` has to be a whole number",
    ),
];

/// Templates that are none, in single quotes in an annotation whose text begins at 7:17, with what is said of them here.
pub(crate) const BAD_TEMPLATES: &[(&str, &str)] = &[
    (
        "{{ $value ",
        "7:17: group \"g\", rule \"A\": the template of \"summary\": the action is not closed with }}",
    ),
    (
        "a {{ nothing }}",
        "7:22: group \"g\", rule \"A\": the template of \"summary\": there is no function nothing; a label is .Labels.nothing, and a text is in quotes",
    ),
    (
        "{{ $labels.job | upper }}",
        "7:34: group \"g\", rule \"A\": the template of \"summary\": there is no function upper; a label is .Labels.upper, and a text is in quotes",
    ),
    (
        "{{ end }}",
        "7:17: group \"g\", rule \"A\": the template of \"summary\": end without anything that it ends",
    ),
    (
        "{{ if $value }}",
        "7:17: group \"g\", rule \"A\": the template of \"summary\": this is not closed with {{ end }}",
    ),
    (
        "{{ $other }}",
        "7:20: group \"g\", rule \"A\": the template of \"summary\": the variable $other is not there; there are $labels, $externalLabels, $externalURL, $value",
    ),
];
