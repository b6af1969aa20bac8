//! The receivers that a configuration's section describes.

use std::sync::Arc;

use serde::Deserialize;

use crate::alert::config::Global;
use crate::alert::receivers::email::EmailConfig;
use crate::alert::receivers::pagerduty::PagerDutyConfig;
use crate::alert::receivers::slack::SlackConfig;
use crate::alert::receivers::webhook::WebhookConfig;
use crate::alert::receivers::{PagerDuty, Receiver, Slack, Webhook};
use crate::alert::template::Templates;

/// What stands beside the name of a receiver: the kinds that there are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sections {
    pub(crate) webhook_configs: Vec<WebhookConfig>,
    pub(crate) email_configs: Vec<EmailConfig>,
    pub(crate) pagerduty_configs: Vec<PagerDutyConfig>,
    pub(crate) slack_configs: Vec<SlackConfig>,
}

/// The receivers that these sections describe, in the order of Alertmanager, with what they inherit filled in.
///
/// # Errors
///
/// All that is wrong with them, each with its place (`slack_configs[0]: ...`) and the mend.
pub(crate) fn build(
    name: &str,
    sections: Sections,
    global: &Global,
    templates: &Arc<Templates>,
) -> Result<Vec<Arc<dyn Receiver>>, Vec<String>> {
    let mut built = Built { name, receivers: Vec::new(), problems: Vec::new() };
    for (index, config) in sections.webhook_configs.into_iter().enumerate() {
        let webhook = Webhook::from_config(config, global);
        built.add("webhook_configs", index, webhook.map(|receiver| Arc::new(receiver) as _));
    }
    for (index, config) in sections.email_configs.into_iter().enumerate() {
        built.add("email_configs", index, config.receiver(global, templates));
    }
    for (index, config) in sections.pagerduty_configs.into_iter().enumerate() {
        let pagerduty = PagerDuty::from_config(config, global, templates);
        built.add("pagerduty_configs", index, pagerduty.map(|receiver| Arc::new(receiver) as _));
    }
    for (index, config) in sections.slack_configs.into_iter().enumerate() {
        let slack = Slack::from_config(config, global, templates);
        built.add("slack_configs", index, slack.map(|receiver| Arc::new(receiver) as _));
    }
    if built.problems.is_empty() { Ok(built.receivers) } else { Err(built.problems) }
}

struct Built<'a> {
    name: &'a str,
    receivers: Vec<Arc<dyn Receiver>>,
    problems: Vec<String>,
}

impl Built<'_> {
    fn add(&mut self, section: &str, index: usize, made: Result<Arc<dyn Receiver>, String>) {
        let checked = made.map_err(|problem| vec![problem]).and_then(|receiver| {
            receiver.check()?;
            Ok(receiver)
        });
        match checked {
            Ok(receiver) => self.receivers.push(receiver),
            Err(problems) => {
                let place = format!("receiver {:?}, {section}[{index}]", self.name);
                self.problems.extend(problems.into_iter().map(|problem| format!("{place}: {problem}")));
            }
        }
    }
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
