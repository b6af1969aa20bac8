//! E-mail as a receiver.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alert::config::{Secret, TlsConfig};
use crate::alert::notify::Notification;
use crate::alert::receivers::email::headers;
use crate::alert::receivers::email::message::{Letter, addresses};
use crate::alert::receivers::email::server::Server;
use crate::alert::receivers::email::thread::Threads;
use crate::alert::receivers::texts::Texts;
use crate::alert::receivers::{Delivery, Receiver, SendError};
use crate::alert::template::Templates;

/// Our page, which a configuration's templates can replace.
const HTML: &str = r#"{{ template "email.default.html" . }}"#;

/// Writes e-mail, handed in over SMTP with STARTTLS (without it nothing is sent, unless
/// [`require_tls`](Self::require_tls) says otherwise), or with TLS from the first byte on port 465.
///
/// A mail has a text and an HTML part, a subject by severity ([`Severity`](crate::alert::Severity) has the table), and
/// belongs to a thread ([`Threads`]). An answer 5xx of the server is its last word, unless it is about the
/// login; everything else is tried again.
///
/// ```
/// use tower_watch::alert::receivers::Email;
///
/// let email = Email::to("on-call@example.com, boss@example.com")
///     .from("Shop <alerts@example.com>")
///     .smarthost("mail.example.com:587")
///     .auth("alerts", "a password");
/// # drop(email);
/// ```
#[derive(Clone, Debug)]
pub struct Email {
    letter: Letter,
    server: Server,
    texts: Texts,
    send_resolved: bool,
}

impl Email {
    /// Writes to these addresses, separated by commas. A template, as in Alertmanager's configuration.
    pub fn to(addresses: impl Into<String>) -> Self {
        let letter = Letter {
            to: addresses.into(),
            from: String::new(),
            headers: BTreeMap::new(),
            html: HTML.to_owned(),
            text: None,
            threads: Threads::default(),
        };
        Self { letter, server: Server::new(String::new()), texts: Texts::default(), send_resolved: true }
    }

    /// Writes from this address. Required. A template.
    #[must_use]
    pub fn from(mut self, address: impl Into<String>) -> Self {
        self.letter.from = address.into();
        self
    }

    /// Hands mails in at this server: `host:port`, 587 where there is no port. Required.
    #[must_use]
    pub fn smarthost(mut self, host_and_port: impl Into<String>) -> Self {
        self.server.smarthost = host_and_port.into();
        self
    }

    /// Logs in (AUTH PLAIN, or LOGIN where the server has nothing else).
    #[must_use]
    pub fn auth(mut self, username: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.server.login = Some((username.into(), password.into()));
        self
    }

    /// What the server is greeted with. `localhost` by default.
    #[must_use]
    pub fn hello(mut self, name: impl Into<String>) -> Self {
        self.server.hello = name.into();
        self
    }

    /// Whether nothing is sent in clear. True by default. With false nothing is encrypted (but on port 465), and a password
    /// goes to this machine only.
    #[must_use]
    pub fn require_tls(mut self, require: bool) -> Self {
        self.server.require_tls = require;
        self
    }

    /// Speaks TLS from the first byte, in place of STARTTLS. On port 465 it is so in any case.
    #[must_use]
    pub fn implicit_tls(mut self) -> Self {
        self.server.implicit_tls = true;
        self
    }

    /// Whom to trust in place of the system's certificates, and a certificate of our own.
    #[must_use]
    pub fn tls_config(mut self, config: TlsConfig) -> Self {
        self.server.tls = config;
        self
    }

    /// The subject. A template; by default the severity, the alert's name and the service.
    #[must_use]
    pub fn subject(self, template: impl Into<String>) -> Self {
        self.header("Subject", template)
    }

    /// Sets a header. A template; a line end in what it becomes is a space.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, template: impl Into<String>) -> Self {
        self.letter.headers.insert(name.into(), template.into());
        self
    }

    /// The HTML part. A template, which escapes what comes from alerts; empty for a mail of text alone.
    #[must_use]
    pub fn html(mut self, template: impl Into<String>) -> Self {
        self.letter.html = template.into();
        self
    }

    /// The text part. A template.
    #[must_use]
    pub fn text(mut self, template: impl Into<String>) -> Self {
        self.letter.text = Some(template.into());
        self
    }

    /// Which mails are shown as one thread. Those of a group and day by default.
    #[must_use]
    pub fn threads(mut self, threads: Threads) -> Self {
        self.letter.threads = threads;
        self
    }

    /// Whether it is told when an alert is over. True by default.
    #[must_use]
    pub fn send_resolved(mut self, send_resolved: bool) -> Self {
        self.send_resolved = send_resolved;
        self
    }

    pub(crate) fn templates(mut self, templates: &Arc<Templates>) -> Self {
        self.texts = Texts::new(Arc::clone(templates));
        self
    }

    async fn write(&self, notification: &Notification) -> Result<(), SendError> {
        let message = self.letter.write(notification, &self.texts).map_err(SendError::refused)?;
        self.server.send(message).await
    }
}

impl Receiver for Email {
    fn kind(&self) -> &'static str {
        "email"
    }

    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(self.write(notification))
    }

    fn check(&self) -> Result<(), Vec<String>> {
        let Letter { to, from, headers, html, text, .. } = &self.letter;
        let mut problems = self.server.problems();
        for (key, list) in [("to", to), ("from", from)] {
            match addresses(key, list) {
                _ if list.contains("{{") => {}
                Ok(list) if list.iter().next().is_none() => {
                    problems.push(format!("{key} is missing; write an address"));
                }
                Ok(_) => {}
                Err(problem) => problems.push(problem),
            }
        }
        problems.extend(headers.keys().filter_map(|name| headers::problem(name)));
        let texts = [("to", Some(to)), ("from", Some(from)), ("html", Some(html)), ("text", text.as_ref())];
        problems.extend(self.texts.problems(texts));
        let headers = headers.iter().map(|(name, template)| (name.as_str(), Some(template)));
        problems.extend(self.texts.problems(headers));
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn send_resolved(&self) -> bool {
        self.send_resolved
    }

    fn takes_single_alerts(&self) -> bool {
        self.letter.threads == Threads::Alert
    }
}
