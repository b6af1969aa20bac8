//! Prometheus' `/api/v1/rules` and `/api/v1/alerts` (<https://prometheus.io/docs/prometheus/latest/querying/api/#rules>): what
//! Grafana lists rules by.
//!
//! What is shown is how the last evaluation left it; nobody here waits for one. Parameters of `/api/v1/rules`: `type`,
//! `rule_name[]`, `rule_group[]`, `file[]`, `exclude_alerts`, `match[]` (on labels that are no templates), `group_limit` and
//! `group_next_token`.

mod filter;
mod json;
mod lists;
mod pages;

pub(crate) use crate::http::alert_api::v1::lists::{alerts, rules};
