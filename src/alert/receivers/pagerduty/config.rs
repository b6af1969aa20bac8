//! The section `pagerduty_configs`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::alert::config::{HttpConfig, Secret, duration};

/// An item of `pagerduty_configs` (<https://prometheus.io/docs/alerting/latest/configuration/#pagerduty_config>).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PagerDutyConfig {
    pub(crate) send_resolved: Option<bool>,
    pub(crate) http_config: Option<HttpConfig>,
    pub(crate) routing_key: Option<Secret>,
    pub(crate) routing_key_file: Option<PathBuf>,
    pub(crate) service_key: Option<Secret>,
    pub(crate) service_key_file: Option<PathBuf>,
    pub(crate) url: Option<Secret>,
    pub(crate) client: Option<String>,
    pub(crate) client_url: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) severity: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) details: BTreeMap<String, String>,
    pub(crate) images: Vec<Image>,
    pub(crate) links: Vec<Link>,
    pub(crate) class: Option<String>,
    pub(crate) component: Option<String>,
    pub(crate) group: Option<String>,
    #[serde(deserialize_with = "duration::optional")]
    pub(crate) timeout: Option<Duration>,
}

/// An item of `images`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Image {
    pub(crate) href: String,
    pub(crate) src: String,
    pub(crate) alt: String,
}

/// An item of `links`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) text: String,
}

impl PagerDutyConfig {
    /// All that are templates, by their key.
    pub(crate) fn texts(&self) -> Vec<(&str, Option<&String>)> {
        let mut texts = vec![
            ("client", self.client.as_ref()),
            ("client_url", self.client_url.as_ref()),
            ("description", self.description.as_ref()),
            ("severity", self.severity.as_ref()),
            ("source", self.source.as_ref()),
            ("class", self.class.as_ref()),
            ("component", self.component.as_ref()),
            ("group", self.group.as_ref()),
        ];
        texts.extend(self.details.values().map(|template| ("details", Some(template))));
        for image in &self.images {
            let Image { href, src, alt } = image;
            texts.extend([("images.href", href), ("images.src", src), ("images.alt", alt)].map(some));
        }
        for link in &self.links {
            texts.extend([("links.href", &link.href), ("links.text", &link.text)].map(some));
        }
        texts
    }
}

fn some<'a>((key, text): (&'a str, &'a String)) -> (&'a str, Option<&'a String>) {
    (key, Some(text))
}
