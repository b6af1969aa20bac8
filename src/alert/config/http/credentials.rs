//! Who we are, in a header.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use serde::Deserialize;

use crate::alert::config::Secret;
use crate::alert::config::http::HttpConfigError;

/// What the header `Authorization` says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// A user and a password.
    Basic {
        /// The user.
        username: Secret,
        /// The password; empty where there is none.
        password: Secret,
    },
    /// A scheme (`Bearer`) and what it wants.
    Scheme {
        /// Its name.
        scheme: String,
        /// What follows it.
        credentials: Secret,
    },
}

impl Credentials {
    /// `Bearer` and this token.
    pub fn bearer(token: impl Into<Secret>) -> Self {
        Self::Scheme { scheme: "Bearer".to_owned(), credentials: token.into() }
    }

    /// This user and this password.
    pub fn basic(username: impl Into<Secret>, password: impl Into<Secret>) -> Self {
        Self::Basic { username: username.into(), password: password.into() }
    }

    pub(crate) fn header(&self) -> Result<HeaderValue, HttpConfigError> {
        let text = match self {
            Self::Basic { username, password } => {
                let pair = format!("{}:{}", username.read()?, password.read()?);
                format!("Basic {}", STANDARD.encode(pair))
            }
            Self::Scheme { scheme, credentials } => format!("{scheme} {}", credentials.read()?),
        };
        sensitive(&text, "the credentials")
    }
}

/// A value of a header that is not shown. `what` names it in the error, which does not quote it.
pub(crate) fn sensitive(text: &str, what: &str) -> Result<HeaderValue, HttpConfigError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        HttpConfigError::new(format!(
            "{what} cannot stand in a header: a line end or a control character is in them"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BasicAuth {
    username: Option<Secret>,
    username_file: Option<std::path::PathBuf>,
    password: Option<Secret>,
    password_file: Option<std::path::PathBuf>,
}

impl BasicAuth {
    pub(crate) fn credentials(self) -> Result<Credentials, String> {
        let username = Secret::either("username", self.username, self.username_file)?;
        let password = Secret::either("password", self.password, self.password_file)?;
        let empty = || Secret::new("");
        Ok(Credentials::Basic {
            username: username.unwrap_or_else(empty),
            password: password.unwrap_or_else(empty),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Authorization {
    #[serde(rename = "type")]
    scheme: Option<String>,
    credentials: Option<Secret>,
    credentials_file: Option<std::path::PathBuf>,
}

impl Authorization {
    pub(crate) fn credentials(self) -> Result<Credentials, String> {
        let scheme = self.scheme.unwrap_or_default().trim().to_owned();
        if scheme.eq_ignore_ascii_case("basic") {
            return Err("the type of authorization cannot be basic; write basic_auth".to_owned());
        }
        let scheme = if scheme.is_empty() { "Bearer".to_owned() } else { scheme };
        let credentials = Secret::either("credentials", self.credentials, self.credentials_file)?;
        Ok(Credentials::Scheme { scheme, credentials: credentials.unwrap_or_else(|| Secret::new("")) })
    }
}
