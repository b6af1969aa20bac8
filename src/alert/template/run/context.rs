//! What functions may know and use up.

use crate::alert::template::rule::QueryFn;

/// How much an expansion may do: nodes, values and characters that are looked at, in the measure of a node.
const STEPS: usize = 200_000;

/// What is the same all over one expansion.
pub(crate) struct Context<'a> {
    pub(crate) external_url: &'a str,
    /// In milliseconds since the Unix epoch.
    pub(crate) time: i64,
    pub(crate) query: Option<&'a mut QueryFn<'a>>,
    steps: usize,
}

impl<'a> Context<'a> {
    pub(crate) fn new(external_url: &'a str, time: i64, query: Option<&'a mut QueryFn<'a>>) -> Self {
        Self { external_url, time, query, steps: STEPS }
    }

    /// Uses up so many steps.
    ///
    /// # Errors
    ///
    /// None is left.
    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), String> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(format!("the template takes more than {STEPS} steps")),
        }
    }
}
