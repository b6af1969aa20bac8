//! Which rules are asked for.

use crate::alert::{GroupStatus, RuleKind, RuleStatus};
use crate::http::query_api::answer::ApiError;
use crate::http::query_api::form::Form;
use crate::http::query_api::parameters::selectors;
use crate::series::Matcher;

/// Which rules are asked for, and whether their alerts are.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    alerting: bool,
    recording: bool,
    names: Vec<String>,
    groups: Vec<String>,
    files: Vec<String>,
    selectors: Vec<Vec<Matcher>>,
    pub(crate) alerts: bool,
}

impl Filter {
    pub(crate) fn new(form: &Form) -> Result<Self, ApiError> {
        let (alerting, recording) = match form.get("type") {
            "" => (true, true),
            "alert" => (true, false),
            "record" => (false, true),
            other => {
                let fault = format!("not supported value {other:?}; it is \"alert\" or \"record\"");
                return Err(ApiError::parameter("type", fault));
            }
        };
        let texts = |name| form.all(name).map(str::to_owned).collect();
        Ok(Self {
            alerting,
            recording,
            names: texts("rule_name[]"),
            groups: texts("rule_group[]"),
            files: texts("file[]"),
            selectors: selectors(form)?,
            alerts: !excludes_alerts(form)?,
        })
    }

    pub(crate) fn takes_group(&self, group: &GroupStatus) -> bool {
        let file = group.file.as_deref().map(|file| file.display().to_string()).unwrap_or_default();
        is_among(&self.groups, &group.name) && is_among(&self.files, &file)
    }

    pub(crate) fn takes(&self, rule: &RuleStatus) -> bool {
        let (is_kind, name, labels) = match &rule.kind {
            RuleKind::Alerting(rule, _) => (self.alerting, &rule.name, &rule.labels),
            RuleKind::Recording(rule) => (self.recording, &rule.name, &rule.labels),
        };
        // What a template becomes is not the rule's to say.
        let label = |wanted: &str| {
            let own = labels.iter().find(|(name, value)| name == wanted && !value.contains("{{"));
            own.map_or("", |(_, value)| value.as_str())
        };
        let passes =
            |matchers: &Vec<Matcher>| matchers.iter().all(|matcher| matcher.matches(label(matcher.name())));
        is_kind
            && is_among(&self.names, name)
            && (self.selectors.is_empty() || self.selectors.iter().any(passes))
    }
}

fn is_among(wanted: &[String], name: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| wanted == name)
}

/// As Go reads a boolean.
fn excludes_alerts(form: &Form) -> Result<bool, ApiError> {
    match form.get("exclude_alerts") {
        "" | "0" | "f" | "F" | "false" | "False" | "FALSE" => Ok(false),
        "1" | "t" | "T" | "true" | "True" | "TRUE" => Ok(true),
        other => Err(ApiError::parameter(
            "exclude_alerts",
            format!("{other:?} is no boolean; it is \"true\" or \"false\""),
        )),
    }
}
