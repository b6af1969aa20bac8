//! Which alerts are asked for.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use regex::Regex;

use crate::alert::config::parse_matchers;
use crate::alert::engine::AlertView;
use crate::http::alert_api::answer::Failure;
use crate::http::query_api::form::Form;
use crate::series::{Labels, Matcher, anchored};

/// The most matchers of a request, and the most bytes of all of them: each is tried on every alert.
const MOST: usize = 100;

/// The parameters of a request.
#[derive(Clone, Debug)]
pub(crate) struct Parameters(pub(crate) Form);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Failure;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let form = Form::of_query(head.uri.query().unwrap_or(""));
        form.map(Self).map_err(|error| Failure::bad(error.message()))
    }
}

impl Parameters {
    /// All matchers of `filter`, each of which has to hold.
    pub(crate) fn matchers(&self) -> Result<Vec<Matcher>, Failure> {
        let mut matchers = Vec::new();
        for text in self.0.all("filter") {
            let parsed = parse_matchers(text);
            matchers.extend(parsed.map_err(|fault| Failure::bad(format!("bad filter {text:?}: {fault}")))?);
            if matchers.len() > MOST {
                return Err(Failure::bad(format!("there are more than {MOST} matchers in filter")));
            }
        }
        Ok(matchers)
    }

    /// A flag, which holds unless it is said that it does not.
    fn flag(&self, name: &str) -> Result<bool, Failure> {
        match self.0.get(name) {
            "" | "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            other => Err(Failure::bad(format!("{name} is true or false, and not {other:?}"))),
        }
    }
}

/// What has to hold for an alert that is shown.
#[derive(Debug)]
pub(crate) struct AlertFilter {
    matchers: Vec<Matcher>,
    receiver: Option<Regex>,
    active: bool,
    silenced: bool,
    inhibited: bool,
    muted: bool,
    unprocessed: bool,
}

impl AlertFilter {
    pub(crate) fn read(parameters: &Parameters) -> Result<Self, Failure> {
        let receiver = match parameters.0.get("receiver") {
            "" => None,
            text => Some(
                anchored(text).map_err(|fault| Failure::bad(format!("bad receiver {text:?}: {fault}")))?,
            ),
        };
        Ok(Self {
            matchers: parameters.matchers()?,
            receiver,
            active: parameters.flag("active")?,
            silenced: parameters.flag("silenced")?,
            inhibited: parameters.flag("inhibited")?,
            muted: parameters.flag("muted")?,
            unprocessed: parameters.flag("unprocessed")?,
        })
    }

    /// Whether an alert is shown.
    pub(crate) fn shows(&self, view: &AlertView) -> bool {
        (self.active || view.is_suppressed() || !view.processed)
            && (self.silenced || view.silenced_by.is_empty())
            && (self.inhibited || view.inhibited_by.is_empty())
            && (self.muted || view.muted_by.is_empty())
            && (self.unprocessed || view.processed)
            && view.receivers.iter().any(|name| self.shows_receiver(name))
            && all_hold(&self.matchers, &view.alert.labels)
    }

    pub(crate) fn shows_receiver(&self, name: &str) -> bool {
        self.receiver.as_ref().is_none_or(|pattern| pattern.is_match(name))
    }
}

/// Whether labels pass all of these.
pub(crate) fn all_hold(matchers: &[Matcher], labels: &Labels) -> bool {
    matchers.iter().all(|matcher| matcher.matches(labels.get(matcher.name())))
}
