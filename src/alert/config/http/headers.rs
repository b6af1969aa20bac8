//! Headers of one's own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use http::HeaderName;
use serde::Deserialize;

use crate::alert::config::Secret;

/// Headers that cannot be set: the client and the other keys do.
const TAKEN: [&str; 16] = [
    "authorization",
    "host",
    "content-encoding",
    "content-length",
    "content-type",
    "user-agent",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "www-authenticate",
    "accept-encoding",
    "transfer-encoding",
    "trailer",
    "upgrade",
    "te",
];

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderSection {
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    secrets: Vec<Secret>,
    #[serde(default)]
    files: Vec<PathBuf>,
}

pub(crate) fn headers(
    sections: BTreeMap<String, HeaderSection>,
) -> Result<Vec<(HeaderName, Secret)>, String> {
    let mut headers = Vec::new();
    for (name, section) in sections {
        let header = name.parse::<HeaderName>().map_err(|_| format!("{name:?} is no name of a header"))?;
        if TAKEN.contains(&header.as_str()) {
            return Err(format!("the header {name} is set by the client; remove it from http_headers"));
        }
        let HeaderSection { values, secrets, files } = section;
        let values = values.into_iter().map(Secret::Value).chain(secrets);
        headers
            .extend(values.chain(files.into_iter().map(Secret::File)).map(|value| (header.clone(), value)));
    }
    Ok(headers)
}
