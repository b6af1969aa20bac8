//! The mail server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, CertificateStore, Identity, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{self, AsyncSmtpTransport};
use lettre::{AsyncTransport, Message, Tokio1Executor};
use tokio::sync::OnceCell;

use crate::alert::config::{Secret, TlsConfig};
use crate::alert::receivers::SendError;
use crate::alert::receivers::facts::cut;
use crate::outgoing::causes;

/// The port on which TLS comes first, and no STARTTLS.
const TLS_FIRST: u16 = 465;
/// The port of who gives none: submission.
const SUBMISSION: u16 = 587;
/// Longer than any timeout of the engine, which is what ends a message.
const LONG: Duration = Duration::from_secs(600);
/// Log in first; log in in another way; these are not the credentials; not without encryption.
const LOGIN: [u16; 4] = [530, 534, 535, 538];
/// How much of what a server says is told.
const SHOWN: usize = 300;

/// Where mails are handed in. A connection is made for each.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) smarthost: String,
    pub(crate) hello: String,
    pub(crate) login: Option<(String, Secret)>,
    pub(crate) require_tls: bool,
    /// TLS comes first on any port, not only on 465.
    pub(crate) implicit_tls: bool,
    pub(crate) tls: TlsConfig,
    /// Made when it is needed first, since it reads the system's certificates.
    pub(crate) parameters: Arc<OnceCell<TlsParameters>>,
}

impl Server {
    pub(crate) fn new(smarthost: String) -> Self {
        Self {
            smarthost,
            hello: "localhost".to_owned(),
            login: None,
            require_tls: true,
            implicit_tls: false,
            tls: TlsConfig::default(),
            parameters: Arc::default(),
        }
    }

    /// What is wrong with its settings.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        match host_and_port(&self.smarthost) {
            Some((host, port)) => {
                if !self.encrypts(port) && self.login.is_some() && !is_local(host) {
                    problems.push(format!(
                        "require_tls is false, so the password would go to {host} in clear; remove require_tls: false, \
                         and give the server's certificate as tls_config where nobody else vouches for it"
                    ));
                }
            }
            None => {
                problems.push("smarthost is no host:port; write it as in mail.example.com:587".to_owned());
            }
        }
        if let Err(problem) = self.certificates() {
            problems.push(format!("tls_config: {problem}"));
        }
        problems
    }

    fn encrypts(&self, port: u16) -> bool {
        self.require_tls || self.begins_with_tls(port)
    }

    fn begins_with_tls(&self, port: u16) -> bool {
        self.implicit_tls || port == TLS_FIRST
    }

    fn certificates(&self) -> Result<(Vec<Certificate>, Option<Identity>), String> {
        let roots = self.tls.roots_pem().map_err(|error| error.to_string())?;
        let roots = match roots {
            Some(pem) => vec![
                Certificate::from_pem(&pem)
                    .map_err(|_| "the certificates to trust are no certificates in PEM")?,
            ],
            None => Vec::new(),
        };
        let identity = self.tls.identity_pem().map_err(|error| error.to_string())?;
        let identity = identity.map(|(certificate, key)| Identity::from_pem(&certificate, &key)).transpose();
        // The parser's own words could quote the key.
        let identity = identity.map_err(|_| "the certificate and its key cannot be used")?;
        Ok((roots, identity))
    }

    fn make_parameters(&self, host: &str) -> Result<TlsParameters, String> {
        let (roots, identity) = self.certificates()?;
        let mut builder = TlsParameters::builder(host.to_owned());
        if !roots.is_empty() {
            builder = builder.certificate_store(CertificateStore::None);
        }
        for root in roots {
            builder = builder.add_root_certificate(root);
        }
        if let Some(identity) = identity {
            builder = builder.identify_with(identity);
        }
        builder.build().map_err(|error| causes(&error))
    }

    async fn parameters(&self, host: &str) -> Result<TlsParameters, String> {
        let make = || async {
            let (server, host) = (self.clone(), host.to_owned());
            let made = tokio::task::spawn_blocking(move || server.make_parameters(&host)).await;
            made.unwrap_or_else(|error| Err(error.to_string()))
        };
        self.parameters.get_or_try_init(make).await.cloned()
    }

    /// Hands in a mail.
    pub(crate) async fn send(&self, message: Message) -> Result<(), SendError> {
        let (host, port) = host_and_port(&self.smarthost)
            .ok_or_else(|| SendError::refused("the smarthost is no host:port"))?;
        let tls = if self.encrypts(port) {
            let parameters = self.parameters(host).await;
            let parameters = parameters.map_err(|error| SendError::retry(format!("no TLS: {error}")))?;
            if self.begins_with_tls(port) { Tls::Wrapper(parameters) } else { Tls::Required(parameters) }
        } else {
            Tls::None
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(LONG))
            .hello_name(ClientId::Domain(self.hello.clone()));
        if let Some((username, password)) = &self.login {
            let password = password.read().map_err(|error| SendError::retry(error.to_string()))?;
            transport = transport
                .credentials(Credentials::new(username.clone(), password))
                .authentication(vec![Mechanism::Plain, Mechanism::Login]);
        }
        let sent = transport.build::<Tokio1Executor>().send(message).await;
        sent.map(drop).map_err(|error| outcome(&error))
    }
}

/// 5xx is the server's last word, everything else may pass (<https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1>). What it says
/// of who logs in (<https://www.rfc-editor.org/rfc/rfc4954#section-6>) is no word about the mail: while a password is changed
/// nothing that is owed may be lost.
fn outcome(error: &smtp::Error) -> SendError {
    let reason = cut(&causes(error), SHOWN);
    let is_of_the_login = error.status().is_some_and(|code| LOGIN.contains(&u16::from(code)));
    match error.is_permanent() && !is_of_the_login {
        true => SendError::refused(reason),
        false => SendError::retry(reason),
    }
}

/// `mail.example.com:587`, `[::1]:25`, `mail.example.com`.
fn host_and_port(smarthost: &str) -> Option<(&str, u16)> {
    let smarthost = smarthost.trim();
    if let Some(rest) = smarthost.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        let port = if port.is_empty() { SUBMISSION } else { port.strip_prefix(':')?.parse().ok()? };
        return Some((host, port)).filter(|(host, _)| !host.is_empty());
    }
    let (host, port) = match smarthost.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (smarthost, SUBMISSION),
    };
    let is_host =
        !host.is_empty() && !host.contains(|char: char| char.is_whitespace() || "/@".contains(char));
    (is_host && port != 0).then_some((host, port))
}

fn is_local(host: &str) -> bool {
    let is_loopback = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    is_loopback || host.eq_ignore_ascii_case("localhost")
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("smarthost", &self.smarthost)
            .field("has_login", &self.login.is_some())
            .field("require_tls", &self.require_tls)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn a_smarthost_is_a_host_and_a_port() {
        for (text, parts) in [
            ("mail.example.com:25", Some(("mail.example.com", 25))),
            ("mail.example.com", Some(("mail.example.com", 587))),
            ("[::1]:2525", Some(("::1", 2525))),
            ("[::1]", Some(("::1", 587))),
            ("", None),
            (":25", None),
            ("mail:port", None),
            ("mail:0", None),
            ("::1", None),
            ("smtp://mail:25", None),
            ("user@mail:25", None),
        ] {
            assert_eq!(host_and_port(text), parts, "{text}");
        }
    }
}
