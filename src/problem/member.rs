//! The value of an extension member.

use std::borrow::Cow;

/// The value of a member that [`Problem`](crate::problem::Problem) adds to those of the standard.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the types of JSON")]
pub enum Member {
    Text(Cow<'static, str>),
    Integer(i64),
    /// `null` where it is not finite: JSON has no other numbers.
    Number(f64),
    Bool(bool),
}

impl From<&'static str> for Member {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Member {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for Member {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<i32> for Member {
    fn from(number: i32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u32> for Member {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<f64> for Member {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Member {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
