//! What notifications print, as Alertmanager prints it: `amtool` is asked for the same.

use std::process::Command;
use std::sync::Arc;

use crate::alert::notify::{Notice, Notification, Reason};
use crate::alert::template::Templates;
use crate::alert::{Alert, Severity, Status};
use crate::series::Labels;

/// 2026-11-20 10:00:00 UTC.
const START: i64 = 1_795_168_800_000;

/// A group of which one alert fires and one is over.
pub(super) fn notification() -> Notification {
    let alert = |path: &str, severity| {
        let alert =
            Alert::new("HighErrorRate").label("service", "shop").label("path", path).severity(severity);
        alert.annotate("summary", "Errors <b>")
    };
    let mut firing = alert("/a&b", Severity::Critical).annotate("runbook_url", "https://runbooks.example/1");
    firing = firing.annotate("description", "5.1 % of <!channel> fail,\nsee \"it\"");
    firing.starts_at = START;
    firing.ends_at = Some(START + 300_000);
    firing.value = Some(0.051_234);
    firing.generator_url = "http://watch.example/graph?a=1&b=2".to_owned();
    let mut resolved = alert("/c", Severity::Warning);
    resolved.starts_at = START - 3_600_000;
    resolved.ends_at = Some(START + 1_800_500);
    Notification {
        receiver: "team".into(),
        group_key: "{}:{alertname=\"HighErrorRate\"}".into(),
        group_labels: Labels::new([("alertname", "HighErrorRate")]),
        alerts: vec![
            Notice { alert: Arc::new(firing), status: Status::Firing },
            Notice { alert: Arc::new(resolved), status: Status::Resolved },
        ],
        reason: Reason::News,
        time: START + 1_830_000,
        external_url: "http://watch.example".into(),
        instance: None,
    }
}

/// A template, and its text.
const TABLE: &[(&str, &str)] = &[
    ("{{ .Receiver }} {{ .Status | toUpper }} {{ .ExternalURL }}", "team FIRING http://watch.example"),
    (
        "{{ len .Alerts }} {{ .Alerts | len }} {{ .Alerts.Firing | len }} {{ len .Alerts.Resolved }}",
        "2 2 1 1",
    ),
    ("{{ .CommonLabels.SortedPairs }}", "[{alertname HighErrorRate} {service shop}]"),
    ("{{ .GroupLabels.SortedPairs.Values | join \" \" }}", "HighErrorRate"),
    ("{{ .CommonLabels.Names }} {{ .CommonLabels.Values }}", "[alertname service] [HighErrorRate shop]"),
    (
        "{{ .CommonLabels }} {{ .GroupLabels }} {{ .CommonAnnotations }}",
        "map[alertname:HighErrorRate service:shop] map[alertname:HighErrorRate] map[summary:Errors <b>]",
    ),
    (
        "{{ (index .Alerts 0).Labels.Remove (stringSlice \"service\" \"path\") }}",
        "map[alertname:HighErrorRate severity:critical]",
    ),
    (
        "{{ with .CommonLabels.Remove .GroupLabels.Names }}{{ .SortedPairs.Values | join \"/\" }}{{ end }}",
        "shop",
    ),
    ("{{ .GroupLabels.Names | .CommonLabels.Remove }}", "map[service:shop]"),
    (
        "{{ range .Alerts }}{{ .Status }} {{ .Labels.path }} {{ .StartsAt.Format \"15:04\" }} {{ .EndsAt }};{{ end }}",
        "firing /a&b 10:00 0001-01-01 00:00:00 +0000 UTC;resolved /c 09:00 2026-11-20 10:30:00.5 +0000 UTC;",
    ),
    (
        "{{ range $i, $a := .Alerts.Firing }}{{ $i }}{{ $a.GeneratorURL }} {{ $a.Annotations.SortedPairs.Names }}{{ end }}",
        "0http://watch.example/graph?a=1&b=2 [description runbook_url summary]",
    ),
    ("{{ range .Alerts }}{{ .Fingerprint | len }}{{ .EndsAt.IsZero }} {{ end }}", "16true 16false "),
    (
        "[{{ .CommonLabels.nope }}] {{ title \"aB it's bb_cc d-E\" }} {{ .Receiver | urlquery }}",
        "[] Ab It's Bb_cc D-E team",
    ),
    (
        "{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ .Value }},{{ end }}",
        "alertname=HighErrorRate,service=shop,",
    ),
    (
        "{{ if eq .Status \"firing\" }}:{{ .Alerts.Firing | len }}{{ end }}{{ if match \"^High\" .GroupLabels.alertname }}!{{ end }}",
        ":1!",
    ),
    ("{{ reReplaceAll \"([A-Z])\" \"_$1\" .GroupLabels.alertname | toLower }}", "_high_error_rate"),
    ("{{ (index .Alerts 1).EndsAt.Sub (index .Alerts 1).StartsAt }}", "1h30m0.5s"),
    (
        "{{ (index .Alerts 0).StartsAt.Unix }} {{ (index .Alerts 0).StartsAt.Weekday }} {{ (index .Alerts 0).StartsAt.Year }}",
        "1795168800 Friday 2026",
    ),
    ("{{ define \"x\" }}{{ .Status }}!{{ end }}{{ template \"x\" . }}", "firing!"),
    ("{{- /* a */ -}} {{ range .Alerts -}} {{ .Labels.severity }} {{- end }}", "criticalwarning"),
];

