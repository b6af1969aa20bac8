//! What is watched for.
//!
//! A [`RuleGroup`] is what Prometheus knows under that name, whether it comes from a rule file, from code, from one line of
//! text, or from the ready set. All become the same [`Rule`]. Nothing is evaluated here, and nothing here knows time.

mod group;
mod rule;

pub use crate::alert::rules::group::RuleGroup;
pub use crate::alert::rules::rule::{AlertingRule, Origin, RecordingRule, Rule};
