//! Secrets in the query of a URL.

use std::borrow::Cow;

use crate::percent::percent_decoded;
use crate::redact::{REDACTED, Redaction};

impl Redaction {
    /// The query without the values of secret keys. A key counts as the service will read it: `pass%77ord` is no way around
    /// the list. Borrowed where no key is secret.
    ///
    /// Beside the keys of the list these are the signatures and key ids of object stores, as OpenTelemetry's conventions
    /// list them (<https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/>): who has such a URL could use it
    /// as it stands.
    #[must_use]
    pub fn query<'q>(&self, query: &'q str) -> Cow<'q, str> {
        let is_secret =
            |pair: &str| pair.split_once('=').is_some_and(|(key, _)| self.is_secret_in_query(key));
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

    fn is_secret_in_query(&self, key: &str) -> bool {
        let key = percent_decoded(key);
        self.is_secret(&key) || SIGNED_URLS.iter().any(|known| key.eq_ignore_ascii_case(known))
    }
}

const SIGNED_URLS: [&str; 6] =
    ["AWSAccessKeyId", "Signature", "sig", "X-Goog-Signature", "X-Amz-Credential", "X-Amz-Signature"];

#[cfg(test)]
mod tests {
    use crate::redact::Redaction;

    #[test]
    fn secrets_go_and_all_else_stays() {
        let shown = |query| Redaction::new().with_key("card").query(query).into_owned();
        for same in ["", "a", "a=1&b=2", "a=1;b", "&&==&", "q=password", "signed=1&q=%", "a=%zz", "tokenless"]
        {
            assert_eq!(shown(same), same);
        }
        assert_eq!(shown("a=1&access_token=s3cr3t&b=2"), "a=1&access_token=[redacted]&b=2");
        assert_eq!(shown("API-KEY=s3cr3t"), "API-KEY=[redacted]");
        assert_eq!(shown("pass%77ord=s3cr3t;x=1"), "pass%77ord=[redacted];x=1");
        assert_eq!(shown("password=a=b&card_number=4242"), "password=[redacted]&card_number=[redacted]");
        assert_eq!(shown("X-Amz-Signature=s3cr3t&sig=s3cr3t"), "X-Amz-Signature=[redacted]&sig=[redacted]");
        assert_eq!(shown("x-amz-credential=s3cr3t"), "x-amz-credential=[redacted]");
        assert_eq!(shown("%E9token=s3cr3t"), "%E9token=[redacted]");
    }
}