/// The same as HTML.
const PAGES: &[(&str, &str)] = &[
    ("<b>{{ .CommonAnnotations.summary }}</b>", "<b>Errors &lt;b&gt;</b>"),
    ("<b>{{ .CommonAnnotations.summary | safeHtml }}</b>", "<b>Errors <b></b>"),
    ("<b>{{ .CommonAnnotations.summary | html }}</b>", "<b>Errors &lt;b&gt;</b>"),
    ("<b title=\"{{ (index .Alerts 0).Labels.path }}\">x</b>", "<b title=\"/a&amp;b\">x</b>"),
    (
        "<b title='{{ (index .Alerts 0).Annotations.description }}'>x</b>",
        "<b title='5.1 % of &lt;!channel&gt; fail,\nsee &#34;it&#34;'>x</b>",
    ),
    (
        "<a href=\"{{ (index .Alerts 0).GeneratorURL }}\">x</a>",
        "<a href=\"http://watch.example/graph?a=1&amp;b=2\">x</a>",
    ),
    ("{{ range .Alerts }}<p>{{ .Status }}</p>{{ end }}", "<p>firing</p><p>resolved</p>"),
];

#[test]
fn templates_print_what_alertmanager_prints() {
    let (templates, notification) = (Templates::new(), notification());
    for (text, expected) in TABLE {
        assert_eq!(templates.expand_text(text, &notification).as_deref(), Ok(*expected), "{text}");
    }
    for (text, expected) in PAGES {
        assert_eq!(templates.expand_html(text, &notification).as_deref(), Ok(*expected), "{text}");
    }
}

