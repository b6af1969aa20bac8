//! Anything that has headers: requests, messages of a queue, lines of a table.
//!
//! A closure is a carrier too, for whatever has another shape:
//!
//! ```
//! use tower_watch_layers::w3c::CarrierMut;
//!
//! let mut lines = Vec::new();
//! let mut into_lines = |name: &'static str, value: &str| lines.push(format!("{name}: {value}"));
//! into_lines.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
//! assert_eq!(lines.len(), 1);
//! ```

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::w3c::header::joined;

/// A carrier to read from.
pub trait Carrier {
    /// The value of a header. Names are in lower case; where the carrier has a name several times, the values with commas
    /// between them, so that what may stand there once only is no longer valid.
    fn get<'c>(&'c self, name: &str) -> Option<Cow<'c, [u8]>>;
}

/// A carrier to write to.
pub trait CarrierMut {
    /// Sets a header, in place of any of that name. Names are in lower case, values visible ASCII.
    fn set(&mut self, name: &'static str, value: &str);
}

/// More of one header than any of ours may have.
const LONGEST: usize = 16 * 1024;

impl Carrier for HeaderMap {
    fn get<'c>(&'c self, name: &str) -> Option<Cow<'c, [u8]>> {
        let mut all = self.get_all(name).iter();
        match (all.next(), all.next()) {
            (only, None) => only.map(|value| Cow::Borrowed(value.as_bytes())),
            _ => joined(self, name, LONGEST).map(|value| Cow::Owned(value.as_bytes().to_vec())),
        }
    }
}

impl CarrierMut for HeaderMap {
    fn set(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.insert(HeaderName::from_static(name), value);
        }
    }
}

impl<S: BuildHasher> Carrier for HashMap<String, String, S> {
    fn get<'c>(&'c self, name: &str) -> Option<Cow<'c, [u8]>> {
        let exact = HashMap::get(self, name);
        exact
            .or_else(|| {
                self.iter().find_map(|(known, value)| known.eq_ignore_ascii_case(name).then_some(value))
            })
            .map(|value| Cow::Borrowed(value.as_bytes()))
    }
}

impl<S: BuildHasher> CarrierMut for HashMap<String, String, S> {
    fn set(&mut self, name: &'static str, value: &str) {
        self.insert(name.to_owned(), value.to_owned());
    }
}

impl Carrier for BTreeMap<String, String> {
    fn get<'c>(&'c self, name: &str) -> Option<Cow<'c, [u8]>> {
        let exact = BTreeMap::get(self, name);
        exact
            .or_else(|| {
                self.iter().find_map(|(known, value)| known.eq_ignore_ascii_case(name).then_some(value))
            })
            .map(|value| Cow::Borrowed(value.as_bytes()))
    }
}

impl CarrierMut for BTreeMap<String, String> {
    fn set(&mut self, name: &'static str, value: &str) {
        self.insert(name.to_owned(), value.to_owned());
    }
}

impl<K: AsRef<str>, V: AsRef<[u8]>> Carrier for [(K, V)] {
    fn get<'c>(&'c self, name: &str) -> Option<Cow<'c, [u8]>> {
        let mut all = self.iter().filter(|(known, _)| known.as_ref().eq_ignore_ascii_case(name));
        let (_, first) = all.next()?;
        let mut found = Cow::Borrowed(first.as_ref());
        for (_, more) in all {
            let list = found.to_mut();
            list.push(b',');
            list.extend_from_slice(more.as_ref());
        }
        Some(found)
    }
}

impl<K: AsRef<str>, V: AsRef<[u8]>> Carrier for Vec<(K, V)> {
    fn get<'c>(&'c self, name: &str) -> Option<Cow<'c, [u8]>> {
        Carrier::get(self.as_slice(), name)
    }
}

impl<K, V> CarrierMut for Vec<(K, V)>
where
    K: AsRef<str> + From<&'static str>,
    V: for<'v> From<&'v str>,
{
    fn set(&mut self, name: &'static str, value: &str) {
        self.retain(|(known, _)| !known.as_ref().eq_ignore_ascii_case(name));
        self.push((name.into(), value.into()));
    }
}

/// A function that finds the value of a header.
impl<F: Fn(&str) -> Option<String>> Carrier for F {
    fn get<'c>(&'c self, name: &str) -> Option<Cow<'c, [u8]>> {
        self(name).map(|value| Cow::Owned(value.into_bytes()))
    }
}

/// A function that takes headers.
impl<F: FnMut(&'static str, &str)> CarrierMut for F {
    fn set(&mut self, name: &'static str, value: &str) {
        self(name, value);
    }
}
