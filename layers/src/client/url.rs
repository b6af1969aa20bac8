//! The URL without what is secret in it.

use http::Uri;

use crate::cut::cut;
use crate::redact::Redaction;

/// Beyond this a URL is cut: it is there to be read.
const LONGEST: usize = 2_048;

/// Scheme, host, port, path and query, without a name and password before the host, and without the values of secret keys.
pub(crate) fn redacted(uri: &Uri, redaction: &Redaction) -> String {
    let mut url = String::with_capacity(64);
    if let Some(scheme) = uri.scheme_str() {
        url.push_str(scheme);
        url.push_str("://");
    }
    if let Some(authority) = uri.authority() {
        let authority = authority.as_str();
        url.push_str(authority.rsplit_once('@').map_or(authority, |(_, address)| address));
    }
    url.push_str(uri.path());
    if let Some(query) = uri.query() {
        url.push('?');
        url.push_str(&redaction.query(query));
    }
    url.truncate(cut(&url, LONGEST).len());
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_left() {
        let redacted = |uri: &str| redacted(&uri.parse().unwrap(), &Redaction::new());
        assert_eq!(redacted("https://ada:pw@shop.example:81/a/b?x=1"), "https://shop.example:81/a/b?x=1");
        assert_eq!(
            redacted("https://shop.example/?api_key=1&x=2&Access-Token=3&p%61ssword=4&sig=5&flag"),
            "https://shop.example/?api_key=[redacted]&x=2&Access-Token=[redacted]&p%61ssword=[redacted]\
             &sig=[redacted]&flag"
        );
        assert_eq!(redacted(&format!("http://a/{}", "x".repeat(5_000))).len(), LONGEST);
    }
}
