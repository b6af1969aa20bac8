//! How Go writes numbers, times and texts: what its packages `fmt`, `strconv`, `time` and `net/url` document
//! (<https://pkg.go.dev/fmt>, <https://pkg.go.dev/time#Layout>), as far as templates show it.

mod duration;
mod float;
mod layout;
mod print;
mod printf;
mod query;
mod quote;

pub(crate) use crate::alert::template::go::duration::duration;
pub(crate) use crate::alert::template::go::float::{exponent, float, general, parse_float};
pub(crate) use crate::alert::template::go::layout::{format_time, month, time, weekday};
pub(crate) use crate::alert::template::go::print::{Names, print, show};
pub(crate) use crate::alert::template::go::printf::printf;
pub(crate) use crate::alert::template::go::query::{query_escape, query_unescape};
