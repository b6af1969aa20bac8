//! Which headers a span shows.

use std::fmt;

use http::HeaderName;

use crate::redact::Redaction;

/// A header that no span can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderError {
    name: String,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    Credential,
    NoName,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.problem {
            Problem::Credential => {
                write!(
                    f,
                    "the header {name:?} carries a credential, which no span shows; take it off the list"
                )
            }
            Problem::NoName => {
                write!(f, "{name:?} is no name of a header; write it as in \"accept-language\"")
            }
        }
    }
}

impl std::error::Error for HeaderError {}

/// Checks a list of names, and adds it to those that are there.
pub(crate) fn add<N: AsRef<str>>(
    known: &mut Vec<HeaderName>,
    names: impl IntoIterator<Item = N>,
) -> Result<(), HeaderError> {
    for name in names {
        let name = name.as_ref();
        let refused = |problem| HeaderError { name: name.to_owned(), problem };
        let header: HeaderName = name.trim().parse().map_err(|_| refused(Problem::NoName))?;
        if is_credential(&header) {
            return Err(refused(Problem::Credential));
        }
        if !known.contains(&header) {
            known.push(header);
        }
    }
    Ok(())
}

/// Whether the name says so: `authorization`, `proxy-authorization`, `cookie`, `set-cookie`, `x-api-key`, and whatever
/// else is secret by [`Redaction::default`].
fn is_credential(name: &HeaderName) -> bool {
    Redaction::default().is_secret(name.as_str())
}
