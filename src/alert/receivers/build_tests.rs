//! Sections as files have them.

use std::sync::Arc;

use super::{Sections, build};
use crate::alert::config::Global;
use crate::alert::receivers::Receiver;

fn built(yaml: &str, global: &Global) -> Result<Vec<Arc<dyn Receiver>>, Vec<String>> {
    let sections: Sections = serde_saphyr::from_str(yaml).map_err(|error| vec![error.to_string()])?;
    build("ops", sections, global, &Arc::default())
}

const EVERY_KEY: &str = r##"
slack_configs:
- send_resolved: true
  http_config: {authorization: {credentials: token}}
  api_url: https://slack.example/x
  channel: '#ops'
  username: tower-watch
  color: good
  title: title
  title_link: https://a/
  pretext: pretext
  text: text
  fields: [{title: a, value: b, short: true}, {title: a, value: b}]
  short_fields: true
  footer: footer
  fallback: fallback
  callback_id: id
  icon_emoji: ':x:'
  icon_url: https://a/
  image_url: https://a/
  thumb_url: https://a/
  link_names: true
  mrkdwn_in: [text]
  actions: [{type: button, text: Go, url: https://a/, style: danger, confirm: {text: Sure, title: Oh, ok_text: y, dismiss_text: n}}]
  timeout: 5s
pagerduty_configs:
- send_resolved: false
  http_config: {}
  routing_key: key
  url: https://pagerduty.example/
  client: client
  client_url: https://a/
  description: description
  severity: warning
  source: source
  details: {a: b}
  images: [{href: https://a/, src: https://a/, alt: a}]
  links: [{href: https://a/, text: a}]
  class: class
  component: component
  group: group
webhook_configs:
- send_resolved: false
  http_config: {basic_auth: {username: u, password: p}}
  url: https://webhook.example/
  max_alerts: 3
  timeout: 0s
"##;

const MAIL: &str = r"
email_configs:
- send_resolved: true
  to: a@example.com, B <b@example.com>
  from: c@example.com
  smarthost: mail.example.com:25
  hello: shop.example.com
  auth_username: user
  auth_password: password
  auth_identity: user
  require_tls: true
  tls_config: {}
  html: <p>
  text: text
  headers: {Subject: subject, X-Team: shop}
  threading: {enabled: true, thread_by_date: none}
";

#[test]
fn every_key_of_a_file_is_read() {
    let receivers = built(EVERY_KEY, &Global::default()).unwrap();
    let shown: Vec<_> = receivers
        .iter()
        .map(|receiver| (receiver.kind(), receiver.send_resolved(), receiver.timeout()))
        .collect();
    let five = Some(std::time::Duration::from_secs(5));
    assert_eq!(shown, [("webhook", false, None), ("pagerduty", false, None), ("slack", true, five)]);
    let mail = built(MAIL, &Global::default());
    match mail {
        Ok(mail) => assert_eq!(mail.iter().map(|receiver| receiver.kind()).collect::<Vec<_>>(), ["email"]),
        // Without the feature, that is what is said.
        Err(problems) => assert!(problems[0].contains("feature `mail`"), "{problems:?}"),
    }
}

#[test]
fn what_a_section_lacks_comes_from_global_and_the_ends_are_told_as_upstream_does() {
    let global = Global { slack_api_url: Some("https://slack.example/".into()), ..Global::default() };
    let yaml = "slack_configs: [{channel: '#a'}]\n\
                pagerduty_configs: [{routing_key: x}]\n\
                webhook_configs: [{url: 'http://a/'}]\n";
    let receivers = built(yaml, &global).unwrap();
    let shown: Vec<_> =
        receivers.iter().map(|receiver| (receiver.kind(), receiver.send_resolved())).collect();
    assert_eq!(shown, [("webhook", true), ("pagerduty", true), ("slack", false)]);
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_place_and_mend() {
    let yaml = "slack_configs: [{}, {api_url: 'x.com/s3cret'}, {api_url: 'http://a/', api_url_file: b}]\n\
                pagerduty_configs: [{}, {service_key: s3cret}]\n\
                webhook_configs: [{}, {url: 's3cret'}]\n";
    let problems = built(yaml, &Global::default()).unwrap_err();
    let expected = [
        "webhook_configs[0]: url is missing; add url, or url_file with a file that holds it",
        "webhook_configs[1]: url: it begins neither with http:// nor with https://",
        "pagerduty_configs[0]: routing_key is missing; add routing_key, or routing_key_file with a file that holds it",
        "pagerduty_configs[1]: service_key and service_key_file are for PagerDuty's Events API v1, which is not spoken \
         here; add an integration \"Events API v2\" to the service and write its key as routing_key",
        "slack_configs[0]: api_url is missing; add api_url or api_url_file, here or as slack_api_url in global",
        "slack_configs[1]: api_url: it is no URL; give one as in https://example.com/path",
        "slack_configs[2]: api_url and api_url_file are both given, and only one can count; remove one",
    ];
    assert_eq!(problems, expected.map(|problem| format!("receiver \"ops\", {problem}")));
    assert!(!problems.join("").contains("s3cret"));
}

#[test]
fn a_key_that_is_not_there_is_refused_with_its_name() {
    for yaml in [
        "slack_configs: [{chanel: '#a'}]",
        "slack_configs: [{actions: [{kind: a}]}]",
        "pagerduty_configs: [{key: a}]",
        "webhook_configs: [{max_alert: 1}]",
        "webhook_configs: [{max_alerts: -1, url: 'http://a/'}]",
        "webhook_configs: [{timeout: 5 seconds, url: 'http://a/'}]",
    ] {
        let problems = built(yaml, &Global::default()).unwrap_err();
        assert!(problems[0].contains("line 1") || problems[0].contains("1:"), "{problems:?}");
    }
}
