//! What variables accept: texts, and lists of pairs.

use crate::config::{Kind, Refused};

/// Any text.
pub(crate) const TEXT: Kind<String> =
    Kind { accepts: "a text", parse: |value| Ok(value.to_owned()), is_secret: false };

/// Reads `name=value,name=value`, values percent-encoded where they must be: the form of the resource's attributes and of
/// headers. White space around names and values does not count, nor does an empty member.
///
/// <https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable>
///
/// # Errors
///
/// Says which member, by its place, and shows no value.
pub(crate) fn pairs(list: &str) -> Result<Vec<(String, String)>, Refused> {
    let mut pairs = Vec::new();
    for (place, member) in list.split(',').map(str::trim).enumerate() {
        if member.is_empty() {
            continue;
        }
        let wrong = |what: &str| Refused::Because(format!("member {}: {what}", place + 1).into());
        let Some((name, value)) = member.split_once('=') else {
            return Err(wrong("there is no `=`; give `name=value`, and `%2C` for a comma in a value"));
        };
        let decoded = |text: &str| {
            percent_decoded(text.trim()).ok_or_else(|| {
                wrong("a `%` is not followed by two hexadecimal digits that make UTF-8; give `%25` for it")
            })
        };
        let name = decoded(name)?;
        if name.is_empty() {
            return Err(wrong("there is no name before the `=`; give `name=value`"));
        }
        pairs.push((name, decoded(value)?));
    }
    Ok(pairs)
}

/// A text without its percent-encoding; none where that is not UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).map(|digit| digit as u8);
            decoded.push(digit(bytes.next())? << 4 | digit(bytes.next())?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}
