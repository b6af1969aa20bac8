//! The text of labels, annotations and messages: the part of Go's templates that rule files and Alertmanager
//! configurations use (<https://prometheus.io/docs/prometheus/latest/configuration/template_reference/>,
//! <https://prometheus.io/docs/alerting/latest/notifications/>).
