//! Keys that would be a lie if they were read and not followed.

use serde::de::{Deserialize, Deserializer, Error};

macro_rules! refused {
    ($name:ident, $message:literal) => {
        pub(crate) fn $name<'de, D: Deserializer<'de>>(_: D) -> Result<(), D::Error> {
            Err(Error::custom($message))
        }
    };
}

refused!(
    oauth2,
    "oauth2 is not supported here; write authorization with a credentials_file that something else keeps fresh"
);
refused!(no_proxy, "no_proxy is not supported here; write proxy_url only where a proxy is wanted");
refused!(
    proxy_connect_header,
    "proxy_connect_header is not supported here; write user and password in proxy_url"
);
refused!(server_name, "server_name is not supported here; write a URL whose host is in the certificate");
refused!(max_version, "max_version is not supported here: TLS 1.2 and 1.3 are spoken; remove it");

/// `insecure_skip_verify`.
pub(crate) fn skipping<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    match bool::deserialize(deserializer)? {
        true => Err(Error::custom(
            "a certificate that nobody vouches for is not accepted here; write ca_file with the one that signed it",
        )),
        false => Ok(()),
    }
}

/// `enable_http2`.
pub(crate) fn http2<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    match bool::deserialize(deserializer)? {
        false => Err(Error::custom("HTTP/2 is spoken where the server wants it; remove enable_http2: false")),
        true => Ok(()),
    }
}

/// `min_version`.
pub(crate) fn least<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "" | "TLS10" | "TLS11" | "TLS12" => Ok(()),
        "TLS13" => Err(Error::custom("TLS 1.2 cannot be switched off here; remove min_version")),
        _ => Err(Error::custom("this is no version of TLS; write TLS12, or remove it")),
    }
}

/// `follow_redirects`, which makes no difference here.
pub(crate) fn redirects<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    bool::deserialize(deserializer).map(drop)
}
