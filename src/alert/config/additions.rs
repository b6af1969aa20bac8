//! What an Alertmanager configuration has no words for: escalation, flapping, and how long an acknowledgement holds.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::alert::config::duration::Written;
use crate::alert::config::problem::{Place, Problem};
use crate::alert::config::tree::check_name;
use crate::alert::config::yaml::{self, Placed};
use crate::alert::config::{Routing, RoutingError};

/// What there is beside an Alertmanager configuration.
///
/// It stands in a file of its own, so that the routing file stays one that Alertmanager takes:
///
/// ```yaml
/// escalation:
///   - severity: critical
///     receiver: second-line
///     after: 5m
///   - severity: critical
///     receiver: management
///     after: 30m
///   - severity: high
///     receiver: second-line
/// flapping:
///   changes: 6
///   window: 15m
///   calm: 10m
/// acknowledgement:
///   expires_after: 8h
/// ```
///
/// Nothing escalates where no step is given. `flapping: {enabled: false}` tells of every change.
#[derive(Clone, Debug)]
pub struct Additions {
    file: Option<PathBuf>,
    escalation: Vec<(Placed<String>, Escalation)>,
    flapping: Option<Flapping>,
    acknowledgement_expiry: Option<Duration>,
}

/// Who is told next where nobody acknowledges an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Escalation {
    /// The alerts that it is for, by their label `severity`.
    pub severity: String,
    /// How long after an alert was told first.
    pub after: Duration,
    /// The receiver that is told then.
    pub receiver: String,
}

/// When an alert counts as coming and going, and when no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flapping {
    /// More than so many changes from firing to resolved and back. 6.
    pub changes: usize,
    /// In this time. 15 minutes.
    pub window: Duration,
    /// Until there was none for so long. 10 minutes.
    pub calm: Duration,
}

impl Default for Flapping {
    fn default() -> Self {
        Self { changes: 6, window: Duration::from_secs(15 * 60), calm: Duration::from_secs(10 * 60) }
    }
}

