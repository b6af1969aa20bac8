//! Where a request says that it was sent to.
//!
//! A page on a stranger's site can point its own name at 127.0.0.1 and then read, as its own, what answers there
//! (DNS rebinding). It cannot change what the browser writes into `Host`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};

/// Whether every host that a request names is a name of the loopback, and it names one.
pub(crate) fn is_loopback(head: &Parts) -> bool {
    let named = head.uri.authority().map(Authority::as_str);
    let mut hosts = named
        .into_iter()
        .chain(head.headers.get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or("")));
    let Some(first) = hosts.next() else { return false };
    names_loopback(first) && hosts.all(names_loopback)
}

/// `localhost`, `127.0.0.0/8` or `[::1]`, with any port.
fn names_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, port)) => {
            let address = address.parse::<Ipv6Addr>().ok().map(IpAddr::from);
            return address.is_some_and(|address| address.to_canonical().is_loopback())
                && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
        }
        None => host.split_once(':').unwrap_or((host, "0")),
    };
    let is_address = || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    is_port(port) && (name.eq_ignore_ascii_case("localhost") || is_address())
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

/// Whether a browser sends this for a page of another site, or may do so.
///
/// Reading it is what the browser keeps from the page; but a form can be sent from anywhere, with the password that
/// the browser remembers, and so can a query that keeps us busy. A link that somebody follows is their own wish.
pub(crate) fn is_cross_site(head: &Parts) -> bool {
    let is_read = head.method.is_safe();
    match text(&head.headers, "sec-fetch-site") {
        Some("same-origin" | "none") => false,
        Some(_) => !(is_read && text(&head.headers, "sec-fetch-mode") == Some("navigate")),
        // Browsers send neither for a plain GET to an address without TLS that is not the loopback.
        None => match text(&head.headers, "origin") {
            Some(origin) => {
                let host = text(&head.headers, "host");
                let host = host.or_else(|| head.uri.authority().map(Authority::as_str));
                let origin = origin.split_once("://").map(|(_, host)| host);
                origin.is_none()
                    || !host.zip(origin).is_some_and(|(host, origin)| host.eq_ignore_ascii_case(origin))
            }
            None => false,
        },
    }
}

/// A header that is text; one that is not counts as one that nothing equals.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("\u{0}"))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn a_loopback_name_is_known() {
        for host in [
            "localhost",
            "LOCALHOST:9901",
            "127.0.0.1",
            "127.0.0.1:9901",
            "127.9.8.7:1",
            "[::1]",
            "[::1]:9901",
            "[::ffff:127.0.0.1]:80",
        ] {
            assert!(names_loopback(host), "{host}");
        }
        for host in [
            "",
            ":9901",
            "evil.example",
            "evil.example:9901",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "localhost:9901.evil.example",
            "localhost:",
            "user@localhost",
            "0.0.0.0:9901",
            "10.0.0.1",
            "128.0.0.1",
            "::1",
            "[::1]evil",
            "[::1",
            "[::2]:9901",
        ] {
            assert!(!names_loopback(host), "{host}");
        }
    }

    fn head(method: &str, headers: &[(&str, &str)]) -> Parts {
        let request =
            headers.iter().fold(Request::builder().method(method).uri("/"), |request, (name, value)| {
                request.header(*name, *value)
            });
        request.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn two_hosts_must_both_be_loopback() {
        assert!(!is_loopback(&head("GET", &[])));
        assert!(is_loopback(&head("GET", &[("host", "localhost")])));
        assert!(!is_loopback(&head("GET", &[("host", "localhost"), ("host", "evil.example")])));
    }

    #[test]
    fn a_page_of_another_site_is_known() {
        let site = |site| ("sec-fetch-site", site);
        let mode = |mode| ("sec-fetch-mode", mode);
        let (host, own, other) =
            (("host", "localhost:1"), ("origin", "http://localhost:1"), ("origin", "https://evil.example"));
        for (cross, method, headers) in [
            (false, "GET", vec![]),
            (false, "POST", vec![]),
            (false, "POST", vec![site("same-origin")]),
            (false, "GET", vec![site("none"), mode("navigate")]),
            (false, "GET", vec![site("cross-site"), mode("navigate")]),
            (true, "GET", vec![site("cross-site"), mode("no-cors")]),
            (true, "GET", vec![site("same-site"), mode("cors")]),
            (true, "POST", vec![site("cross-site"), mode("navigate")]),
            (true, "POST", vec![site("same-site"), mode("navigate")]),
            (true, "POST", vec![site("")]),
            (false, "POST", vec![host, own]),
            (true, "POST", vec![host, other]),
            (true, "POST", vec![host, ("origin", "null")]),
            (true, "POST", vec![host, ("origin", "http://localhost:2")]),
            (true, "POST", vec![own]),
            // A proxy may have changed the host; the browser knows better.
            (false, "POST", vec![host, other, site("same-origin")]),
        ] {
            assert_eq!(is_cross_site(&head(method, &headers)), cross, "{method} {headers:?}");
        }
    }
}
