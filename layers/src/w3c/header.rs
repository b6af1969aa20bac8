//! What the list headers have in common: members between commas, in one header or in several.

use bytes::BytesMut;
use http::header::AsHeaderName;
use http::{HeaderMap, HeaderValue};

/// The members of a list header: what stands between commas, without the space around it. Empty ones are passed over.
#[derive(Clone, Debug)]
pub(crate) struct Members<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Members<'a> {
    pub(crate) fn of(header: &'a [u8]) -> Self {
        Self { rest: Some(header) }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let rest = self.rest?;
            let member = match rest.iter().position(|byte| *byte == b',') {
                Some(comma) => {
                    self.rest = Some(&rest[comma + 1..]);
                    trim(&rest[..comma])
                }
                None => {
                    self.rest = None;
                    trim(rest)
                }
            };
            if !member.is_empty() {
                return Some(member);
            }
        }
    }
}

/// Without the spaces and tabs at both ends.
pub(crate) fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// The header of this name. Several are one list, as HTTP says; one alone is shared. `None` where there is none, and where
/// they are longer than `longest` together.
pub(crate) fn joined(headers: &HeaderMap, name: impl AsHeaderName, longest: usize) -> Option<HeaderValue> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?;
    let Some(second) = all.next() else {
        return (first.len() <= longest).then(|| first.clone());
    };
    let mut list = BytesMut::from(first.as_bytes());
    for more in std::iter::once(second).chain(all) {
        if list.len() + 1 + more.len() > longest {
            return None;
        }
        list.extend_from_slice(b",");
        list.extend_from_slice(more.as_bytes());
    }
    HeaderValue::from_maybe_shared(list.freeze()).ok()
}
