//! Text that may not grow without end.

/// How long a text may become, in bytes.
pub(crate) const LONGEST: usize = 64 << 10;

/// How long a page may become: most of it is markup.
pub(crate) const LONGEST_PAGE: usize = 256 << 10;

/// A text that is written to, up to a number of bytes.
#[derive(Debug)]
pub(crate) struct Output {
    text: String,
    longest: usize,
}

impl Output {
    /// Of at most [`LONGEST`] bytes.
    pub(crate) fn new() -> Self {
        Self::up_to(LONGEST)
    }

    pub(crate) fn up_to(longest: usize) -> Self {
        Self { text: String::new(), longest }
    }

    pub(crate) fn push(&mut self, text: &str) -> Result<(), String> {
        if text.len() > self.longest - self.text.len() {
            return Err(format!("the text grows longer than {} KiB", self.longest >> 10));
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
