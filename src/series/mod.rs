//! The series store: the recent past of every metric, in the process.
//!
//! A tick reads all registers and appends their values; PromQL ([`crate::promql`]) reads them. What lives here
//! knows series, samples and time, and nothing of expressions, alerts or HTTP. It is never on the path of a
//! request: who records a number touches a register and not the store.

mod dialect;
pub mod disk;
mod history;
mod labels;
mod lookup;
mod matcher;
mod meters;
mod overflow;
mod quote;
mod retention;
mod sample;
mod sampler;
mod store;
mod stream;
mod symbols;
mod timeline;

pub use crate::series::labels::{Label, Labels};
pub(crate) use crate::series::matcher::anchored;
pub use crate::series::matcher::{MatchOp, Matcher, MatcherError};
pub use crate::series::retention::{Retention, RetentionError};
pub use crate::series::sample::{STALE, Samples, is_stale};
pub use crate::series::sampler::{Sampler, SamplerSettings};
pub use crate::series::store::{AppendError, Selected, Store, StoreSettings, StoreSize, TooManySamples};
pub(crate) use crate::series::timeline::Timeline;
