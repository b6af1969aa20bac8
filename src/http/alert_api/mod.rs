//! Alertmanager's HTTP API over the alert engine: what `amtool`, Grafana, Karma and every client of Alertmanager speak, and
//! beside it what Alertmanager has not.
//!
//! In comes a request, out goes the same JSON as upstream's
//! (<https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>), with the same status codes; an error is a
//! JSON string. What changes something has to be `application/json`, which no form of another site can send; a body has at
//! most 4 MiB. Everything is done on a thread for blocking work, since a change returns when it is on disk.
//!
//! | Path | What |
//! |---|---|
//! | `GET /api/v2/alerts` | alerts: `filter`, `receiver`, `active`, `silenced`, `inhibited`, `unprocessed` |
//! | `POST /api/v2/alerts` | raises alerts, or ends them |
//! | `GET /api/v2/alerts/groups` | the same alerts as they are told together |
//! | `GET`, `POST /api/v2/silences` | silences: `filter`; makes or changes one |
//! | `GET`, `DELETE /api/v2/silence/{id}` | one silence; ends it |
//! | `GET /api/v2/receivers` | names of receivers |
//! | `GET /api/v2/status` | version, configuration, since when |
//! | `GET /api/v1/rules`, `GET /api/v1/alerts` | Prometheus': how rules do, and what is pending or fires |
//! | `POST /api/v1/alerts/test?receiver=NAME` | sends a test message |
//! | `POST /-/reload` | reads rules and routing again: all or nothing |
//! | `POST /api/alerts/acknowledge` | `{"matchers": [..], "author": "..", "comment": ".."}` as in a silence: these are taken care of |
//! | `DELETE /api/alerts/acknowledge` | `{"matchers": [..], "author": ".."}`: nobody takes care of these any more |
//! | `GET /api/alerts/explain?fingerprint=..` or `?filter=..` | why alerts are told, or not |
//! | `GET /api/alerts/audit` | who did what |
//! | `GET /api/alerts/history` | alerts that are over |
//!
//! Alerts that come in here have the labels that they come with: `service`, `environment` and `instance` are this process'
//! own, and are put on what it has found itself.

mod alerts;
mod answer;
mod body;
mod filter;
mod groups;
mod moment;
mod own;
mod router;
mod silences;
mod status;
mod v1;

pub use crate::http::alert_api::router::AlertApi;
