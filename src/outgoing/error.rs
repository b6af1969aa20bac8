//! Why there was no answer, and why there is no client.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// How much of a cause is told.
const CAUSE_BYTES: usize = 300;

/// Why there was no answer. Says nothing of headers and of what stands behind the host in a URL: secrets stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpClientError {
    /// The URL cannot be asked: it is not absolute, or neither `http` nor `https`. Nothing was sent.
    Url(&'static str),
    /// No connection: name, network, proxy or certificate. Nothing was sent.
    Connection(String),
    /// The connection broke, or what came over it was not HTTP. The request may have been taken.
    Broken(String),
    /// The whole exchange took longer than it may. The request may have been taken.
    Timeout(Duration),
    /// The head of the answer is longer than these many bytes.
    TooLong(usize),
}

impl fmt::Display for HttpClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(mend) => write!(f, "the URL cannot be asked: {mend}"),
            Self::Connection(cause) => write!(f, "no connection: {cause}"),
            Self::Broken(cause) => write!(f, "the connection broke: {cause}"),
            Self::Timeout(limit) => write!(f, "no answer within {limit:?}"),
            Self::TooLong(limit) => write!(f, "the head of the answer is longer than {limit} bytes"),
        }
    }
}

impl Error for HttpClientError {}

/// Why there is no client: a setting, or a variable of the environment, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSetupError {
    place: &'static str,
    message: String,
}

impl HttpSetupError {
    pub(crate) fn new(place: &'static str, message: impl fmt::Display) -> Self {
        Self { place, message: message.to_string() }
    }

    /// The method of the builder, or the variable of the environment.
    #[must_use]
    pub fn place(&self) -> &str {
        self.place
    }

    /// What is wrong there, and what to do about it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for HttpSetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl Error for HttpSetupError {}

/// An error with all its causes, in one line that is not too long.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match text.char_indices().find(|(at, _)| *at >= CAUSE_BYTES) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}
