//! The URL without what is secret in it.

use http::Uri;

use crate::cut::cut;
use crate::redact::{REDACTED, Redaction};
use crate::w3c::percent_decoded;

/// Beyond this a URL is cut: it is there to be read.
const LONGEST: usize = 2_048;

/// Secret in a query whatever the list of keys says: signatures of stored objects, by OpenTelemetry's `url.full`.
const SIGNATURES: [&str; 5] = ["sig", "signature", "x-amz-signature", "x-amz-credential", "x-goog-signature"];

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
    for (index, pair) in uri.query().into_iter().flat_map(|query| query.split('&')).enumerate() {
        url.push(if index == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((key, _)) if is_secret(key, redaction) => {
                url.push_str(key);
                url.push('=');
                url.push_str(REDACTED);
            }
            _ => url.push_str(pair),
        }
    }
    url.truncate(cut(&url, LONGEST).len());
    url
}

fn is_secret(key: &str, redaction: &Redaction) -> bool {
    // An encoded letter must not hide a key.
    let decoded = percent_decoded(key);
    redaction.is_secret(&decoded) || SIGNATURES.iter().any(|known| known.eq_ignore_ascii_case(&decoded))
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
