//! An append-only list for a handful of keys.

use std::sync::OnceLock;

/// A map for a few small keys: statuses, error types. Lookup walks the list; entries are never removed.
#[derive(Debug)]
pub(crate) struct Chain<K, V> {
    head: Link<K, V>,
}

type Link<K, V> = OnceLock<Box<Node<K, V>>>;

#[derive(Debug)]
struct Node<K, V> {
    key: K,
    value: V,
    next: Link<K, V>,
}

impl<K, V> Default for Chain<K, V> {
    fn default() -> Self {
        Self { head: OnceLock::new() }
    }
}

impl<K: PartialEq + Copy, V> Chain<K, V> {
    /// The value of `key`, made by `make` where it is missing. `make` may run and be thrown away when two
    /// threads meet, so it must have no effect of its own.
    pub(crate) fn get_or_insert_with(&self, key: K, make: impl Fn() -> V) -> &V {
        let mut link = &self.head;
        loop {
            let node = link.get_or_init(|| Box::new(Node { key, value: make(), next: OnceLock::new() }));
            if node.key == key {
                return &node.value;
            }
            link = &node.next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Chain;

    #[test]
    fn keeps_one_value_per_key() {
        let chain = Chain::default();
        assert_eq!(*chain.get_or_insert_with(200, || "a"), "a");
        assert_eq!(*chain.get_or_insert_with(500, || "b"), "b");
        assert_eq!(*chain.get_or_insert_with(200, || "never"), "a");
    }

    #[test]
    fn threads_agree_on_the_value() {
        let chain = Chain::<u16, std::thread::ThreadId>::default();
        let seen: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        (0..50)
                            .map(|key| *chain.get_or_insert_with(key, || std::thread::current().id()))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
