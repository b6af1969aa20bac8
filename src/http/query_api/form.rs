//! The parameters of a request: those of a form in its body, then those of its query string.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, header};

use crate::http::query_api::answer::ApiError;

/// The largest body that is read. A query is a text that somebody wrote, or a dashboard put together.
const MOST_BYTES: usize = 1 << 20;

/// Names and values, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// The first value of this name; empty where there is none, as in Go.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or("")
    }

    /// All values of this name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Adds what an encoded text holds.
    fn read(&mut self, encoded: &str) -> Result<(), ApiError> {
        for pair in encoded.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.0.push((decoded(name)?, decoded(value)?));
        }
        Ok(())
    }
}

#[cfg(feature = "alerts")]
impl Form {
    /// What a query string holds.
    ///
    /// # Errors
    ///
    /// An escape that is none.
    pub(crate) fn of_query(encoded: &str) -> Result<Self, ApiError> {
        let mut form = Self::default();
        form.read(encoded)?;
        Ok(form)
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let (head, body) = request.into_parts();
        let mut form = Self::default();
        if head.method == Method::POST {
            let bytes = to_bytes(body, MOST_BYTES).await.map_err(|fault| {
                unreadable(format_args!("{fault}; a body has at most {MOST_BYTES} bytes"))
            })?;
            if !bytes.is_empty() && !is_form(&head.headers) {
                return Err(ApiError::bad_data(
                    "a body has the content type application/x-www-form-urlencoded; send one, or GET",
                ));
            }
            form.read(std::str::from_utf8(&bytes).map_err(unreadable)?)?;
        }
        form.read(head.uri.query().unwrap_or(""))?;
        Ok(form)
    }
}

fn unreadable(fault: impl std::fmt::Display) -> ApiError {
    ApiError::bad_data(format!("error parsing form values: {fault}"))
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media = value.split(';').next().unwrap_or("").trim();
    media.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Undoes `+` and `%20`.
fn decoded(text: &str) -> Result<String, ApiError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let escaped = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                let digits = escaped.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                    return Err(unreadable(format_args!(
                        "{text:?} has a \"%\" without two hexadecimal digits"
                    )));
                };
                bytes.push(byte);
                rest = &after[2..];
            }
            plain => bytes.push(*plain),
        }
    }
    String::from_utf8(bytes).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_broken_ones_refused() {
        for (encoded, text) in
            [("", ""), ("a+b", "a b"), ("a%2Bb%20c", "a+b c"), ("%F0%9F%98%80", "\u{1f600}"), ("%00", "\0")]
        {
            assert_eq!(decoded(encoded).as_deref(), Ok(text));
        }
        for broken in ["%", "%2", "%zz", "%+1", "%ff", "100%"] {
            assert!(decoded(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_name_may_come_often_or_without_a_value() {
        let mut form = Form::default();
        form.read("match%5B%5D=up&&match[]=b%3D&flag&query=x&query=y").expect("a form");
        assert_eq!(form.all("match[]").collect::<Vec<_>>(), ["up", "b="]);
        assert_eq!((form.get("query"), form.get("flag"), form.get("absent")), ("x", "", ""));
    }
}
