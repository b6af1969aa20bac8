//! Each name and value of a label once, however many series have it.

use std::collections::HashSet;
use std::sync::Arc;

use crate::series::Labels;

/// The texts that label sets are made of.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    texts: HashSet<Arc<str>>,
    bytes: usize,
}

impl Symbols {
    pub(crate) fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(symbol) = self.texts.get(text) {
            return Arc::clone(symbol);
        }
        let symbol: Arc<str> = text.into();
        self.bytes += size(&symbol);
        self.texts.insert(Arc::clone(&symbol));
        symbol
    }

    /// The same labels, made of symbols.
    pub(crate) fn labels(&mut self, labels: &Labels) -> Labels {
        Labels::new(labels.iter().map(|(name, value)| (self.intern(name), self.intern(value))))
    }

    /// Forgets what nobody has any more.
    pub(crate) fn sweep(&mut self) {
        self.texts.retain(|symbol| Arc::strong_count(symbol) > 1);
        self.texts.shrink_to(self.texts.len() * 2);
        self.bytes = self.texts.iter().map(size).sum();
    }

    /// The memory of the texts, in bytes. A label's value can be long: this is what a flood of long ones takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// A text, its two counts, and its place in the set.
fn size(symbol: &Arc<str>) -> usize {
    symbol.len() + 2 * size_of::<usize>() + size_of::<Arc<str>>() + size_of::<Arc<str>>() / 2
}
