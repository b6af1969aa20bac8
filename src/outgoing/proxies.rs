//! Which proxy, if any.
//!
//! `HTTPS_PROXY` is asked for `https`, `HTTP_PROXY` for `http`, `ALL_PROXY` for what neither names, and none for the hosts of
//! `NO_PROXY` (names with all below them, addresses, networks, `*`); lower case is understood too, and is stronger, as curl has
//! it. A proxy is spoken to in plain HTTP, and asked for a tunnel (`CONNECT`) to an `https` host. Proxies that want TLS or
//! SOCKS themselves are refused at the start. In a CGI process `HTTP_PROXY` is what a stranger sent
//! (<https://httpoxy.org>), and is not read.

use std::fmt;

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::config::VariableError;
use crate::outgoing::HttpSetupError;

/// Which proxy is asked for which host.
pub(crate) struct Proxies {
    matcher: Option<Matcher>,
}

/// Reads a variable of the environment.
type Read = fn(&str) -> Result<String, VariableError>;

impl Proxies {
    pub(crate) fn none() -> Self {
        Self { matcher: None }
    }

    pub(crate) fn always(url: &str) -> Result<Self, HttpSetupError> {
        check("proxy", url)?;
        Ok(Self { matcher: Some(Matcher::builder().all(url).build()) })
    }

    pub(crate) fn from_environment(read: Read) -> Result<Self, HttpSetupError> {
        let is_cgi = read("REQUEST_METHOD").is_ok();
        let https = proxy(read, ["https_proxy", "HTTPS_PROXY"])?;
        let http =
            if is_cgi { proxy(read, ["http_proxy"])? } else { proxy(read, ["http_proxy", "HTTP_PROXY"])? };
        let all = proxy(read, ["all_proxy", "ALL_PROXY"])?;
        if https.is_none() && http.is_none() && all.is_none() {
            return Ok(Self::none());
        }
        let no = set(read, ["no_proxy", "NO_PROXY"])?.map(|(_, hosts)| hosts);
        let builder = Matcher::builder()
            .https(https.unwrap_or_default())
            .http(http.unwrap_or_default())
            .all(all.unwrap_or_default())
            .no(no.unwrap_or_default());
        Ok(Self { matcher: Some(builder.build()) })
    }

    /// The proxy to ask for this.
    pub(crate) fn proxy_for(&self, target: &Uri) -> Option<Intercept> {
        self.matcher.as_ref()?.intercept(target)
    }

    /// What a proxy that is handed a plain request wants to see with it.
    pub(crate) fn credential_for_plain(&self, target: &Uri) -> Option<HeaderValue> {
        if target.scheme() != Some(&Scheme::HTTP) {
            return None;
        }
        self.proxy_for(target)?.basic_auth().cloned().map(|mut credential| {
            credential.set_sensitive(true);
            credential
        })
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").field("are_asked", &self.matcher.is_some()).finish()
    }
}

/// The first variable of these that says something.
fn set<const N: usize>(
    read: Read,
    names: [&'static str; N],
) -> Result<Option<(&'static str, String)>, HttpSetupError> {
    for name in names {
        match read(name) {
            Ok(value) if !value.trim().is_empty() => return Ok(Some((name, value))),
            Ok(_) | Err(VariableError::NotSet) => {}
            Err(error @ VariableError::NotText) => return Err(HttpSetupError::new(name, error)),
        }
    }
    Ok(None)
}

fn proxy<const N: usize>(read: Read, names: [&'static str; N]) -> Result<Option<String>, HttpSetupError> {
    let Some((name, url)) = set(read, names)? else { return Ok(None) };
    check(name, url.trim())?;
    Ok(Some(url.trim().to_owned()))
}

/// The error does not quote the URL: a password may stand there.
fn check(place: &'static str, url: &str) -> Result<(), HttpSetupError> {
    let refuse = |why: &str| {
        Err(HttpSetupError::new(
            place,
            format_args!("{why}; give a proxy as in http://proxy.example.com:3128"),
        ))
    };
    let Ok(uri) = url.parse::<Uri>() else { return refuse("this is no URL") };
    match uri.scheme_str() {
        None | Some("http") => {}
        Some("https") => return refuse("a proxy that itself wants TLS cannot be asked"),
        Some(scheme) if scheme.starts_with("socks") => return refuse("a SOCKS proxy cannot be asked"),
        Some(_) => return refuse("this is no proxy"),
    }
    if uri.host().is_none_or(str::is_empty) { refuse("this names no host") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::Proxies;
    use crate::config::VariableError;

    fn asked(proxies: &Proxies, target: &str) -> Option<String> {
        let target: Uri = target.parse().expect("a URL");
        proxies.proxy_for(&target).map(|proxy| proxy.uri().authority().expect("a host").to_string())
    }

    #[test]
    fn each_scheme_has_its_variable_and_some_hosts_have_none() {
        let proxies = Proxies::from_environment(|name| match name {
            "HTTPS_PROXY" => Ok("http://tls:1".into()),
            "http_proxy" => Ok(" plain:2 ".into()),
            "HTTP_PROXY" => Ok("http://weaker:3".into()),
            "NO_PROXY" => Ok("localhost, .internal,10.0.0.0/8".into()),
            _ => Err(VariableError::NotSet),
        })
        .expect("proxies");
        assert_eq!(asked(&proxies, "https://a.example/").as_deref(), Some("tls:1"));
        assert_eq!(asked(&proxies, "http://a.example/").as_deref(), Some("plain:2"));
        for own in ["http://localhost:4318/", "https://a.internal/", "http://10.1.2.3/"] {
            assert_eq!(asked(&proxies, own), None, "{own}");
        }
    }

    #[test]
    fn a_stranger_of_a_cgi_process_names_no_proxy() {
        let proxies = Proxies::from_environment(|name| match name {
            "REQUEST_METHOD" => Ok("GET".into()),
            "HTTP_PROXY" => Ok("http://evil:1".into()),
            _ => Err(VariableError::NotSet),
        });
        assert_eq!(asked(&proxies.expect("proxies"), "http://a.example/"), None);
    }

    #[test]
    fn a_variable_that_cannot_be_used_is_named() {
        let error = Proxies::from_environment(|name| match name {
            "ALL_PROXY" => Ok("socks5://u:s3cret@a".into()),
            _ => Err(VariableError::NotSet),
        });
        let error = error.expect_err("an error").to_string();
        assert!(error.starts_with("ALL_PROXY: ") && !error.contains("s3cret"), "{error}");
        let error = Proxies::from_environment(|name| match name {
            "NO_PROXY" => Err(VariableError::NotText),
            "ALL_PROXY" => Ok("a".into()),
            _ => Err(VariableError::NotSet),
        });
        assert_eq!(error.expect_err("an error").to_string(), "NO_PROXY: is not UTF-8");
    }
}
