//! The text of labels, annotations and messages: the part of Go's templates that rule files and Alertmanager
//! configurations use (<https://prometheus.io/docs/prometheus/latest/configuration/template_reference/>,
//! <https://prometheus.io/docs/alerting/latest/notifications/>).
//!
//! [`Template`] is for rules, [`Templates`] for notifications. Both are small engines of our own over the same language
//! (<https://pkg.go.dev/text/template>): everything but the function `call`, complex numbers, and indexes of arguments in
//! `printf`. What Go would find wrong when a text is expanded is found when it is read where that is possible, with line,
//! column and a mend: a function that is not there, a wrong number of arguments, a template that is not defined.
//!
//! # Functions
//!
//! | where | functions |
//! |---|---|
//! | everywhere | `and` `or` `not` `eq` `ne` `lt` `le` `gt` `ge` `len` `index` `slice` `print` `printf` `println` `html` `js` `urlquery` |
//! | rules and notifications | `title` (each as its own side does it) `toUpper` `toLower` `match` `reReplaceAll` `safeHtml` `humanizeDuration` |
//! | rules | `query` `first` `label` `value` `strvalue` `sortByLabel` `humanize` `humanize1024` `humanizePercentage` `humanizeTimestamp` `toTime` `toDuration` `now` `parseDuration` `stripPort` `stripDomain` `graphLink` `tableLink` `args` `externalURL` `pathPrefix` `urlQueryEscape` |
//! | notifications | `trimSpace` `join` `safeUrl` `urlUnescape` `stringSlice` `date` `tz` `since` `toJson`, and ours: `severityTag` `severityColor` |
//!
//! Ours are what the one table of severities says ([`Severity`](crate::alert::Severity)) of an alert, or of the worst one
//! that fires in a notification: `[CRITICAL]` and `#a30200`. Alertmanager does not know them.
//!
//! A notification's alerts have one field that Alertmanager does not know: `ValueString`, what the rule's expression was worth.
//! The notification itself has `Reason`, why it is sent: `news`, `repeat`, `escalation` or `test`.
//!
//! # Bounds
//!
//! What templates print comes from strangers, and what they do is bounded: 64 KiB of text (256 KiB of HTML), 200,000 steps, 120 levels. An
//! expansion never panics, and takes time in proportion to the template and what it prints.

mod data;
mod error;
pub(crate) mod escape;
mod functions;
mod go;
mod html;
mod output;
mod rule;
mod run;
mod templates;
mod text;
mod value;

pub use crate::alert::template::error::TemplateError;
pub use crate::alert::template::rule::{QueryFn, RuleData, Template};
pub use crate::alert::template::templates::Templates;

#[cfg(test)]
mod tests;
