//! Passwords in URLs: `postgres://shop:PASSWORD@db/orders`.

use std::ops::Range;

/// The password in the URL whose scheme ends at this colon. A name alone is none: `ssh://git@host`.
pub(crate) fn password_after(text: &[u8], colon: usize) -> Option<Range<usize>> {
    let start = colon + text.get(colon..)?.strip_prefix(b"://").map(|_| 3)?;
    let is_end = |byte: &u8| {
        byte.is_ascii_whitespace()
            || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`')
    };
    let authority = &text[start..];
    let authority = &authority[..authority.iter().position(is_end).unwrap_or(authority.len())];
    let at = authority.iter().rposition(|byte| *byte == b'@')?;
    let name = authority[..at].iter().position(|byte| *byte == b':')?;
    (name + 1 < at).then(|| start + name + 1..start + at)
}

#[cfg(test)]
mod tests {
    use crate::redact::Redaction;

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        let shown = |text| Redaction::new().text(text).into_owned();
        for (text, expected) in [
            ("postgres://shop:hunter2@db:5432/orders", "postgres://shop:[redacted]@db:5432/orders"),
            ("redis://:hunter2@cache", "redis://:[redacted]@cache"),
            ("cannot reach \"amqp://a:b@h\": away", "cannot reach \"amqp://a:[redacted]@h\": away"),
            (
                "http://u:p@ss@h/?token=x http://v:q@h",
                "http://u:[redacted]@h/?token=[redacted] http://v:[redacted]@h",
            ),
        ] {
            assert_eq!(shown(text), expected);
        }
        for text in
            ["ssh://git@host/a:b@c", "http://host:80/@", "http://a:@h", "://", "a://:@", "http://[::1]:80/"]
        {
            assert_eq!(shown(text), text);
        }
    }
}
