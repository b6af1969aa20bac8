//! An observer that is not `Clone`.

use tower_watch_layers::observe::{End, Exchange, Observer, Start};

struct Count;

struct Counting;

impl Observer for Count {
    type Exchange = Counting;

    fn begin(&self, _: &mut Start<'_>) -> Option<Counting> {
        Some(Counting)
    }
}

impl Exchange for Counting {
    fn end(self, _: &End<'_>) {}
}

fn main() {}
