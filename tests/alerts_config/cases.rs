//! Configurations, good and bad: each with what is said of it here, and whether amtool may see it another way.

pub(crate) struct Case {
    pub(crate) text: String,
    /// What is wrong with it, without the place; `None` where nothing is.
    pub(crate) told: Option<&'static str>,
    /// Refused here by name, and fine for Alertmanager; or known only to one that is newer than Debian's.
    pub(crate) is_ours_alone: bool,
}

const RECEIVER: &str = "receivers: [{name: a}]\n";
const ROUTE: &str = "route: {receiver: a}\n";

fn good(text: String) -> Case {
    Case { text, told: None, is_ours_alone: false }
}

fn bad(text: String, told: &'static str) -> Case {
    Case { text, told: Some(told), is_ours_alone: false }
}

fn refused(text: String, told: &'static str) -> Case {
    Case { is_ours_alone: true, ..bad(text, told) }
}

fn newer(text: String) -> Case {
    Case { is_ours_alone: true, ..good(text) }
}

/// The first route with more keys.
fn root(keys: &str) -> String {
    format!("route: {{receiver: a, {keys}}}\n{RECEIVER}")
}

/// A route below the first.
fn child(keys: &str) -> String {
    root(&format!("routes: [{{{keys}}}]"))
}

/// A receiver with these sections.
fn receiver(sections: &str) -> String {
    format!("{ROUTE}receivers: [{{name: a, {sections}}}]\n")
}

/// More sections beside a route and a receiver.
fn beside(sections: &str) -> String {
    format!("{ROUTE}{RECEIVER}{sections}\n")
}

fn period(lists: &str) -> String {
    beside(&format!("time_intervals: [{{name: x, time_intervals: [{{{lists}}}]}}]"))
}

