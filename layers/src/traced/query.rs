//! Query texts without what is in them.

use crate::cut::cut;

/// A query in which `?` stands for each string and number, without comments, cut at `longest` bytes.
///
/// What cannot be told apart is left out rather than shown: a string without an end is one to the end of the text.
pub(crate) fn without_literals(query: &str, system: &str, longest: usize) -> String {
    let dialect = Dialect::of(system);
    let mut shown = String::with_capacity(query.len().min(longest));
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        if shown.len() >= longest {
            break;
        }
        let taken = match dialect.part(rest, &shown) {
            Part::Comment(length) => {
                if !shown.ends_with(' ') {
                    shown.push(' ');
                }
                length
            }
            Part::Literal(length) => {
                if first == '\'' && lone_letter(&shown).is_some() {
                    shown.pop();
                }
                shown.push('?');
                length
            }
            Part::Name(length) => {
                shown.push_str(&rest[..length]);
                length
            }
            Part::Character => {
                shown.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    shown.truncate(cut(&shown, longest).len());
    shown
}

/// What a text begins with, and its length.
enum Part {
    Comment(usize),
    Literal(usize),
    /// An identifier in quotation marks, which may have anything in it.
    Name(usize),
    Character,
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The letter that stands alone at the end: the mark of a string's kind, as in `E'...'` and `X'...'`.
fn lone_letter(shown: &str) -> Option<char> {
    let mut last = shown.chars().rev();
    let letter = last.next().filter(char::is_ascii_alphabetic)?;
    last.next().is_none_or(|before| !is_word(before)).then_some(letter)
}

/// How a database writes its strings, names and comments.
struct Dialect {
    is_mysql: bool,
    nests_comments: bool,
    has_bracketed_names: bool,
}

impl Dialect {
    fn of(system: &str) -> Self {
        Self {
            is_mysql: matches!(system, "mysql" | "mariadb"),
            nests_comments: matches!(system, "postgresql" | "microsoft.sql_server"),
            has_bracketed_names: matches!(system, "microsoft.sql_server" | "sqlite"),
        }
    }

    /// What `text` begins with, after what was shown.
    fn part(&self, text: &str, shown: &str) -> Part {
        let before = shown.chars().next_back().unwrap_or(' ');
        let to_line_end = || text.find('\n').unwrap_or(text.len());
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some('-'), Some('-')) => Part::Comment(to_line_end()),
            (Some('#'), _) if self.is_mysql => Part::Comment(to_line_end()),
            (Some('/'), Some('*')) => Part::Comment(self.block_comment(text)),
            (Some('\''), _) => {
                let escapes = self.is_mysql || matches!(lone_letter(shown), Some('e' | 'E'));
                Part::Literal(quoted(text, '\'', escapes))
            }
            (Some('"'), _) if self.is_mysql => Part::Literal(quoted(text, '"', true)),
            (Some(mark @ ('"' | '`')), _) => Part::Name(quoted(text, mark, false)),
            (Some('['), _) if self.has_bracketed_names => Part::Name(quoted(text, ']', false)),
            (Some('$'), _) if !is_word(before) => match dollar_quoted(text) {
                0 => Part::Character,
                length => Part::Literal(length),
            },
            (Some('0'..='9'), _) if !is_word(before) && !matches!(before, '$' | ':' | '@') => {
                let is_number = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_');
                Part::Literal(text.bytes().position(|byte| !is_number(byte)).unwrap_or(text.len()))
            }
            _ => Part::Character,
        }
    }

    fn block_comment(&self, text: &str) -> usize {
        let mut depth = 0;
        let mut at = 0;
        while let Some(pair) = text.as_bytes().get(at..at + 2) {
            match pair {
                b"/*" if depth == 0 || self.nests_comments => (depth, at) = (depth + 1, at + 2),
                b"*/" if depth == 1 => return at + 2,
                b"*/" => (depth, at) = (depth - 1, at + 2),
                _ => at += 1,
            }
        }
        text.len()
    }
}

/// The length of a string with its quotation marks. A mark twice is one in the string.
fn quoted(text: &str, mark: char, escapes: bool) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((place, character)) = characters.next() {
        if escapes && character == '\\' {
            characters.next();
        } else if character == mark {
            match characters.peek() {
                Some((_, next)) if *next == mark => {
                    characters.next();
                }
                _ => return place + mark.len_utf8(),
            }
        }
    }
    text.len()
}

