//! What strangers wrote, made harmless for each language that it goes out in.
//!
//! The values of labels and annotations come from requests, from other services and from the API. Whoever puts them into a
//! message passes them through the function of its language.

/// For HTML, as text and inside of quotes.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '\0' => out.push(char::REPLACEMENT_CHARACTER),
            other => out.push(other),
        }
    }
    out
}

/// For Slack's markup (<https://docs.slack.dev/messaging/formatting-message-text#escaping>): what is between `<` and `>` is a
/// link, a mention or a ping of a whole channel, so neither gets through.
///
/// `@here`, `@channel` and `@everyone` are only pings where a message is posted with `link_names`; behind their `@` goes an
/// invisible character, so that they are none there either.
pub(crate) fn slack(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("@\u{2060}"),
            other => out.push(other),
        }
    }
    out
}

/// For a header of a mail or of HTTP: one line, without what ends it or cannot be seen.
#[cfg_attr(not(feature = "mail"), allow(dead_code, reason = "only mails have headers with texts of others"))]
pub(crate) fn header(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        let is_break = char.is_control() || matches!(char, '\u{2028}' | '\u{2029}');
        match is_break {
            false => out.push(char),
            true if out.is_empty() || out.ends_with(' ') => {}
            true => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_text() {
        assert_eq!(
            html("<img src=x onerror='a()'>&\"\0"),
            "&lt;img src=x onerror=&#39;a()&#39;&gt;&amp;&#34;\u{fffd}"
        );
    }

    #[test]
    fn slack_pings_nobody() {
        assert_eq!(
            slack("<!channel> @here a&b <@U1>"),
            "&lt;!channel&gt; @\u{2060}here a&amp;b &lt;@\u{2060}U1&gt;"
        );
    }

    #[test]
    fn a_header_is_one_line() {
        assert_eq!(header("a\r\nBcc: x@y.example\u{2028}b\t"), "a Bcc: x@y.example b");
        assert_eq!(header("\r\n\r\nGrüße"), "Grüße");
    }
}