pub(crate) fn all() -> Vec<Case> {
    let slack =
        |keys: &str| receiver(&format!("slack_configs: [{{api_url: 'https://h.example/x', {keys}}}]"));
    let hook = |keys: &str| receiver(&format!("webhook_configs: [{{url: 'http://h.example/', {keys}}}]"));
    let mail = |keys: &str| receiver(&format!("email_configs: [{{to: a@example.com, {keys}}}]"));
    let http = |keys: &str| hook(&format!("http_config: {{{keys}}}"));
    vec![
        good(beside("")),
        good(beside("global: {}")),
        good(beside("global:")),
        good(beside("global: {resolve_timeout: 0s}")),
        good(beside("global: {smtp_require_tls: no, opsgenie_api_key: x}")),
        good(beside("templates: ['nowhere/*.tmpl']")),
        good(beside("inhibit_rules: [{}]")),
        good(beside("inhibit_rules: [{source_match: {a: b}, target_match_re: {c: d.*}, equal: [x, x]}]")),
        good(beside("inhibit_rules: [{source_matchers: ['a=b'], target_matchers: ['{c=~\"d\"}']}]")),
        bad(beside("inhibit_rules: [{source_matchers: [a]}]"), "`a` is no matcher: "),
        bad(
            beside("inhibit_rules: [{target_match_re: {a: '('}}]"),
            "the regular expression \"(\" cannot be used: ",
        ),
        bad(beside("inhibit_rules: [{sources: []}]"), "there is no such key; remove it"),
        // Routes.
        bad(String::new(), "there is no route; see "),
        bad("{}".into(), "there is no route; see "),
        bad(RECEIVER.into(), "there is no route; see "),
        bad(ROUTE.into(), "no receiver is called \"a\"; there is no receiver at all; add it"),
        bad(format!("route: {{}}\n{RECEIVER}"), "the first route has no receiver; add "),
        bad(
            format!("route: {{receiver: b}}\n{RECEIVER}"),
            "no receiver is called \"b\"; did you mean \"a\"?",
        ),
        bad(root("receiver_: a"), "there is no such key; did you mean receiver?"),
        bad(root("match: {a: b}"), "the first route takes all alerts; move "),
        bad(root("matchers: [a=b]"), "the first route takes all alerts; move "),
        good(root("matchers: []")),
        bad(root("continue: true"), "the first route has no siblings to continue with; remove it"),
        good(root("continue: false")),
        bad(root("mute_time_intervals: [x]"), "the first route is always active; move "),
        good(root("group_wait: 0s")),
        bad(root("group_interval: 0s"), "this is zero; write how long to wait, as in 5m"),
        bad(root("repeat_interval: 0"), "this is zero; write how long to wait, as in 5m"),
        bad(root("repeat_interval: 5"), "\"5\" is no duration: write numbers with units "),
        bad(root("repeat_interval: -5m"), "\"-5m\" is no duration: write numbers with units "),
        bad(root("group_wait: 1m1h"), "\"1m1h\" is no duration: write numbers with units "),
        good(root("group_by: []")),
        good(root("group_by: ['...']")),
        bad(root("group_by: ['...', a]"), "`...` stands for all labels; write it alone, or remove it"),
        bad(root("group_by: [a, a]"), "the label a is given twice; remove one of them"),
        bad(root("group_by: ['']"), "a label's name is empty; write one, or remove it"),
        bad(root("group_by: a"), "this is a single value; write a list"),
        good(child("match: {a: }")),
        bad(child("match_re: {a: }"), "this is nothing; write a regular expression"),
        bad(child("match_re: {a: '['}"), "the regular expression \"[\" cannot be used: "),
        good(child("match_re: {a: 'x|y'}, continue: yes")),
        good(child("matchers: ['a=b', 'c!~\"d\"', '{e=\"f\",}', '']")),
        bad(child("matchers: a=b"), "this is a single value; write a list"),
        bad(child("matchers: ['a=b\"']"), "`a=b\"`: a quote is not closed; "),
        bad(child("matchers: ['a=~\"(\"']"), "the regular expression \"(\" cannot be used: "),
        newer(child("matchers: ['\"é x\"=~\"a|b\"']")),
        newer(root("group_by: ['é x']")),
        bad(child("continue: maybe"), "this is neither true nor false; write one of them, without quotes"),
        bad(child("continue: 'true'"), "this is neither true nor false; write one of them, without quotes"),
        bad(
            child("mute_time_intervals: [x]"),
            "no time interval is called \"x\"; there is no time interval at all",
        ),
        bad(
            child("active_time_intervals: [x]"),
            "no time interval is called \"x\"; there is no time interval at all",
        ),
        refused(root("routes: [null]"), "this is nothing; write a mapping of keys and values"),
        // Names.
        bad(
            format!("{ROUTE}receivers: [{{name: a}}, {{name: a}}]"),
            "two receivers are called \"a\"; rename one of them",
        ),
        bad(format!("{ROUTE}receivers: [{{name: a}}, {{}}]"), "a receiver has no name; add it"),
        bad(format!("{ROUTE}receivers: [{{name: a}}, {{name: ''}}]"), "a receiver has no name; add it"),
        bad(format!("{ROUTE}receivers: {{name: a}}"), "this is a mapping; write a list"),
        bad(receiver("slack_config: []"), "there is no such key; did you mean slack_configs?"),
        // Intervals.
        good(beside("time_intervals: [{name: x}]\nmute_time_intervals: [{name: y}]")),
        bad(
            beside("time_intervals: [{name: x}]\nmute_time_intervals: [{name: x}]"),
            "two time intervals are called \"x\"",
        ),
        bad(beside("time_intervals: [{time_intervals: []}]"), "a time interval has no name; add it"),
        good(period(
            "weekdays: ['Monday:FRIDAY', sunday], months: [may:august, 12, '0', '13'], years: [2020, '2021:2022']",
        )),
        good(period("days_of_month: ['1:5', '-3:-1', '31', '27:-1', '-31:-1'], location: Europe/Berlin")),
        good(period("times: [{start_time: '00:00', end_time: '24:00'}], location: Local")),
        bad(period("weekdays: [mon]"), "\"mon\" is no day of the week; write its whole name, as in monday"),
        bad(
            period("weekdays: ['saturday:sunday']"),
            "saturday:sunday ends before it starts, since a week starts on Sunday",
        ),
        bad(
            period("days_of_month: ['0']"),
            "\"0\" is no day of the month; write 1 to 31, or -1 to -31 from its end",
        ),
        bad(
            period("days_of_month: ['-1:1']"),
            "-1:1 starts at the month's end and ends at its start; write an end below 0",
        ),
        bad(period("days_of_month: ['28:-1']"), "28:-1 ends before it starts in some months; "),
        bad(period("days_of_month: ['1:2:3']"), "\"2:3\" is no day of the month; "),
        bad(period("months: [jan]"), "\"jan\" is no month; write its whole name, as in january, or 1 to 12"),
        bad(period("months: ['may:march']"), "may:march ends before it starts; a year starts in January; "),
        bad(period("years: ['2022:2020']"), "2022:2020 ends before it starts; write the earlier year first"),
        bad(period("times: [{start_time: '9:00', end_time: '17:00'}]"), "\"9:00\" is no time of the day; "),
        bad(
            period("times: [{start_time: '17:00', end_time: '09:00'}]"),
            "09:00 is not after 17:00; times over midnight are two ranges",
        ),
        bad(period("times: [{start_time: '17:00'}]"), "end_time is missing; add it"),
        bad(period("location: Nowhere/X"), "\"Nowhere/X\" is no time zone that this system knows; "),
        bad(period("week: []"), "there is no such key; remove it"),
        // Receivers.
        good(slack("channel: '#a', send_resolved: true, fields: [{title: a, value: b, short: no}]")),
        good(receiver("slack_configs: [{api_url_file: nowhere}]")),
        bad(slack("api_url_file: x"), "api_url and api_url_file are both given"),
        bad(receiver("slack_configs: [{channel: a}]"), "api_url"),
        bad(
            receiver("slack_configs: {api_url: x}"),
            "this is a mapping; write a list, each with a - before it",
        ),
        bad(slack("chanel: a"), "there is no such key; did you mean channel?"),
        good(hook("send_resolved: false, max_alerts: 3")),
        bad(receiver("webhook_configs: [{}]"), "url"),
        bad(hook("max_alerts: many"), "this is a single value; write "),
        good(receiver("pagerduty_configs: [{routing_key: x, severity: error, details: {a: b}}]")),
        bad(receiver("pagerduty_configs: [{}]"), "routing_key"),
        good(mail("from: b@example.com, smarthost: 'm.example.com:25', headers: {Subject: x}")),
        bad(mail("from: b@example.com"), "smarthost"),
        bad(mail("smarthost: 'm.example.com:25'"), "from"),
        bad(receiver("email_configs: [{from: b@example.com, smarthost: 'm.example.com:25'}]"), "to"),
        good(http("basic_auth: {username: a, password: b}, follow_redirects: false, enable_http2: true")),
        good(http("authorization: {type: Bearer, credentials: x}, proxy_url: 'http://p.example:3128'")),
        bad(
            http("basic_auth: {username: a}, bearer_token: x"),
            "only one of basic_auth, authorization and bearer_token",
        ),
        bad(
            http("authorization: {type: basic}"),
            "the type of authorization cannot be basic; write basic_auth",
        ),
        bad(http("basic_auth: {password: a, password_file: b}"), "password and password_file are both given"),
        bad(http("tls_config: {cert: x}"), "a certificate and its key go together; add key_file"),
        refused(
            http("oauth2: {client_id: a, client_secret: b, token_url: 'http://h.example'}"),
            "oauth2 is not supported here; ",
        ),
        refused(
            http("tls_config: {insecure_skip_verify: true}"),
            "a certificate that nobody vouches for is not accepted",
        ),
        refused(http("tls_config: {server_name: h.example}"), "server_name is not supported here; "),
        refused(http("enable_http2: false"), "HTTP/2 is spoken where the server wants it; "),
        good(http("tls_config: {insecure_skip_verify: false, min_version: TLS12}")),
        refused(
            receiver("telegram_configs: [{bot_token: x, chat_id: 1}]"),
            "telegram_configs are not sent from here; write webhook_configs, or hand them to an Alertmanager",
        ),
        refused(receiver("opsgenie_configs: [{api_key: x}]"), "opsgenie_configs are not sent from here; "),
        good(receiver("opsgenie_configs: []")),
        // Global settings.
        bad(beside("global: {slack_api_url: x}"), "this is no URL of http or https with a host; "),
        bad(
            beside("global: {slack_api_url: 'http://h.example', slack_api_url_file: y}"),
            "slack_api_url and slack_api_url_file are both given",
        ),
        bad(
            beside("global: {smtp_smarthost: mail.example.com}"),
            "this is no host and port; write them as in ",
        ),
        bad(beside("global: {smtp_require_tls: sometimes}"), "this is neither true nor false; "),
        bad(beside("global: {resolve_timeout: x}"), "\"x\" is no duration: "),
        bad(beside("global: {pagerduty_url: 'mailto:x'}"), "this is no URL of http or https with a host; "),
        bad(beside("global: {smtp_fro: x}"), "there is no such key; did you mean smtp_from?"),
        // YAML.
        bad(beside("foo: 1"), "there is no such key; remove it"),
        bad(
            format!("{ROUTE}{ROUTE}{RECEIVER}"),
            "\"route\" is given twice, first in line 1; remove one of them",
        ),
        refused(beside("---\nroute: {}"), "a second document begins here, and only one is read"),
        bad("route:\n\treceiver: a\n".into(), "this is not YAML: "),
        bad("route: [".into(), "this is not YAML: "),
        bad("- route".into(), "this is a list; write a mapping of keys and values"),
        bad("route: a".into(), "this is a single value; write a mapping of keys and values"),
        good(format!("\u{feff}{}", beside(""))),
        good(beside("").replace('\n', "\r\n")),
        good(format!("x: &r {{receiver: a}}\n{RECEIVER}").replace(
            "x: &r {receiver: a}",
            "route: &r {receiver: a, routes: [&c {receiver: a, match: {b: c}}, *c, {<<: *c, match: {d: e}}]}",
        )),
    ]
}