#[test]
#[ignore = "needs amtool"]
fn amtool_prints_the_same() {
    let file = std::env::temp_dir().join(format!("tower-watch-amtool-{}.json", std::process::id()));
    let data = Templates::new().expand_text("{{ toJson . }}", &notification()).expect("JSON");
    std::fs::write(&file, data).expect("a file");
    let cases = TABLE.iter().map(|case| ("text", case)).chain(PAGES.iter().map(|case| ("html", case)));
    let mut wrong = Vec::new();
    for (kind, (text, expected)) in cases {
        let output = Command::new("amtool")
            .args(["template", "render", "--template.glob=/dev/null", "--template.type", kind])
            .arg(format!("--template.data={}", file.display()))
            .arg(format!("--template.text={text}"))
            .output()
            .expect("amtool");
        let said = String::from_utf8_lossy(&output.stdout);
        if said.strip_suffix('\n').unwrap_or(&said) != *expected {
            wrong.push(format!(
                "{text}\n  expected {expected:?}\n  amtool   {said:?} {}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
    }
    std::fs::remove_file(file).expect("a file");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_newer_versions_know_is_there() {
    let templates = Templates::new();
    for (text, expected) in [
        (
            "{{ with index .Alerts 0 }}{{ .StartsAt | date \"02 Jan 2006 15:04 MST\" }}{{ end }}",
            "20 Nov 2026 10:00 UTC",
        ),
        (
            "{{ with index .Alerts 0 }}{{ .StartsAt | tz \"Europe/Berlin\" | date \"15:04 MST -0700\" }}{{ end }}",
            "11:00 CET +0100",
        ),
        (
            "{{ with index .Alerts 0 }}{{ since .StartsAt }} {{ since .StartsAt | humanizeDuration }}{{ end }}",
            "30m30s 30m 30s",
        ),
        (
            "{{ toJson .CommonLabels }} {{ toJson .Status }}",
            "{\"alertname\":\"HighErrorRate\",\"service\":\"shop\"} \"firing\"",
        ),
        ("{{ trimSpace \" a \" }}{{ urlUnescape \"a%20b+c\" }}{{ safeUrl \"x\" }}", "aa b cx"),
        ("{{ (index .Alerts 0).ValueString }}|{{ (index .Alerts 1).ValueString }}", "0.05123|"),
        ("{{ severityTag . }} {{ severityColor . }}", "[CRITICAL] #a30200"),
        ("{{ severityTag .Alerts.Resolved }} {{ severityColor (index .Alerts 1) }}", "[RESOLVED] #2eb67d"),
    ] {
        assert_eq!(templates.expand_text(text, &notification()).as_deref(), Ok(expected), "{text}");
    }
}

/// Many alerts, each with a dozen labels and much to say.
fn crowd() -> Notification {
    let mut crowd = notification();
    let mut alert = (*crowd.alerts[0].alert).clone().annotate("description", "x".repeat(5_000));
    for label in 0..12 {
        alert = alert.label(&format!("label_{label}"), "a value of some length");
    }
    crowd.alerts = (0..500).map(|_| Notice::new(alert.clone(), Status::Firing)).collect();
    crowd
}

#[test]
fn every_name_that_configurations_refer_to_is_there() {
    let names = [
        "slack.default.title",
        "slack.default.text",
        "slack.default.fallback",
        "slack.default.pretext",
        "slack.default.titlelink",
        "slack.default.iconemoji",
        "slack.default.iconurl",
        "slack.default.username",
        "slack.default.footer",
        "slack.default.callbackid",
        "slack.default.shortfields",
        "pagerduty.default.description",
        "pagerduty.default.client",
        "pagerduty.default.clientURL",
        "pagerduty.default.instances",
        "email.default.subject",
        "email.default.text",
        "email.default.html",
        "__subject",
        "__alertmanager",
        "__alertmanagerURL",
    ];
    let templates = Templates::new();
    for name in names {
        let data = if name == "pagerduty.default.instances" { ".Alerts" } else { "." };
        let text = format!("{{{{ template \"{name}\" {data} }}}}");
        assert_eq!(templates.check(&text), Ok(()), "{name}");
        for notification in [notification(), crowd()] {
            // A page is longer than a text may be.
            if name != "email.default.html" {
                assert_eq!(templates.expand_text(&text, &notification).err(), None, "{name}");
            }
            assert_eq!(templates.expand_html(&text, &notification).err(), None, "{name}");
        }
    }
    let list = templates.expand_text("{{ template \"__text_alert_list\" .Alerts }}", &notification());
    assert!(list.is_ok_and(|list| list.contains("Errors <b>")));
}

#[test]
fn the_default_texts_say_what_matters() {
    let (templates, notification) = (Templates::new(), notification());
    let text = |name: &str| {
        templates.expand_text(&format!("{{{{ template \"{name}\" . }}}}"), &notification).expect(name)
    };
    assert_eq!(text("email.default.subject"), "[CRITICAL] HighErrorRate (shop)");
    assert_eq!(
        text("email.default.text"),
        "FIRING: HighErrorRate\n  Errors <b>\n  5.1 % of <!channel> fail,\n  see \"it\"\n  since 2026-11-20 10:00:00 UTC\n  \
         value 0.05123\n  path = \"/a&b\"\n  service = \"shop\"\n  severity = \"critical\"\n  runbook: https://runbooks.example/1\n  \
         source: http://watch.example/graph?a=1&b=2\n\nRESOLVED: HighErrorRate\n  Errors <b>\n  from 2026-11-20 09:00:00 \
         to 2026-11-20 10:30:00 UTC\n  path = \"/c\"\n  service = \"shop\"\n  severity = \"warning\"\n\nSent by tower-watch: \
         http://watch.example\n"
    );
    assert_eq!(text("slack.default.fallback"), "[CRITICAL] HighErrorRate (shop): Errors <b>");
    assert_eq!(
        text("slack.default.text"),
        "• *HighErrorRate* path=/a&b severity=critical: Errors <b>\n• resolved: *HighErrorRate* path=/c \
         severity=warning: Errors <b>"
    );
    assert_eq!(text("slack.default.titlelink"), "http://watch.example");
    assert_eq!(text("pagerduty.default.description"), "HighErrorRate (shop): Errors <b>");
}

#[test]
fn one_alert_is_told_in_full() {
    let mut notification = notification();
    notification.alerts.truncate(1);
    notification.reason = Reason::Escalation;
    let text = |name: &str| {
        Templates::new().expand_text(&format!("{{{{ template \"{name}\" . }}}}"), &notification).expect(name)
    };
    assert_eq!(
        text("slack.default.text"),
        "*Errors <b>*\n5.1 % of <!channel> fail,\nsee \"it\"\n<https://runbooks.example/1|Runbook>"
    );
    assert_eq!(text("slack.default.titlelink"), "http://watch.example/graph?a=1&b=2");
    assert_eq!(text("slack.default.pretext"), "Nobody has acknowledged this yet.");
    assert!(text("email.default.text").starts_with("Nobody has acknowledged this yet.\n\nFIRING: "));
    notification.alerts[0] = Notice::new(Alert::new(""), Status::Firing);
    let subject = Templates::new().expand_text("{{ template \"__subject\" . }}", &notification);
    assert_eq!(subject.as_deref(), Ok("[ALERT] an alert without a name"));
}

#[test]
fn files_add_templates_and_replace_ours() {
    let folder = std::env::temp_dir().join(format!("tower-watch-templates-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    write("a.tmpl", "{{ define \"mine\" }}{{ template \"theirs\" . }}{{ end }}");
    write(
        "b.tmpl",
        "{{ define \"theirs\" }}{{ .Receiver }}{{ end }}{{ define \"slack.default.title\" }}T{{ end }}",
    );
    let templates =
        Templates::new().with_files(["a.tmpl", "b.tmpl"].map(|name| folder.join(name))).expect("templates");
    let text = templates
        .expand_text("{{ template \"mine\" . }} {{ template \"slack.default.title\" . }}", &notification());
    assert_eq!(text.as_deref(), Ok("team T"));

    write("d.tmpl", "a\n{{ nope }}");
    write("e.tmpl", "{{ if }}");
    let faults = Templates::new()
        .with_files(["a.tmpl", "d.tmpl", "e.tmpl", "f.tmpl"].map(|name| folder.join(name)))
        .unwrap_err();
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 3);
    assert!(faults[0].contains("d.tmpl:2:4: there is no function nope"), "{}", faults[0]);
    assert!(faults[1].contains("e.tmpl:1:7: if has no value"), "{}", faults[1]);
    assert!(faults[2].contains("f.tmpl:1:1: the file cannot be read"), "{}", faults[2]);
    std::fs::remove_dir_all(folder).expect("a folder");
}

#[test]
fn a_text_that_calls_what_is_not_there_is_found_at_the_start() {
    let error = Templates::new().check("ab {{ template \"slack.mine\" . }}").unwrap_err().to_string();
    assert_eq!(error, "1:4: the template \"slack.mine\" is not defined; is a file of `templates` missing?");
    assert!(
        Templates::new().check("{{ humanize 1 }}").unwrap_err().to_string().contains("templates of rules")
    );
}
