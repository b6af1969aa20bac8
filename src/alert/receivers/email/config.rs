//! The section `email_configs`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use crate::alert::config::{Global, Secret, TlsConfig};
use crate::alert::receivers::{Email, Receiver, Threads};
use crate::alert::template::Templates;

/// An item of `email_configs` (<https://prometheus.io/docs/alerting/latest/configuration/#email_config>).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EmailConfig {
    send_resolved: Option<bool>,
    to: Option<String>,
    from: Option<String>,
    smarthost: Option<String>,
    hello: Option<String>,
    auth_username: Option<String>,
    auth_password: Option<Secret>,
    auth_password_file: Option<PathBuf>,
    auth_identity: Option<String>,
    auth_secret: Option<Secret>,
    auth_secret_file: Option<PathBuf>,
    require_tls: Option<bool>,
    tls_config: Option<TlsConfig>,
    html: Option<String>,
    text: Option<String>,
    headers: BTreeMap<String, String>,
    threading: Threading,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Threading {
    enabled: bool,
    thread_by_date: ByDate,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ByDate {
    #[default]
    Daily,
    None,
}

impl EmailConfig {
    /// What this section means, with what it inherits.
    pub(crate) fn receiver(
        self,
        global: &Global,
        templates: &Arc<Templates>,
    ) -> Result<Arc<dyn Receiver>, String> {
        let to = self.to.filter(|to| !to.trim().is_empty());
        let to = to.ok_or("to is missing; add the addresses that are written to")?;
        let from = self.from.or_else(|| global.smtp_from.clone());
        let from = from.ok_or("from is missing; add it, here or as smtp_from in global")?;
        let smarthost = self.smarthost.or_else(|| global.smtp_smarthost.clone());
        let smarthost = smarthost
            .ok_or("smarthost is missing; add it as host:port, here or as smtp_smarthost in global")?;
        let mut email = Email::to(to)
            .from(from)
            .smarthost(smarthost)
            .hello(self.hello.unwrap_or_else(|| global.smtp_hello.clone()))
            .require_tls(self.require_tls.unwrap_or(global.smtp_require_tls))
            .tls_config(self.tls_config.unwrap_or_else(|| global.smtp_tls_config.clone()))
            .send_resolved(self.send_resolved.unwrap_or(false))
            .templates(templates);
        let password = Secret::either("auth_password", self.auth_password, self.auth_password_file)?;
        let password = password.or_else(|| global.smtp_auth_password.clone());
        let username = self.auth_username.or_else(|| global.smtp_auth_username.clone());
        let identity = self.auth_identity.or_else(|| global.smtp_auth_identity.clone());
        if let Some(identity) = identity
            && Some(&identity) != username.as_ref()
            && !identity.is_empty()
        {
            return Err("auth_identity that is not auth_username is not supported here; remove it".to_owned());
        }
        let secret = Secret::either("auth_secret", self.auth_secret, self.auth_secret_file)?;
        let secret = secret.or_else(|| global.smtp_auth_secret.clone());
        email = match (username.filter(|name| !name.is_empty()), password) {
            (Some(username), Some(password)) => email.auth(username, password),
            (Some(_), None) if secret.is_some() => {
                return Err(
                    "auth_secret is for CRAM-MD5, which is not spoken here; write auth_password".to_owned()
                );
            }
            (Some(_), None) => return Err("auth_password is missing beside auth_username; add it".to_owned()),
            (None, _) => email,
        };
        for (name, template) in self.headers {
            email = email.header(name, template);
        }
        if let Some(html) = self.html {
            email = email.html(html);
        }
        if let Some(text) = self.text {
            email = email.text(text);
        }
        email = email.threads(match (self.threading.enabled, self.threading.thread_by_date) {
            (false, _) => Threads::Off,
            (true, ByDate::Daily) => Threads::Day,
            (true, ByDate::None) => Threads::Group,
        });
        Ok(Arc::new(email))
    }
}
