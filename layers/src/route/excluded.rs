//! Paths that are left out.

use http::Method;

use crate::route::Pattern;

/// Patterns that hardly any path matches, so that most paths need not be compared with any.
#[derive(Debug, Default)]
pub(crate) struct Excluded {
    patterns: Vec<Pattern>,
    /// The lengths that a match can have, modulo 64: a bit for each.
    lengths: u64,
}

impl Excluded {
    pub(crate) fn push(&mut self, pattern: Pattern) {
        self.lengths |= pattern.length().map_or(!0, bit);
        self.patterns.push(pattern);
    }

    #[inline]
    pub(crate) fn matches(&self, method: &Method, path: &str) -> bool {
        self.lengths & bit(path.len()) != 0
            && self.patterns.iter().any(|pattern| pattern.matches(method, path))
    }
}

fn bit(length: usize) -> u64 {
    1 << (length % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_with_a_star_matches_whatever_its_length() {
        let mut excluded = Excluded::default();
        excluded.push("/robots.txt".parse().unwrap());
        assert!(excluded.matches(&Method::GET, "/robots.txt"));
        assert!(!excluded.matches(&Method::GET, "/robots.tx?"));
        assert!(!excluded.matches(&Method::GET, "/robots.txt/1"));
        assert!(!excluded.matches(&Method::GET, &format!("/robots.txt{}", "/".repeat(64))));
        excluded.push("*.ico".parse().unwrap());
        assert!(excluded.matches(&Method::GET, "/a/favicon.ico"));
        assert!(!excluded.matches(&Method::GET, "/a/favicon.png"));
    }
}
