//! Alerts as they are told together.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::http::alert_api::alerts::{Shown, labels};
use crate::http::alert_api::answer::{Failure, json};
use crate::http::alert_api::filter::{AlertFilter, Parameters};
use crate::http::alert_api::router::AlertApi;
use crate::http::alert_api::status::Receiver;
use crate::series::Labels;

#[derive(Serialize)]
struct ShownGroup<'a> {
    alerts: Vec<Shown<'a>>,
    #[serde(serialize_with = "labels")]
    labels: &'a Labels,
    receiver: Receiver<'a>,
}

pub(crate) async fn list(State(api): State<AlertApi>, parameters: Parameters) -> Result<Response, Failure> {
    let filter = AlertFilter::read(&parameters)?;
    api.blocking(move |engine| {
        let until = engine.resolve_timeout();
        let mut groups = engine.group_views();
        groups.retain(|group| filter.shows_receiver(&group.receiver));
        groups.iter_mut().for_each(|group| group.alerts.retain(|view| filter.shows(view)));
        groups.retain(|group| !group.alerts.is_empty());
        let shown = groups.iter().map(|group| ShownGroup {
            alerts: group.alerts.iter().map(|view| Shown::new(view, until)).collect(),
            labels: &group.labels,
            receiver: Receiver { name: &group.receiver },
        });
        Ok(json(&shown.collect::<Vec<_>>()))
    })
    .await
}
