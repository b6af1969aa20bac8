//! Which hosts are told who asks.

use std::fmt;
use std::str::FromStr;

/// A host, as in `orders.internal`, or all below a domain, as in `*.internal`.
///
/// Ports make no difference, nor do upper case and a dot at the end. `*.internal` is every name that ends in `.internal`,
/// however many labels it has, and not `internal` itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    /// In lower case; of `*.internal`, `.internal`.
    name: Box<str>,
    below: bool,
}

/// A text that is no host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPatternError {
    given: String,
}

impl fmt::Display for HostPatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "trusted host {:?}: write a host without scheme and port, as in \"orders.internal\", or all hosts below a \
             domain, as in \"*.internal\"",
            self.given
        )
    }
}

impl std::error::Error for HostPatternError {}

impl FromStr for HostPattern {
    type Err = HostPatternError;

    fn from_str(text: &str) -> Result<Self, HostPatternError> {
        let (name, below) = match text.strip_prefix("*.") {
            Some(domain) => (domain, true),
            None => (text, false),
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        let is_address = name.starts_with('[') && name.ends_with(']') && !below;
        let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let of_address = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.' | b'[' | b']');
        let valid = match is_address {
            true => name.bytes().all(of_address),
            false => {
                !name.is_empty()
                    && name.bytes().all(of_name)
                    && name.split('.').all(|label| !label.is_empty())
            }
        };
        if !valid {
            return Err(HostPatternError { given: text.to_owned() });
        }
        let dot = if below { "." } else { "" };
        Ok(Self { name: format!("{dot}{}", name.to_ascii_lowercase()).into(), below })
    }
}

impl HostPattern {
    /// Whether this is, or includes, a host. No allocation.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
        let name = self.name.as_bytes();
        match self.below {
            true => host.len() > name.len() && host[host.len() - name.len()..].eq_ignore_ascii_case(name),
            false => host.eq_ignore_ascii_case(name),
        }
    }

    /// The host, where it is one and no pattern.
    pub(crate) fn exact(&self) -> Option<&str> {
        (!self.below).then_some(&self.name)
    }
}
