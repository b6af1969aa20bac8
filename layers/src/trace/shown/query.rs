//! The query without its secrets.

use std::borrow::Cow;

use crate::redact::{REDACTED, Redaction};

/// The query with [`REDACTED`] in the place of each value whose key is secret. Borrowed where none is.
///
/// Beside the keys of `redaction` these are the signatures of object stores, as OpenTelemetry's conventions list them:
/// who has the URL could use it as it stands.
pub(crate) fn redact<'q>(query: &'q str, redaction: &Redaction) -> Cow<'q, str> {
    let is_secret = |pair: &str| key_of(pair).is_some_and(|key| is_secret(key, redaction));
    if !query.split(['&', ';']).any(is_secret) {
        return Cow::Borrowed(query);
    }
    let mut shown = String::with_capacity(query.len());
    for pair in query.split_inclusive(['&', ';']) {
        match pair.split_once('=') {
            Some((key, rest)) if is_secret(pair) => {
                shown.extend([key, "=", REDACTED]);
                shown.extend(rest.chars().next_back().filter(|end| matches!(end, '&' | ';')));
            }
            _ => shown.push_str(pair),
        }
    }
    Cow::Owned(shown)
}

fn key_of(pair: &str) -> Option<&str> {
    pair.split_once('=').map(|(key, _)| key)
}

/// <https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/>
const SIGNATURES: [&str; 5] = ["AWSAccessKeyId", "Signature", "sig", "X-Goog-Signature", "X-Amz-Signature"];

fn is_secret(key: &str, redaction: &Redaction) -> bool {
    let key = decode(key);
    redaction.is_secret(&key) || SIGNATURES.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// The key as the service will read it: `pass%77ord` is no way around the list.
fn decode(key: &str) -> Cow<'_, str> {
    if !key.contains(['%', '+']) {
        return Cow::Borrowed(key);
    }
    let mut decoded = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let [byte, more @ ..] = rest {
        let digits =
            more.get(..2).and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        rest = match (byte, digits) {
            (b'%', Some(value)) => {
                decoded.push(value);
                &more[2..]
            }
            (b'+', _) => {
                decoded.push(b' ');
                more
            }
            _ => {
                decoded.push(*byte);
                more
            }
        };
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_all_else_stays() {
        let shown = |query| redact(query, &Redaction::new().with_key("card")).into_owned();
        for same in ["", "a", "a=1&b=2", "a=1;b", "&&==&", "q=password", "signed=1&q=%", "a=%zz", "tokenless"]
        {
            assert_eq!(shown(same), same);
        }
        assert_eq!(shown("a=1&access_token=s3cr3t&b=2"), "a=1&access_token=[redacted]&b=2");
        assert_eq!(shown("API-KEY=s3cr3t"), "API-KEY=[redacted]");
        assert_eq!(shown("pass%77ord=s3cr3t;x=1"), "pass%77ord=[redacted];x=1");
        assert_eq!(shown("password=a=b&card_number=4242"), "password=[redacted]&card_number=[redacted]");
        assert_eq!(shown("X-Amz-Signature=s3cr3t&sig=s3cr3t"), "X-Amz-Signature=[redacted]&sig=[redacted]");
        assert_eq!(shown("%E9token=s3cr3t"), "%E9token=[redacted]");
    }
}
