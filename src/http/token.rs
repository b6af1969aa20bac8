//! The secret that opens what is not for everybody.
//!
//! It comes from the code, from a file (a mounted secret, which is read again when it changes) or from the
//! environment. It is compared in a time that tells nothing but its length, and shown nowhere.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

use crate::config::variable;

/// What a caller has to know: a text, best long and random (`openssl rand -hex 32`).
///
/// A clone is the same token. Space around it is no part of it, so a file may end with a newline. A check of one
/// that comes from a file costs a look at the file.
#[derive(Clone)]
pub struct AccessToken(Arc<Source>);

enum Source {
    Fixed { origin: String, secret: Box<[u8]> },
    File { path: PathBuf, read: Mutex<Reading> },
}

/// What was in the file, and how the file looked then.
struct Reading {
    look: Look,
    secret: Arc<[u8]>,
    /// Whether the last try to read it failed, so that it is said once.
    failed: bool,
}

/// By what a change is noticed. The length is for file systems with coarse times.
type Look = (Option<SystemTime>, u64);

/// A token that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenError {
    origin: String,
    fault: String,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no access token from {}: {}", self.origin, self.fault)
    }
}

impl std::error::Error for TokenError {}

impl AccessToken {
    /// A token from the code.
    ///
    /// # Errors
    ///
    /// One that is empty, only space, or has a character that no header can carry.
    pub fn new(token: impl AsRef<str>) -> Result<Self, TokenError> {
        Self::fixed("the code".into(), token.as_ref())
    }

    /// A token that is all that is in a file. When the file changes it is read again; while it cannot be used, the
    /// last token that could stays, and a log line says so.
    ///
    /// # Errors
    ///
    /// A file that cannot be read; otherwise as [`new`](Self::new).
    pub fn from_file(path: impl Into<PathBuf>) -> Result<Self, TokenError> {
        let path = path.into();
        let (look, secret) =
            read(&path).map_err(|fault| TokenError { origin: path.display().to_string(), fault })?;
        let read = Mutex::new(Reading { look, secret, failed: false });
        Ok(Self(Arc::new(Source::File { path, read })))
    }

    /// A token from the environment, read now.
    ///
    /// # Errors
    ///
    /// A variable that is not set; otherwise as [`new`](Self::new).
    pub fn from_environment(variable_name: &str) -> Result<Self, TokenError> {
        let origin = format!("the environment variable {variable_name}");
        match variable(variable_name) {
            Ok(token) => Self::fixed(origin, &token),
            Err(fault) => Err(TokenError { origin, fault: format!("it {fault}") }),
        }
    }

    fn fixed(origin: String, token: &str) -> Result<Self, TokenError> {
        match secret(token) {
            Ok(secret) => Ok(Self(Arc::new(Source::Fixed { origin, secret: secret.into() }))),
            Err(fault) => Err(TokenError { origin, fault }),
        }
    }

    /// Whether an `Authorization` header carries this token, as `Bearer` or as the password of `Basic` with any user.
    pub(crate) fn opens(&self, header: &HeaderValue) -> bool {
        let Some((scheme, credentials)) = header.to_str().ok().and_then(|header| header.split_once(' '))
        else {
            return false;
        };
        let credentials = credentials.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return self.is(credentials.as_bytes());
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return false;
        }
        let Ok(pair) = STANDARD.decode(credentials) else { return false };
        let password = pair.iter().position(|byte| *byte == b':').map(|at| &pair[at + 1..]);
        password.is_some_and(|password| self.is(password))
    }

    fn is(&self, presented: &[u8]) -> bool {
        match &*self.0 {
            Source::Fixed { secret, .. } => secret.ct_eq(presented).into(),
            Source::File { path, read } => current(path, read).ct_eq(presented).into(),
        }
    }
}

/// Where it comes from, never what it is.
impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = match &*self.0 {
            Source::Fixed { origin, .. } => origin.clone(),
            Source::File { path, .. } => path.display().to_string(),
        };
        f.debug_struct("AccessToken").field("from", &origin).finish_non_exhaustive()
    }
}

fn current(path: &Path, reading: &Mutex<Reading>) -> Arc<[u8]> {
    let mut reading = reading.lock().unwrap_or_else(PoisonError::into_inner);
    if look(path).is_ok_and(|look| look == reading.look) {
        return Arc::clone(&reading.secret);
    }
    match read(path) {
        Ok((look, secret)) => *reading = Reading { look, secret, failed: false },
        Err(fault) => {
            if !reading.failed {
                let path = path.display();
                tracing::warn!(%path, fault, "the access token cannot be read again; the last one stays");
            }
            reading.failed = true;
        }
    }
    Arc::clone(&reading.secret)
}

fn look(path: &Path) -> io::Result<Look> {
    let metadata = fs::metadata(path)?;
    // Some file systems know no times.
    Ok((metadata.modified().ok(), metadata.len()))
}

fn read(path: &Path) -> Result<(Look, Arc<[u8]>), String> {
    // The look comes first: what is written between the two is then seen as a change.
    let look = look(path).map_err(|error| error.to_string())?;
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    Ok((look, secret(&text)?.into()))
}

fn secret(text: &str) -> Result<&[u8], String> {
    let token = text.trim();
    if token.is_empty() {
        return Err("it is empty; make one with `openssl rand -hex 32`".into());
    }
    if token.chars().any(|character| !(' '..='~').contains(&character)) {
        return Err("it has a character that is not printable ASCII, which a header cannot carry".into());
    }
    Ok(token.as_bytes())
}
