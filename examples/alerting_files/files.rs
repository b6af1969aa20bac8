//! The files in a directory of their own, where they can be edited, and broken, at leisure.

use std::fs;
use std::path::{Path, PathBuf};

use crate::office::Office;
use crate::support::Result;

const FILES: [(&str, &str); 4] = [
    ("rules.yml", include_str!("rules.yml")),
    ("routing.yml", include_str!("routing.yml")),
    ("additions.yml", include_str!("additions.yml")),
    ("shop.tmpl", include_str!("shop.tmpl")),
];

/// Who is told, in the files as they stand beside this one.
const NOBODY: &str = "http://127.0.0.1:9900";

/// Gone with the process.
#[derive(Debug)]
pub(crate) struct Files {
    directory: PathBuf,
}

impl Files {
    /// Copies them, with the addresses of this office.
    pub(crate) fn lay_out(office: &Office) -> Result<Self> {
        let directory = std::env::temp_dir().join(format!("alerting_files-{}", std::process::id()));
        fs::create_dir_all(&directory)?;
        let files = Self { directory };
        for (name, text) in FILES {
            fs::write(files.path(name), text.replace(NOBODY, &office.url("")))?;
        }
        Ok(files)
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Writes `new` in place of `old`, as an editor does.
    pub(crate) fn edit(&self, name: &str, old: &str, new: &str) -> Result {
        let text = fs::read_to_string(self.path(name))?;
        assert!(text.contains(old), "{name} has no {old:?}:\n{text}");
        fs::write(self.path(name), text.replace(old, new))?;
        Ok(())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}
