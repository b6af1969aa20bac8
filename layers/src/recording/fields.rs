//! Fields on their way into the arena: formatted by user code while nothing is locked, then copied.

/// The value of a field; texts lie in a buffer beside it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Text(Part),
    Constant(&'static str),
}

/// A part of a buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) start: u32,
    pub(crate) length: u32,
}

impl Part {
    /// What was appended to a buffer since it had this length. Buffers are bounded far below 4 GiB.
    pub(crate) fn since(start: usize, end: usize) -> Self {
        let short = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Self { start: short(start), length: short(end.saturating_sub(start)) }
    }

    pub(crate) fn of(self, text: &str) -> &str {
        let start = self.start as usize;
        text.get(start..start + self.length as usize).unwrap_or_default()
    }
}

/// The fields of one span, record or event.
#[derive(Debug)]
pub(crate) struct Fields {
    pub(crate) text: String,
    pub(crate) list: Vec<(&'static str, Value)>,
    pub(crate) message: Option<Part>,
    /// Values that were longer than they may be.
    pub(crate) cut: usize,
}

/// A buffer that grew longer is given back.
const KEPT_BYTES: usize = 64 * 1024;

impl Fields {
    pub(crate) const fn new() -> Self {
        Self { text: String::new(), list: Vec::new(), message: None, cut: 0 }
    }

    pub(crate) fn clear(&mut self) {
        if self.text.capacity() > KEPT_BYTES {
            self.text = String::new();
        }
        self.text.clear();
        self.list.clear();
        self.message = None;
        self.cut = 0;
    }
}