impl Default for Additions {
    fn default() -> Self {
        Self {
            file: None,
            escalation: Vec::new(),
            flapping: Some(Flapping::default()),
            acknowledgement_expiry: None,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FileSection {
    escalation: Vec<StepSection>,
    flapping: FlappingSection,
    acknowledgement: AcknowledgementSection,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepSection {
    severity: String,
    receiver: Placed<String>,
    after: Option<Placed<Written>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FlappingSection {
    enabled: Option<bool>,
    changes: Option<Placed<u32>>,
    window: Option<Placed<Written>>,
    calm: Option<Placed<Written>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AcknowledgementSection {
    expires_after: Option<Placed<Written>>,
}

impl Additions {
    /// No escalation, flapping with its defaults, and acknowledgements that hold until the alert ends.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, each with file, line, column, key and the mend.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, RoutingError> {
        let path = path.as_ref();
        let read = crate::alert::files::text(path)
            .map_err(|message| RoutingError::new(vec![Problem::new(Place::default(), "", message)]))
            .and_then(|text| Self::from_yaml(&text));
        match read {
            Ok(additions) => Ok(Self { file: Some(path.to_path_buf()), ..additions }),
            Err(error) => Err(error.in_file(path)),
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, each with line, column, key and the mend.
    pub fn from_yaml(text: &str) -> Result<Self, RoutingError> {
        let mut problems = Vec::new();
        let root = yaml::read(text, &mut problems).map_err(|problem| RoutingError::new(vec![problem]))?;
        let section: FileSection =
            root.and_then(|root| yaml::decode(&root, "", None, &mut problems)).unwrap_or_default();
        let additions = section.additions(&mut problems);
        if problems.is_empty() { Ok(additions) } else { Err(RoutingError::new(problems)) }
    }

    /// Tells this receiver of alerts of this severity (`critical`) that nobody has acknowledged so long after they were told
    /// first. Steps of one severity come in the order of their times.
    #[must_use]
    pub fn escalate(
        mut self,
        severity: impl Into<String>,
        after: Duration,
        receiver: impl Into<String>,
    ) -> Self {
        let step = Escalation { severity: severity.into(), after, receiver: receiver.into() };
        let at = Placed { value: step.receiver.clone(), ..Placed::default() };
        self.escalation.push((at, step));
        self
    }

    /// Says when an alert counts as coming and going; `None` for never.
    #[must_use]
    pub fn with_flapping(mut self, flapping: Option<Flapping>) -> Self {
        self.flapping = flapping;
        self
    }

    /// Lets an acknowledgement that names no end hold for so long; by default until the alert ends.
    #[must_use]
    pub fn with_acknowledgement_expiry(mut self, after: Duration) -> Self {
        self.acknowledgement_expiry = Some(after);
        self
    }

    /// The steps of escalation, by severity and then by their times.
    #[must_use]
    pub fn escalation(&self) -> Vec<Escalation> {
        let mut steps: Vec<Escalation> = self.escalation.iter().map(|(_, step)| step.clone()).collect();
        steps.sort_by(|one, other| (&one.severity, one.after).cmp(&(&other.severity, other.after)));
        steps
    }

    /// When an alert counts as coming and going; `None` for never.
    #[must_use]
    pub fn flapping(&self) -> Option<&Flapping> {
        self.flapping.as_ref()
    }

    /// For how long an acknowledgement holds that names no end; `None` until the alert ends.
    #[must_use]
    pub fn acknowledgement_expiry(&self) -> Option<Duration> {
        self.acknowledgement_expiry
    }

    /// What is wrong with it beside this routing: receivers that it has not.
    #[must_use]
    pub fn problems(&self, routing: &Routing) -> Vec<Problem> {
        let known = routing.receivers.iter().map(|receiver| receiver.name.clone()).collect();
        let mut problems = Vec::new();
        for (name, step) in &self.escalation {
            check_name(name, "receiver", &known, &mut problems);
            if step.after.is_zero() {
                problems
                    .push(name.problem("a step of escalation comes at once; say after how long, as in 5m"));
            }
        }
        for problem in &mut problems {
            problem.file.clone_from(&self.file);
        }
        problems
    }
}

impl FileSection {
    fn additions(self, problems: &mut Vec<Problem>) -> Additions {
        let escalation = self.escalation.into_iter().map(|step| step.step(problems)).collect();
        let mut positive = |duration: Option<Placed<Written>>, default: Option<Duration>| {
            let Some(duration) = duration else { return default };
            if duration.value.0.is_zero() {
                problems.push(duration.problem("this is zero; write how long, as in 15m"));
            }
            Some(duration.value.0)
        };
        let usual = Flapping::default();
        let flapping = Flapping {
            changes: self.flapping.changes.as_ref().map_or(usual.changes, |changes| changes.value as usize),
            window: positive(self.flapping.window, None).unwrap_or(usual.window),
            calm: positive(self.flapping.calm, None).unwrap_or(usual.calm),
        };
        let acknowledgement_expiry = positive(self.acknowledgement.expires_after, None);
        if let Some(changes) = self.flapping.changes.filter(|changes| changes.value < 2) {
            problems.push(changes.problem("one change is how every alert begins; write 2 or more"));
        }
        let is_enabled = self.flapping.enabled.unwrap_or(true);
        Additions { file: None, escalation, flapping: is_enabled.then_some(flapping), acknowledgement_expiry }
    }
}

impl StepSection {
    fn step(self, problems: &mut Vec<Problem>) -> (Placed<String>, Escalation) {
        let usual = match self.severity.as_str() {
            "critical" => Some(Duration::from_secs(5 * 60)),
            "high" => Some(Duration::from_secs(15 * 60)),
            _ => None,
        };
        let after = self.after.map(|after| after.value.0).or(usual);
        if after.is_none() {
            let message = "after is missing; only critical (5m) and high (15m) have one by default";
            problems.push(self.receiver.problem(message));
        }
        let receiver = self.receiver.value.clone();
        (self.receiver, Escalation { severity: self.severity, after: after.unwrap_or_default(), receiver })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Additions, Flapping};
    use crate::alert::config::Routing;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_file_says_what_code_says() {
        let text = "
escalation:
  - {severity: critical, receiver: boss, after: 30m}
  - {severity: critical, receiver: second}
  - {severity: high, receiver: second}
flapping: {changes: 4, calm: 20m}
acknowledgement: {expires_after: 8h}
";
        let read = Additions::from_yaml(text).unwrap();
        let flapping = Flapping { changes: 4, window: 15 * MINUTE, calm: 20 * MINUTE };
        let written = Additions::new()
            .escalate("critical", 5 * MINUTE, "second")
            .escalate("critical", 30 * MINUTE, "boss")
            .escalate("high", 15 * MINUTE, "second")
            .with_flapping(Some(flapping))
            .with_acknowledgement_expiry(480 * MINUTE);
        assert_eq!(read.escalation(), written.escalation());
        assert_eq!(read.flapping(), written.flapping());
        assert_eq!(read.acknowledgement_expiry(), written.acknowledgement_expiry());
        assert!(Additions::from_yaml("flapping: {enabled: no}").unwrap().flapping().is_none());
        assert_eq!(Additions::from_yaml("").unwrap().flapping(), Some(&Flapping::default()));
    }

    #[test]
    fn mistakes_are_told_together_with_their_places() {
        let text = "
escalation:
  - {severity: low, receiver: a}
  - {severity: critical, reciever: a}
flapping: {changes: 1, window: 0s}
acknowledgment: {}
";
        let error = Additions::from_yaml(text).unwrap_err();
        let told = "\
3:31: escalation[0].receiver: after is missing; only critical (5m) and high (15m) have one by default
4:26: escalation[1].reciever: there is no such key; did you mean receiver?
5:21: flapping.changes: one change is how every alert begins; write 2 or more
5:32: flapping.window: this is zero; write how long, as in 15m
6:1: acknowledgment: there is no such key; did you mean acknowledgement?";
        assert_eq!(error.to_string(), told);
    }

    #[test]
    fn names_are_those_of_the_routing() {
        let routing = Routing::log();
        assert_eq!(Additions::new().escalate("critical", MINUTE, "log").problems(&routing), []);
        let problems = Additions::new().escalate("critical", MINUTE, "lgo").problems(&routing);
        assert_eq!(problems[0].to_string(), "no receiver is called \"lgo\"; did you mean \"log\"?");
        let problems = Additions::new().escalate("critical", Duration::ZERO, "log").problems(&routing);
        assert!(problems[0].message.starts_with("a step of escalation comes at once"));
    }
}
