//! What is watched for.
//!
//! A [`RuleGroup`] is what Prometheus knows under that name, whether it comes from a rule file, from code, from one line of
//! text, or from the ready set. All become the same [`Rule`]. Nothing is evaluated here, and nothing here knows time: rules
//! are read and checked at the start and at a reload, and all that is wrong is told together.
//!
//! | file | what it holds |
//! |---|---|
//! | `group`, `rule` | what everything becomes |
//! | `files`, `yaml`, `node`, `place`, `names` | rule files, and the place of each mistake in them |
//! | `export`, `keep`, `duration` | rules as a rule file |
//! | `builder`, `metric`, `condition`, `line`, `set` | rules in code: with PromQL, without, in one line; and all together |
//! | `ready`, `ready_table` | the rules that a service has without saying any |
//! | `check`, `bounds`, `missing` | what is surely not meant, and what finds nothing |

mod bounds;
mod builder;
mod check;
mod condition;
mod duration;
mod export;
mod files;
mod group;
mod keep;
mod line;
mod metric;
mod missing;
mod names;
mod node;
mod place;
mod problem;
mod ready;
mod ready_table;
mod rule;
mod set;
mod yaml;

pub use crate::alert::rules::builder::RuleBuilder;
pub use crate::alert::rules::group::RuleGroup;
pub use crate::alert::rules::line::LineError;
pub use crate::alert::rules::metric::MetricRule;
pub use crate::alert::rules::missing::MissingSelector;
pub use crate::alert::rules::problem::{RuleProblem, RuleProblems};
pub use crate::alert::rules::ready::{Adjusted, Ready};
pub use crate::alert::rules::ready_table::ReadyRule;
pub use crate::alert::rules::rule::{AlertingRule, Origin, RecordingRule, Rule};
pub use crate::alert::rules::set::{IntoRules, RuleSet};
