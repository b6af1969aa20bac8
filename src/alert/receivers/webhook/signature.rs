//! How a webhook can know that a message is ours.
//!
//! | header | value |
//! |---|---|
//! | `x-tower-watch-timestamp` | when it was sent, in seconds since the Unix epoch |
//! | `x-tower-watch-signature` | `sha256=` and, in hexadecimal digits, HMAC-SHA256 with the secret over the timestamp's digits, a full stop, and the body as it was sent |
//!
//! HMAC: <https://www.rfc-editor.org/rfc/rfc2104>. The timestamp is part of what is signed, so that a message that was
//! overheard cannot be sent again later: refuse what is older than a few minutes, and compare in constant time.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;

const TIMESTAMP: HeaderName = HeaderName::from_static("x-tower-watch-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("x-tower-watch-signature");

/// Adds the two headers. `now` is in seconds since the Unix epoch.
pub(crate) fn sign(headers: &mut HeaderMap, secret: &str, now: u64, body: &[u8]) {
    headers.insert(TIMESTAMP, HeaderValue::from(now));
    if let Ok(signature) = HeaderValue::try_from(signature(secret, now, body)) {
        headers.insert(SIGNATURE, signature);
    }
}

fn signature(secret: &str, now: u64, body: &[u8]) -> String {
    let mut text = "sha256=".to_owned();
    // A key may have any length.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        mac.update(format!("{now}.").as_bytes());
        mac.update(body);
        for byte in mac.finalize().into_bytes() {
            let _ = write!(text, "{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn it_is_what_openssl_says() {
        // printf '1767225600.{"a":1}' | openssl dgst -sha256 -hmac s3cret
        let expected = "sha256=7d4120fcebf444efab10ba7cd6c651bf463cefb039db5fad37ff9f7231ac8a4a";
        assert_eq!(signature("s3cret", 1_767_225_600, br#"{"a":1}"#), expected);
    }
}
