//! Where a message is posted to.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::uri::{Authority, Uri};

use crate::alert::config::Secret;
use crate::alert::receivers::SendError;

/// A URL, which as a whole counts as a secret: with Slack and many others who knows it may post. It is read anew for each
/// message where it is in a file. `user:password@` in it becomes Basic authentication, as with curl.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(Secret);

/// An address that was read.
pub(crate) struct Target {
    pub(crate) uri: Uri,
    /// `Authorization`, where the URL names a user.
    pub(crate) authorization: Option<HeaderValue>,
}

impl Address {
    pub(crate) fn new(url: Secret) -> Self {
        Self(url)
    }

    /// What is wrong with it, as far as it can be known without reading a file.
    pub(crate) fn problem(&self) -> Option<String> {
        match &self.0 {
            Secret::Value(url) => target(url).err().map(str::to_owned),
            Secret::File(_) => None,
        }
    }

    pub(crate) fn read(&self) -> Result<Target, SendError> {
        // The file can be put right while we wait.
        let url = self.0.read().map_err(|error| SendError::retry(error.to_string()))?;
        target(&url).map_err(|problem| SendError::retry(format!("the URL cannot be asked: {problem}")))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn target(url: &str) -> Result<Target, &'static str> {
    let uri: Uri = url.trim().parse().map_err(|_| "it is no URL; give one as in https://example.com/path")?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err("it begins neither with http:// nor with https://");
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err("it names no host; give one as in https://example.com/path");
    }
    let authority = uri.authority().map_or("", Authority::as_str);
    let Some((user, host)) = authority.rsplit_once('@') else {
        return Ok(Target { uri, authorization: None });
    };
    let credential =
        decoded(user).ok_or("its user or password has a % that is not followed by two digits")?;
    let mut authorization = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(credential)))
        .map_err(|_| "its user or password cannot be sent")?;
    authorization.set_sensitive(true);
    let host: Authority = host.parse().map_err(|_| "it names no host")?;
    let mut parts = uri.into_parts();
    parts.authority = Some(host);
    let uri = Uri::from_parts(parts).map_err(|_| "it is no URL")?;
    Ok(Target { uri, authorization: Some(authorization) })
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn a_user_in_the_url_becomes_basic_authentication() {
        let target = target("https://us%40er:pa%3ass@am.example:9093/x?y=1").unwrap();
        assert_eq!(target.uri, "https://am.example:9093/x?y=1");
        // us@er:pa:ss
        assert_eq!(target.authorization.unwrap(), "Basic dXNAZXI6cGE6c3M=");
    }

    #[test]
    fn what_cannot_be_asked_is_said_without_the_url() {
        for (url, told) in [
            ("hooks.slack.com/s3cret", "no URL"),
            ("/s3cret", "neither with http://"),
            ("ftp://a/s3cret", "neither with http://"),
            ("https://a b/s3cret", "no URL"),
            ("https:///s3cret", "no URL"),
            ("http://u%zz@a/", "two digits"),
        ] {
            let problem = target(url).err().unwrap();
            assert!(problem.contains(told) && !problem.contains("s3cret"), "{url}: {problem}");
        }
    }
}
