//! An exchange that does not say what happens at the end.

use tower_watch_layers::observe::Exchange;

struct Counting;

impl Exchange for Counting {
    fn data(&mut self, _: usize) {}
}

fn main() {}
