//! Text that may not grow without end.

/// How long a text may become, in bytes.
pub(crate) const LONGEST: usize = 64 << 10;

/// A text that is written to, up to [`LONGEST`] bytes.
#[derive(Debug, Default)]
pub(crate) struct Output {
    text: String,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn push(&mut self, text: &str) -> Result<(), String> {
        if text.len() > LONGEST - self.text.len() {
            return Err(format!("the text grows longer than {} KiB", LONGEST >> 10));
        }
        self.text.push_str(text);
        Ok(())
    }

    pub(crate) fn push_char(&mut self, char: char) -> Result<(), String> {
        self.push(char.encode_utf8(&mut [0; 4]))
    }

    /// So many times the same.
    pub(crate) fn fill(&mut self, char: char, count: usize) -> Result<(), String> {
        (0..count).try_for_each(|_| self.push_char(char))
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}
