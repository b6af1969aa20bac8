//! Each name and value of a label once, however many series have it.

use std::collections::HashSet;
use std::sync::Arc;

use crate::series::Labels;

/// The texts that label sets are made of.
#[derive(Debug, Default)]
pub(crate) struct Symbols(HashSet<Arc<str>>);

impl Symbols {
    pub(crate) fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(symbol) = self.0.get(text) {
            return Arc::clone(symbol);
        }
        let symbol: Arc<str> = text.into();
        self.0.insert(Arc::clone(&symbol));
        symbol
    }

    /// The same labels, made of symbols.
    pub(crate) fn labels(&mut self, labels: &Labels) -> Labels {
        Labels::new(labels.iter().map(|(name, value)| (self.intern(name), self.intern(value))))
    }

    /// Forgets what nobody has any more.
    pub(crate) fn sweep(&mut self) {
        self.0.retain(|symbol| Arc::strong_count(symbol) > 1);
        self.0.shrink_to(self.0.len() * 2);
    }
}
