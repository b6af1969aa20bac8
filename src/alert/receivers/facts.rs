//! What several receivers make of an alert: times, links, texts that are cut.

use jiff::Timestamp;

use crate::alert::Annotations;

/// The first of these annotations that says something.
pub(crate) fn said<'a>(annotations: &'a Annotations, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .find_map(|name| annotations.get(*name))
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
}

/// A time (milliseconds since the Unix epoch) as in `2026-01-01T00:00:00.5Z`.
pub(crate) fn rfc3339(time: i64) -> String {
    match Timestamp::from_millisecond(time) {
        Ok(time) => time.to_string(),
        Err(_) if time < 0 => Timestamp::MIN.to_string(),
        Err(_) => Timestamp::MAX.to_string(),
    }
}

/// The first characters of a text, so many at most; where some are left out, the last one shows it.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    if text.chars().nth(characters).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(characters.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Where it leads: only to web pages, whatever a stranger's label made of it.
pub(crate) fn link(url: &str) -> Option<&str> {
    let url = url.trim();
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_plain = !url.contains(|char: char| char.is_whitespace() || char.is_control());
    (is_web && is_plain).then_some(url)
}
