//! Patterns over paths and templates.

use std::fmt;
use std::str::FromStr;

use http::Method;

/// A path or route template in which `*` stands for any run of characters, slashes included; a method before
/// it narrows it: `/partners/*`, `/users/{id}`, `POST /orders`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    method: Option<Method>,
    path: Box<str>,
    is_literal: bool,
}

/// A pattern that is none, with what it lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    pattern: String,
    mend: &'static str,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pattern {:?}: {}", self.pattern, self.mend)
    }
}

impl std::error::Error for PatternError {}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let error = |mend| PatternError { pattern: text.to_owned(), mend };
        let (method, path) = match text.trim().split_once(' ') {
            Some((method, path)) => {
                let method = Method::from_bytes(method.as_bytes()).map_err(|_| {
                    error("what stands before the space must be a method, as in \"GET /users\"")
                })?;
                (Some(method), path.trim_start())
            }
            None => (None, text.trim()),
        };
        if !path.starts_with(['/', '*']) {
            return Err(error("a path starts with \"/\" or \"*\""));
        }
        if path.contains(char::is_whitespace) {
            return Err(error("a path has no space; encode it as %20"));
        }
        Ok(Self { method, path: path.into(), is_literal: !path.contains('*') })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.method {
            Some(method) => write!(f, "{method} {}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

impl Pattern {
    /// Whether it holds for this method and path or template.
    #[must_use]
    #[inline]
    pub fn matches(&self, method: &Method, path: &str) -> bool {
        let holds =
            if self.is_literal { *self.path == *path } else { glob(self.path.as_bytes(), path.as_bytes()) };
        holds && self.method.as_ref().is_none_or(|wanted| wanted == method)
    }

    /// The length of what it matches, where that is always the same.
    pub(crate) fn length(&self) -> Option<usize> {
        self.is_literal.then_some(self.path.len())
    }

    /// The path or template, with a `*` for anything.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The method that it is narrowed to.
    #[must_use]
    pub fn method(&self) -> Option<&Method> {
        self.method.as_ref()
    }
}

/// Matches `*` against any run of bytes, in time proportional to the product of the lengths at worst.
#[inline(never)]
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where the last star was, and how much of the text it has swallowed so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(byte) if *byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, swallowed)) => {
                    star = Some((at, swallowed + 1));
                    p = at + 1;
                    t = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_methods() {
        let holds = |pattern: &str, method, path| pattern.parse::<Pattern>().unwrap().matches(&method, path);
        assert!(holds("/partners/*", Method::GET, "/partners/{id}/orders"));
        assert!(!holds("/partners/*", Method::GET, "/partners"));
        assert!(holds("*.ico", Method::GET, "/a/favicon.ico"));
        assert!(holds("/a*b*c", Method::GET, "/a-b-b-c"));
        assert!(!holds("/a*b*c", Method::GET, "/a-b-b-c-"));
        assert!(holds("POST /orders", Method::POST, "/orders"));
        assert!(!holds("POST /orders", Method::GET, "/orders"));
        assert!(holds("*", Method::GET, "/anything"));
    }

    #[test]
    fn errors_name_the_pattern_and_the_mend() {
        for bad in ["", "users", "GET users", "G@T /users", "/a b c"] {
            let error = bad.parse::<Pattern>().unwrap_err().to_string();
            assert!(error.contains(&format!("{bad:?}")), "{error}");
        }
    }
}
