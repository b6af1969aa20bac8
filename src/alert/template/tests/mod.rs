//! Templates against what Prometheus and Alertmanager make of them.

mod bounds;
mod notifications;
mod places;
mod promtool;
mod rules;
