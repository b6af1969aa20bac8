//! The text of labels, annotations and messages: the part of Go's templates that rule files and Alertmanager
//! configurations use (<https://prometheus.io/docs/prometheus/latest/configuration/template_reference/>,
//! <https://prometheus.io/docs/alerting/latest/notifications/>).

mod error;
mod rule;
mod templates;

pub use crate::alert::template::error::TemplateError;
pub use crate::alert::template::rule::{QueryFn, RuleData, Template};
pub use crate::alert::template::templates::Templates;