/// The length of `$tag$...$tag$`; 0 where the text begins with a parameter, as in `$1`.
fn dollar_quoted(text: &str) -> usize {
    let Some(end) = text[1..].find('$') else { return 0 };
    let tag = &text[..end + 2];
    let name = &tag[1..tag.len() - 1];
    if !name.chars().all(is_word) || name.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text[tag.len()..].find(tag).map_or(text.len(), |close| close + 2 * tag.len())
}

#[cfg(test)]
mod tests {
    use super::without_literals;

    #[track_caller]
    fn shows(system: &str, query: &str, expected: &str) {
        assert_eq!(without_literals(query, system, 200), expected, "{query}");
    }

    #[test]
    fn strings_and_numbers_are_not_shown() {
        for (query, expected) in [
            (
                "SELECT * FROM users WHERE name = 'ada' AND age > 36",
                "SELECT * FROM users WHERE name = ? AND age > ?",
            ),
            ("SELECT 'it''s', 1.5e3, -7, 0xff", "SELECT ?, ?, -?, ?"),
            ("SELECT a1, t2.b3 FROM t2", "SELECT a1, t2.b3 FROM t2"),
            ("SELECT $1, :2, @3, ?", "SELECT $1, :2, @3, ?"),
            ("SELECT \"Column\" FROM \"t\"", "SELECT \"Column\" FROM \"t\""),
            ("SELECT 'a\\', 'secret'", "SELECT ?, ?"),
            ("SELECT E'a\\'b', 'secret'", "SELECT ?, ?"),
            ("SELECT X'1F', b'01'", "SELECT ?, ?"),
            ("SELECT $$it's$$, $tag$a $$ b$tag$, 1", "SELECT ?, ?, ?"),
            ("SELECT 1 -- it's a secret\n, 2", "SELECT ? \n, ?"),
            ("SELECT /* 'secret */ 'a', 1", "SELECT  ?, ?"),
            ("SELECT /* /* ' */ ' */ 'a', 1", "SELECT  ?, ?"),
            ("a LIKE'b\\', 'secret'", "a LIKE?, ?"),
            ("\"it's\" = 'secret'", "\"it's\" = ?"),
            ("SELECT 'no end, 5", "SELECT ?"),
            ("SELECT /* no end", "SELECT "),
            ("SELECT 'größe', 'ü'", "SELECT ?, ?"),
        ] {
            shows("postgresql", query, expected);
        }
    }

    #[test]
    fn mysql_writes_strings_and_comments_its_own_way() {
        shows("mysql", "SELECT \"a\", 'b\\'c', 'd' # it's\n, 1", "SELECT ?, ?, ? \n, ?");
        shows("mysql", "SELECT `it's`, 'secret'", "SELECT `it's`, ?");
        shows("sqlite", "SELECT [it's], 'secret'", "SELECT [it's], ?");
        shows("mariadb", "SELECT \"secret\"", "SELECT ?");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(without_literals(&"ü".repeat(500), "sqlite", 201).len(), 200);
    }

    #[test]
    fn nothing_panics() {
        for query in ["'", "$", "$$", "$a$", "/*", "--", "\\", "E'\\", "''", "\u{1f980}'", "$ü$x$ü$", "1ü"]
        {
            for system in ["postgresql", "mysql"] {
                let _ = without_literals(query, system, 10);
            }
        }
    }
}
