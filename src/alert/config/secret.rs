//! What must not be shown.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// A secret that is longer than this is not a secret but the wrong file.
const LONGEST: u64 = 64 * 1024;

/// A value that is not shown: itself, or the file that it is read from each time it is needed.
///
/// In a configuration it is a text; the key with `_file` at its end names a file instead. Shown, logged or written out it
/// is `<secret>`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Secret {
    /// As it was given.
    Value(String),
    /// In a file, without the white space around it. Read at each use, so that it can be changed without a restart.
    File(PathBuf),
}

/// A secret that cannot be read now.
#[derive(Debug)]
pub struct SecretError {
    path: PathBuf,
    cause: io::Error,
}

impl Secret {
    /// A value.
    pub fn new(value: impl Into<String>) -> Self {
        Self::Value(value.into())
    }

    /// The content of a file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File(path.into())
    }

    /// What a section says under `key` and under `key_file`.
    ///
    /// # Errors
    ///
    /// Both are given.
    pub fn either(
        key: &str,
        value: Option<Self>,
        file: Option<impl Into<PathBuf>>,
    ) -> Result<Option<Self>, String> {
        match (value, file) {
            (Some(_), Some(_)) => {
                Err(format!("{key} and {key}_file are both given, and only one can count; remove one"))
            }
            (Some(value), None) => Ok(Some(value)),
            (None, Some(path)) => Ok(Some(Self::file(path))),
            (None, None) => Ok(None),
        }
    }

    /// The secret itself. Opens the file, where it is in one; up to 64 KiB of it.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is longer, or is not text.
    pub fn read(&self) -> Result<String, SecretError> {
        match self {
            Self::Value(value) => Ok(value.clone()),
            Self::File(path) => content(path).map_err(|cause| SecretError { path: path.clone(), cause }),
        }
    }
}

fn content(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?.take(LONGEST + 1).read_to_string(&mut text)?;
    if read as u64 > LONGEST {
        return Err(io::Error::other("it is longer than 64 KiB, which no secret is"));
    }
    Ok(text.trim().to_owned())
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the secret in {} cannot be read: {}", self.path.display(), self.cause)
    }
}

impl std::error::Error for SecretError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("<secret>"),
            Self::File(path) => write!(f, "<secret in {}>", path.display()),
        }
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::Value(value)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, value: &str) -> Result<Secret, E> {
                Ok(Secret::new(value))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("<secret>")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;
    use crate::alert::config::scratch::Scratch;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?}"), "<secret>");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"<secret>\"");
        assert_eq!(secret.read().unwrap(), "hunter2");
    }

    #[test]
    fn a_file_is_read_at_each_use_and_without_its_line_end() {
        let scratch = Scratch::new("secret");
        let path = scratch.write("secret", "first\n");
        let secret = Secret::file(&path);
        assert_eq!(secret.read().unwrap(), "first");
        std::fs::write(&path, "second\r\n").unwrap();
        assert_eq!(secret.read().unwrap(), "second");
        std::fs::remove_file(&path).unwrap();
        let error = secret.read().unwrap_err().to_string();
        assert!(error.starts_with(&format!("the secret in {} cannot be read: ", path.display())), "{error}");
    }

    #[test]
    fn a_file_that_cannot_be_a_secret_is_refused() {
        let scratch = Scratch::new("secret");
        let path = scratch.write("long", &"x".repeat(70_000));
        let error = Secret::file(path).read().unwrap_err().to_string();
        assert!(error.ends_with("it is longer than 64 KiB, which no secret is"), "{error}");
    }

    #[test]
    fn value_and_file_at_once_are_refused() {
        let both = Secret::either("api_url", Some(Secret::new("x")), Some("y"));
        let told = "api_url and api_url_file are both given, and only one can count; remove one";
        assert_eq!(both.unwrap_err(), told);
        assert_eq!(Secret::either("api_url", None, Some("y")).unwrap(), Some(Secret::file("y")));
    }
}
