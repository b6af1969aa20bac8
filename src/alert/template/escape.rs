//! What strangers wrote, made harmless for each language that it goes out in.
//!
//! The values of labels and annotations come from requests, from other services and from the API. Whoever puts them into a
//! message passes them through the function of its language.

pub(crate) use crate::alert::template::go::query_escape as url;

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

/// For what was written as Slack's markup by a template: links stay links, and mentions and pings become text.
///
/// `<https://...|text>` and `<mailto:...>` stay. `<!channel>`, `<@U123>`, `<#C123>`, `<!subteam^S123>` and all else become
/// `&lt;!channel&gt;`.
pub(crate) fn slack_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(&before.replace('>', "&gt;"));
        let is_link = ["http://", "https://", "mailto:"].iter().any(|scheme| after.starts_with(scheme));
        match after.split_once('>').filter(|(inside, _)| is_link && !inside.contains(['<', '\n'])) {
            Some((inside, tail)) => {
                out.extend(["<", inside, ">"]);
                rest = tail;
            }
            None => {
                out.push_str("&lt;");
                rest = after;
            }
        }
    }
    out.push_str(&rest.replace('>', "&gt;"));
    out
}

/// For a header of a mail or of HTTP: one line, without what ends it or cannot be seen.
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
    fn slack_links_stay() {
        assert_eq!(
            slack_links("<https://a.example/?a=1&b=2|a> <mailto:a@b.example>"),
            "<https://a.example/?a=1&b=2|a> <mailto:a@b.example>"
        );
        assert_eq!(
            slack_links("<!here> <@U1> <#C1> <!subteam^S1> a > b < c"),
            "&lt;!here&gt; &lt;@U1&gt; &lt;#C1&gt; &lt;!subteam^S1&gt; a &gt; b &lt; c"
        );
        assert_eq!(slack_links("<https://a.example<!here>"), "&lt;https://a.example&lt;!here&gt;");
        assert_eq!(slack_links("<https://a.example\n<!here>"), "&lt;https://a.example\n&lt;!here&gt;");
    }

    #[test]
    fn a_header_is_one_line() {
        assert_eq!(header("a\r\nBcc: x@y.example\u{2028}b\t"), "a Bcc: x@y.example b");
        assert_eq!(header("\r\n\r\nGrüße"), "Grüße");
    }

    #[test]
    fn a_url_is_one_value() {
        assert_eq!(url("a b&c=d/é"), "a+b%26c%3Dd%2F%C3%A9");
    }
}
