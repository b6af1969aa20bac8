//! The same samples and the same queries, asked of a real Prometheus and of us: the answers are the same.
//!
//! Debian's Prometheus is 2.42, and what is spoken here is the language of Prometheus 3. So nobody is asked where they
//! are known to differ:
//!
//! - Ranges, subqueries and the lookback are closed on the left there: no sample lies at an end here. Samples lie
//!   beside the half seconds that are asked, ranges are whole seconds, and the ranges of subqueries are no multiples
//!   of their steps.
//! - A counter whose window begins with a gap, and that could have begun in that gap, is extrapolated back by up to
//!   1.1 intervals there and by half of one here: counters with gaps are far from zero, and `rate` is not asked of gauges.
//! - `holt_winters` and native histograms are not known here; numbers as durations (`x[300]`), `histogram_fraction` of
//!   classic buckets, UTF-8 names, and the experimental functions are not known there; in a regular expression `.`
//!   means no newline there.
//! - Series that lose their names become one where they never meet at one moment; there the minus before a vector
//!   looks at the whole range and refuses.
//! - `predict_linear` of a range that `@` fixes predicts from that range here, and from one that moves on with the
//!   steps there. `atan2` of two whole series keeps the name there.
//! - The date of what is no number is no number here; there it is what the processor makes of it.
//! - The deviation of a single value that is no number is no number here, and 0 there.
//! - A subquery without any moment, of what `@` fixes, has a value after its end there.
//! - Which of two equal values `topk` keeps, and how `sort` orders them, is nobody's promise.
//! - 2.42 has no annotations, so none is compared.

pub(crate) mod answer;
mod compare;
mod differential;
