//! One event (<https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>).

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::alert::Alert;
use crate::alert::Status;
use crate::alert::notify::{Notice, Notification};
use crate::alert::receivers::facts::{cut, link, rfc3339, said};
use crate::alert::receivers::pagerduty::config::PagerDutyConfig;
use crate::alert::receivers::texts::Texts;
use crate::alert::{Severity, wire};

/// Characters of a summary.
const SUMMARY: usize = 1_024;
/// Characters of a dedup key.
const KEY: usize = 255;
/// Bytes of an event.
const EVENT: usize = 512 * 1024;

/// What an event does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    Trigger,
    Acknowledge,
    Resolve,
}

#[derive(Debug, Serialize)]
pub(crate) struct Event {
    routing_key: String,
    event_action: Action,
    dedup_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Payload>,
    #[serde(skip_serializing_if = "String::is_empty")]
    client: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    client_url: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Value>,
}

#[derive(Debug, Serialize)]
struct Payload {
    summary: String,
    source: String,
    severity: &'static str,
    timestamp: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    component: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    group: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    class: String,
    custom_details: Map<String, Value>,
}

impl Action {
    pub(crate) fn of(status: Status) -> Self {
        match status {
            Status::Firing => Self::Trigger,
            Status::Resolved => Self::Resolve,
        }
    }
}

impl Event {
    /// What is said of one alert. Only a trigger tells more than which alert it is.
    pub(crate) fn new(
        action: Action,
        routing_key: String,
        notice: &Notice,
        notification: &Notification,
        config: &PagerDutyConfig,
        texts: &Texts,
    ) -> Self {
        let alert = &*notice.alert;
        let mut event = Self {
            routing_key,
            event_action: action,
            dedup_key: dedup_key(alert, notification),
            payload: None,
            client: String::new(),
            client_url: String::new(),
            images: Vec::new(),
            links: Vec::new(),
        };
        if action == Action::Trigger {
            let one = Notification { alerts: vec![notice.clone()], ..notification.clone() };
            event.tell(alert, &one, config, texts);
        }
        event
    }

    fn tell(&mut self, alert: &Alert, one: &Notification, config: &PagerDutyConfig, texts: &Texts) {
        let text = |key: &str, template: &Option<String>| {
            template.as_deref().map(|template| texts.text(key, template, one)).filter(|text| !text.is_empty())
        };
        let named = |key: &str, template: &Option<String>, name: &str| {
            let template = template.as_ref().filter(|template| !template.is_empty());
            texts.text_or(key, template, &format!("pagerduty.default.{name}"), one)
        };
        self.client = named("client", &config.client, "client");
        self.client_url = named("client_url", &config.client_url, "clientURL");
        self.images = images(config, one, texts);
        self.links = links(config, alert, one, texts);
        let severity = text("severity", &config.severity);
        let severity = Severity::from(severity.as_deref().unwrap_or(alert.labels.get("severity")).trim());
        self.payload = Some(Payload {
            summary: cut(&named("description", &config.description, "description"), SUMMARY),
            source: text("source", &config.source).unwrap_or_else(|| source(alert)),
            severity: severity.pagerduty(),
            timestamp: rfc3339(alert.starts_at),
            component: text("component", &config.component).unwrap_or_default(),
            group: text("group", &config.group).unwrap_or_default(),
            class: text("class", &config.class).unwrap_or_default(),
            custom_details: details(config, alert, one, texts),
        });
        self.fit();
    }

    /// An event that is too large is refused whole, so its details are left out, and say so.
    fn fit(&mut self) {
        let size = serde_json::to_vec(self).map_or(0, |event| event.len());
        if size <= EVENT {
            return;
        }
        self.images.clear();
        self.links.clear();
        if let Some(payload) = &mut self.payload {
            payload.source = cut(&payload.source, SUMMARY);
            payload.component = cut(&payload.component, SUMMARY);
            payload.group = cut(&payload.group, SUMMARY);
            payload.class = cut(&payload.class, SUMMARY);
            let told = format!("left out: the event has {size} bytes, and PagerDuty takes {EVENT}");
            payload.custom_details = Map::from_iter([("details".to_owned(), Value::String(told))]);
        }
        self.client = cut(&self.client, SUMMARY);
        self.client_url = cut(&self.client_url, SUMMARY);
    }
}

/// One incident for each alert; replicas that each send for themselves have incidents of their own.
fn dedup_key(alert: &Alert, notification: &Notification) -> String {
    let fingerprint = alert.fingerprint();
    match &notification.instance {
        Some(instance) => cut(&format!("{fingerprint}/{instance}"), KEY),
        None => fingerprint.to_string(),
    }
}

/// What is broken: never empty, since PagerDuty refuses that.
fn source(alert: &Alert) -> String {
    let labels = ["instance", "service", "job"].map(|name| alert.labels.get(name));
    labels.into_iter().find(|value| !value.is_empty()).unwrap_or("tower-watch").to_owned()
}

fn details(config: &PagerDutyConfig, alert: &Alert, one: &Notification, texts: &Texts) -> Map<String, Value> {
    let labels = wire::labels::serialize(&alert.labels, serde_json::value::Serializer).unwrap_or_default();
    let mut details = Map::new();
    details.insert("labels".to_owned(), labels);
    details.insert("annotations".to_owned(), json!(alert.annotations));
    if let Some(value) = alert.value {
        details.insert("value".to_owned(), Value::String(value.to_string()));
    }
    if let Some(url) = link(&alert.generator_url) {
        details.insert("generatorURL".to_owned(), Value::String(url.to_owned()));
    }
    for (key, template) in &config.details {
        details.insert(key.clone(), Value::String(texts.text(&format!("details.{key}"), template, one)));
    }
    details
}

fn images(config: &PagerDutyConfig, one: &Notification, texts: &Texts) -> Vec<Value> {
    let images = config.images.iter().map(|image| {
        let text = |key: &str, template: &str| texts.text(key, template, one);
        (text("images.src", &image.src), text("images.href", &image.href), text("images.alt", &image.alt))
    });
    let images = images.filter(|(source, ..)| !source.is_empty());
    images.map(|(source, href, alt)| object([("src", source), ("href", href), ("alt", alt)])).collect()
}

fn links(config: &PagerDutyConfig, alert: &Alert, one: &Notification, texts: &Texts) -> Vec<Value> {
    let own = config
        .links
        .iter()
        .map(|link| (texts.text("links.href", &link.href, one), texts.text("links.text", &link.text, one)));
    let mut links: Vec<_> = own.filter(|(href, _)| !href.is_empty()).collect();
    if config.links.is_empty() {
        let runbook = said(&alert.annotations, &["runbook_url"]).and_then(link);
        links.extend(runbook.map(|url| (url.to_owned(), "Runbook".to_owned())));
        links.extend(link(&alert.generator_url).map(|url| (url.to_owned(), "Query".to_owned())));
    }
    links.into_iter().map(|(href, text)| object([("href", href), ("text", text)])).collect()
}

fn object<const N: usize>(entries: [(&str, String); N]) -> Value {
    let entries = entries.into_iter().filter(|(_, value)| !value.is_empty());
    Value::Object(entries.map(|(key, value)| (key.to_owned(), Value::String(value))).collect())
}
