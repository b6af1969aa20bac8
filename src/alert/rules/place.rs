//! From a byte of a text to the place in the file that it was read from.
//!
//! The text of a YAML scalar is not what stands in the file: lines are folded, indentation is taken off, escapes are
//! undone. So the text is followed through the file letter by letter, white space aside.

use crate::alert::rules::node::{Node, Place};
use crate::promql::position::position;

/// Where in the file the byte of the node's text stands.
pub(super) fn place_of(source: &str, node: &Node, text: &str, byte: usize) -> Place {
    let end = node.bytes.end.min(source.len());
    let Some(written) = source.get(node.bytes.start..end) else { return node.place };
    let quote =
        written.chars().next().filter(|first| matches!(first, '"' | '\'') && !text.starts_with(*first));
    let mut at = usize::from(quote.is_some());
    for (index, letter) in text.char_indices() {
        if letter.is_whitespace() {
            continue;
        }
        // A letter that was written as an escape is not found; the next one is.
        let Some(found) = written.get(at..).and_then(|rest| rest.find(letter)) else { continue };
        if index >= byte {
            at += found;
            break;
        }
        at += found + letter.len_utf8();
        let is_doubled = matches!((quote, letter), (Some('"'), '\\') | (Some('\''), '\''));
        if is_doubled && written[at..].starts_with(letter) {
            at += letter.len_utf8();
        }
    }
    let (line, column) = position(source, node.bytes.start + at);
    Place { line: line as u64, column: column as u64 }
}

#[cfg(test)]
mod tests {
    use crate::alert::rules::node::{Content, Node};
    use crate::alert::rules::place::place_of;

    /// Where the first `?` of the value of `expr` is said to be, in a file of one key.
    fn of_mark(source: &str) -> (u64, u64) {
        let root: Node = serde_saphyr::from_str(source).unwrap();
        let Content::Map(entries) = &root.content else { panic!("no map") };
        let node = &entries[0].1;
        let text = node.text(source).unwrap();
        let place = place_of(source, node, text, text.find('?').unwrap());
        (place.line, place.column)
    }

    #[test]
    fn a_byte_is_found_in_every_style() {
        for source in [
            "expr: a + ?",
            "expr: a +\n   b + ? + ?",
            "expr: 'a{b=''x''} + ?'",
            "expr: \"a{b=\\\"x\\\"} + ?\"",
            "expr: \"a{b=~\\\"\\\\\\\\d\\\"} + ?\"",
            "expr: |\n  a +\n  b + ?\n",
            "expr: |-\n    a +\n\n    b +   ?\n",
            "expr: >-\n  ä +\n  b + ?\n",
            "expr: >\n  \"a\"\n  b + ?\n",
            "expr: &name a + ?",
            "expr:   a\t+ ?  # ?",
        ] {
            let byte = source.find('?').unwrap();
            let before = &source[..byte];
            let line = before.matches('\n').count() as u64 + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() as u64 + 1;
            assert_eq!(of_mark(source), (line, column), "{source}");
        }
    }
}
