//! What templates can call.
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

mod alertmanager;
mod builtin;
mod compare;
mod function;
mod humanize;
mod pattern;
mod prometheus;
mod shared;

pub(crate) use crate::alert::template::functions::function::{Arity, Call, Dialect, Function};
