//! The methods of HTTP, told apart as far as a label may tell them.

use http::Method;

/// The methods of RFC 9110 and RFC 5789. Any other is a client's own word, and has no place where values are counted.
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

/// What stands for any other method, as in OpenTelemetry's conventions.
pub(crate) const OTHER: &str = "_OTHER";

/// The place of any other method.
#[allow(clippy::cast_possible_truncation, reason = "there are nine")]
const OTHER_PLACE: u8 = METHODS.len() as u8;

/// The name of a method that HTTP knows.
#[inline]
pub(crate) fn known(method: &Method) -> Option<&'static str> {
    let index = MethodIndex::of(method);
    (index.0 != OTHER_PLACE).then(|| index.label())
}

/// The place of a method in a table of all that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MethodIndex(u8);

impl MethodIndex {
    /// The length of such a table.
    pub(crate) const COUNT: usize = METHODS.len() + 1;

    #[inline]
    pub(crate) fn of(method: &Method) -> Self {
        let place = (0..OTHER_PLACE).find(|index| METHODS[usize::from(*index)] == *method);
        Self(place.unwrap_or(OTHER_PLACE))
    }

    pub(crate) fn place(self) -> usize {
        usize::from(self.0)
    }

    pub(crate) fn label(self) -> &'static str {
        ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", OTHER][self.place()]
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{MethodIndex, known};

    #[test]
    fn a_label_is_the_method_that_stands_in_its_place() {
        for method in &super::METHODS {
            assert_eq!(known(method), Some(method.as_str()));
        }
        let own = Method::from_bytes(b"PURGE").unwrap();
        assert_eq!((known(&own), MethodIndex::of(&own).label()), (None, "_OTHER"));
    }
}
