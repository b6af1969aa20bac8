//! Which exposition format a scraper wants: the `Accept` header, by RFC 9110, section 12.5.1.
//!
//! The most specific range that covers a format gives its weight. The heavier format wins; of two as heavy, the
//! one that was named rather than covered by a wildcard, then the one that was named first, then text. What
//! cannot be read is passed over, and where nothing is left the answer is text: a scraper is better served with
//! what every scraper reads than with 406.

use crate::registers::Format;

/// How well a range covers a format: nothing, `*/*`, `text/*`, the type, the type with its version.
type Specificity = u8;

#[derive(Clone, Copy)]
struct Wish {
    specificity: Specificity,
    weight: f32,
    position: usize,
}

/// The format that fits the `Accept` header best.
pub(crate) fn negotiate<'a>(headers: impl Iterator<Item = &'a str>) -> Format {
    let ranges: Vec<Range<'_>> =
        headers.flat_map(|header| header.split(',')).filter_map(Range::parse).collect();
    let text = wish(&ranges, Format::Text);
    let open = wish(&ranges, Format::OpenMetrics);
    match (open, text) {
        (Some(open), Some(text)) if beats(open, text) => Format::OpenMetrics,
        (Some(open), None) if open.weight > 0.0 => Format::OpenMetrics,
        _ => Format::Text,
    }
}

fn beats(open: Wish, text: Wish) -> bool {
    if open.weight != text.weight {
        return open.weight > text.weight;
    }
    let named = |wish: Wish| wish.specificity >= 3;
    open.weight > 0.0 && named(open) && (!named(text) || open.position < text.position)
}

fn wish(ranges: &[Range<'_>], format: Format) -> Option<Wish> {
    let mut best: Option<Wish> = None;
    for (position, range) in ranges.iter().enumerate() {
        let Some(specificity) = range.covers(format) else { continue };
        if best.is_none_or(|best| specificity > best.specificity) {
            best = Some(Wish { specificity, weight: range.weight, position });
        }
    }
    best
}

struct Range<'a> {
    media: &'a str,
    version: Option<&'a str>,
    weight: f32,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let media = parts.next().filter(|media| media.contains('/'))?;
        let mut range = Self { media, version: None, weight: 1.0 };
        for part in parts {
            let Some((name, value)) = part.split_once('=') else { continue };
            let value = value.trim().trim_matches('"');
            if name.trim().eq_ignore_ascii_case("q") {
                range.weight = value.parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
            } else if name.trim().eq_ignore_ascii_case("version") {
                range.version = Some(value);
            }
        }
        Some(range)
    }

    fn covers(&self, format: Format) -> Option<Specificity> {
        let (media, wildcard, version) = match format {
            Format::Text => ("text/plain", "text/*", "0.0.4"),
            Format::OpenMetrics => ("application/openmetrics-text", "application/*", "1.0.0"),
        };
        if self.media.eq_ignore_ascii_case(media) {
            match self.version {
                Some(asked) => (asked == version).then_some(4),
                None => Some(3),
            }
        } else if self.media.eq_ignore_ascii_case(wildcard) {
            Some(2)
        } else {
            (self.media == "*/*").then_some(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_follows_the_header() {
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
            application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
            text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for (accept, format) in [
            (prometheus_3, Format::OpenMetrics),
            ("", Format::Text),
            ("*/*", Format::Text),
            ("application/*", Format::OpenMetrics),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Format::Text),
            ("text/plain", Format::Text),
            ("text/plain; version=0.0.4; charset=utf-8", Format::Text),
            ("application/openmetrics-text", Format::OpenMetrics),
            ("Application/OpenMetrics-Text; Version=\"1.0.0\"", Format::OpenMetrics),
            ("application/openmetrics-text; version=0.0.1", Format::Text),
            ("application/openmetrics-text; version=2.0.0, text/plain;q=0.1", Format::Text),
            ("application/openmetrics-text;q=0.2, text/plain;q=0.9", Format::Text),
            ("application/openmetrics-text;q=0.9, text/plain;q=0.2", Format::OpenMetrics),
            ("application/openmetrics-text, text/plain", Format::OpenMetrics),
            ("text/plain, application/openmetrics-text", Format::Text),
            ("*/*, application/openmetrics-text", Format::OpenMetrics),
            ("application/openmetrics-text;q=0, */*", Format::Text),
            ("text/plain;q=0, application/openmetrics-text;q=0.1", Format::OpenMetrics),
            ("text/plain;q=0, application/openmetrics-text;q=0", Format::Text),
            ("application/openmetrics-text;q=high, text/plain;q=0.1", Format::Text),
            ("application/openmetrics-text;q=7, text/plain;q=0.1", Format::Text),
            (";;,,/;q", Format::Text),
            ("image/png", Format::Text),
        ] {
            assert_eq!(negotiate([accept].into_iter()), format, "{accept}");
        }
    }

    #[test]
    fn several_headers_are_one_list() {
        let headers = ["text/plain;q=0.2", "application/openmetrics-text;q=0.8"];
        assert_eq!(negotiate(headers.into_iter()), Format::OpenMetrics);
    }
}
