//! Who an alert is: a number made of its labels.

use std::fmt;

use crate::series::Labels;

/// The identity of a label set in 64 bits, the same that Prometheus and Alertmanager give it: FNV-1a over names and values
/// in the order of the names, a byte 255 after each
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>). Shown as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of these labels.
    #[must_use]
    pub fn of(labels: &Labels) -> Self {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        for (name, value) in labels.iter() {
            hash.add(name);
            hash.add(value);
        }
        Self(hash.0)
    }
}

struct Fnv(u64);

impl Fnv {
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([255]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Fingerprint;
    use crate::series::Labels;

    #[test]
    fn it_is_the_one_that_alertmanager_shows() {
        // As Alertmanager 0.25 answers for an alert with these labels.
        let labels = Labels::new([("severity", "critical"), ("alertname", "TestAlert")]);
        assert_eq!(Fingerprint::of(&labels).to_string(), "71bdfc9919c41b0a");
    }
}
