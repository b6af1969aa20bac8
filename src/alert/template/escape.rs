//! What strangers wrote, made harmless for pages.

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
}
