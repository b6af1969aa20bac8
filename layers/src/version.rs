//! The versions of HTTP, as OpenTelemetry writes them.

use http::Version;

/// `1.1`, `2`; nothing for a version that is not known yet.
pub(crate) fn version(version: Version) -> Option<&'static str> {
    Some(match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => return None,
    })
}
