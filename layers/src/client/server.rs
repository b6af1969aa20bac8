//! Where a request goes, and under which name that is counted.

use std::borrow::Cow;

use http::header;
use http::request::Parts;
use http::uri::Authority;

/// The host of a request that says none.
const UNKNOWN: &str = "unknown";

/// Where a request goes.
#[derive(Debug)]
pub(crate) struct Server<'a> {
    /// Name or address, as it was written.
    pub(crate) host: &'a str,
    /// As it was written, or what the scheme implies.
    pub(crate) port: Option<u16>,
    /// The host in lower case, with the port where that is not the scheme's own.
    pub(crate) label: Cow<'a, str>,
}

impl<'a> Server<'a> {
    /// Reads the URI; where that is only a path (a tonic channel adds the rest further in), `known` or the header `Host`.
    pub(crate) fn of(head: &'a Parts, known: Option<&'a str>) -> Self {
        let authority = head
            .uri
            .authority()
            .map(Authority::as_str)
            .or(known)
            .or_else(|| head.headers.get(header::HOST)?.to_str().ok())
            .unwrap_or(UNKNOWN);
        // What stands before the at sign is a name and a password.
        let authority = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
        let implied = match head.uri.scheme_str() {
            Some("http") => Some(80),
            Some("https") => Some(443),
            _ => None,
        };
        let (host, written) = split(authority);
        let shown = if written.is_none() || written == implied { host } else { authority };
        let label = match shown.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(shown.to_ascii_lowercase()),
            false => Cow::Borrowed(shown),
        };
        Self { host, port: written.or(implied), label }
    }
}

/// Host and port; an IPv6 address stands in brackets.
fn split(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && (!host.contains(':') || host.ends_with(']')) => {
            (host, port.parse().ok())
        }
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::Server;

    #[track_caller]
    fn server(uri: &str) -> (String, Option<u16>, String) {
        let (head, ()) = Request::get(uri).body(()).unwrap().into_parts();
        let server = Server::of(&head, None);
        (server.host.to_owned(), server.port, server.label.into_owned())
    }

    #[test]
    fn a_port_is_part_of_the_name_where_it_is_not_the_schemes_own() {
        let of = |host: &str, port, label: &str| (host.to_owned(), port, label.to_owned());
        assert_eq!(server("https://shop.example/a"), of("shop.example", Some(443), "shop.example"));
        assert_eq!(server("https://shop.example:443/"), of("shop.example", Some(443), "shop.example"));
        assert_eq!(server("http://Shop.Example:8080/"), of("Shop.Example", Some(8080), "shop.example:8080"));
        assert_eq!(server("http://[::1]/"), of("[::1]", Some(80), "[::1]"));
        assert_eq!(server("http://[::1]:81/"), of("[::1]", Some(81), "[::1]:81"));
        assert_eq!(server("/only/a/path"), of("unknown", None, "unknown"));
    }

    #[test]
    fn a_password_is_no_part_of_the_name() {
        assert_eq!(server("http://ada:secret@shop.example/").2, "shop.example");
        assert_eq!(server("http://ada:secret@shop.example:81/").2, "shop.example:81");
    }
}
