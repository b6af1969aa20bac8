//! Rules and alerts over HTTP, as the tools of Prometheus and Alertmanager ask for them.

mod v1;

pub(crate) use crate::http::alert_api::v1::RulesApi;
