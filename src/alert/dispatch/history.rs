//! What was there.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::alert::Alert;

/// How many alerts that are over are remembered.
const MOST: usize = 1_000;

/// The alerts that ended last. In memory only: a restart begins it anew.
#[derive(Debug, Default)]
pub(crate) struct History {
    alerts: VecDeque<Arc<Alert>>,
}

impl History {
    pub(crate) fn push(&mut self, alert: Arc<Alert>) {
        if self.alerts.len() == MOST {
            self.alerts.pop_front();
        }
        self.alerts.push_back(alert);
    }

    /// The latest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Alert>> {
        self.alerts.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{History, MOST};
    use crate::alert::Alert;

    #[test]
    fn it_forgets_the_oldest() {
        let mut history = History::default();
        for number in 0..=MOST {
            history.push(Arc::new(Alert::new(number.to_string())));
        }
        let names: Vec<_> = history.iter().map(|alert| alert.name().to_owned()).collect();
        assert_eq!((names.len(), names[0].as_str(), names[MOST - 1].as_str()), (MOST, "1000", "1"));
    }
}
