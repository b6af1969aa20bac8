//! Methods that HTTP knows.

use http::Method;

/// What stands for any other method.
pub(crate) const OTHER: &str = "_OTHER";

/// The name of a method that RFC 9110 or RFC 5789 defines. Any other is a client's own word, and has no place where values
/// are counted.
pub(crate) fn known(method: &Method) -> Option<&'static str> {
    Some(match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => return None,
    })
}
