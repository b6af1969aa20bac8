//! Messages over HTTP: where to, with which credentials, and what the answer means.

mod address;
mod outcome;
mod post;

pub(crate) use crate::alert::receivers::http::address::Address;
pub(crate) use crate::alert::receivers::http::outcome::of_answer;
pub(crate) use crate::alert::receivers::http::post::{Http, json};
