//! The methods of HTTP, told apart as far as a label may tell them.

use http::Method;

/// The methods that are told apart; any other is `_OTHER`, as in OpenTelemetry's conventions.
static METHODS: [Method; 9] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::HEAD,
    Method::OPTIONS,
    Method::CONNECT,
    Method::TRACE,
];

/// The place of any other method.
#[allow(clippy::cast_possible_truncation, reason = "there are nine")]
const OTHER: u8 = METHODS.len() as u8;

/// The place of a method in a table of all that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MethodIndex(u8);

impl MethodIndex {
    /// The length of such a table.
    pub(crate) const COUNT: usize = METHODS.len() + 1;

    pub(crate) fn of(method: &Method) -> Self {
        Self((0..OTHER).find(|index| METHODS[usize::from(*index)] == *method).unwrap_or(OTHER))
    }

    pub(crate) fn place(self) -> usize {
        usize::from(self.0)
    }

    pub(crate) fn label(self) -> &'static str {
        ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", "_OTHER"]
            [self.place()]
    }
}
