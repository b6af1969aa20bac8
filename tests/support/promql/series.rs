//! Random series as services have them: counters that reset, gauges, what is not a number, gaps, series that end and
//! begin again, classic histograms (a broken one among them), and labels that need quoting.
//!
//! Samples lie 7 s apart, moved by 1 to 199 ms, so that none lies on a whole or a half second. Whoever asks at half
//! seconds, with ranges of whole ones, meets no sample at the end of a range, where the versions of Prometheus differ.

use tower_watch::series::{Labels, STALE, Store};

/// When the first samples are taken.
pub(crate) const BEGIN: i64 = 1_700_000_000_000;

/// From one sample to the next, nearly.
pub(crate) const INTERVAL: i64 = 7_000;

/// A series with its samples.
pub(crate) struct Series {
    pub(crate) labels: Labels,
    pub(crate) samples: Vec<(i64, f64)>,
}

/// Numbers that a seed decides (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_in(&mut self, cases: u64) -> bool {
        self.below(cases) == 0
    }

    /// From 0 to 1.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// All series, `rounds` samples for each that has no gaps.
pub(crate) fn generate(seed: u64, rounds: i64) -> Vec<Series> {
    let mut maker = Maker { dice: Dice::new(seed), rounds, series: Vec::new() };
    maker.counters();
    maker.gauges();
    maker.histograms();
    maker.series
}

/// Appends everything to a store.
pub(crate) fn fill(store: &Store, all: &[Series]) {
    for series in all {
        for (time, value) in &series.samples {
            store.append(&series.labels, *time, *value).unwrap();
        }
    }
}

struct Maker {
    dice: Dice,
    rounds: i64,
    series: Vec<Series>,
}

impl Maker {
    /// The times of a series' samples.
    fn times(&mut self) -> Vec<i64> {
        (0..self.rounds).map(|round| BEGIN + round * INTERVAL + 1 + self.dice.below(199) as i64).collect()
    }

    fn add(&mut self, labels: &[(&'static str, &str)], samples: Vec<(i64, f64)>) {
        self.series.push(Series { labels: Labels::new(labels.iter().copied()), samples });
    }

    /// Takes runs of samples out, and ends some of the runs before with a marker.
    fn with_gaps(&mut self, samples: Vec<(i64, f64)>) -> Vec<(i64, f64)> {
        let mut kept = Vec::new();
        let mut missing = 0;
        for (time, value) in samples {
            if missing > 0 {
                missing -= 1;
                continue;
            }
            if self.dice.one_in(60) {
                missing = self.dice.below(70);
                if self.dice.one_in(2) {
                    kept.push((time, STALE));
                    continue;
                }
            }
            kept.push((time, value));
        }
        kept
    }

    fn counters(&mut self) {
        for job in ["api", "web"] {
            for instance in ["a", "b"] {
                for code in ["200", "404", "500"] {
                    let labels = [
                        ("__name__", "requests_total"),
                        ("job", job),
                        ("instance", instance),
                        ("code", code),
                    ];
                    let samples = self.old_counter();
                    self.add(&labels, samples);
                }
                let labels = [("__name__", "errors_total"), ("job", job), ("instance", instance)];
                let samples = self.young_counter();
                self.add(&labels, samples);
            }
        }
    }

    /// With gaps, and so far from zero, even after a reset, that it cannot have begun in a gap: where it could have,
    /// the versions of Prometheus disagree by how much.
    fn old_counter(&mut self) -> Vec<(i64, f64)> {
        let mut value = 1e6;
        let mut samples = Vec::new();
        for time in self.times() {
            value = if self.dice.one_in(150) {
                (value / 2.0_f64).floor()
            } else {
                value + self.dice.below(40) as f64
            };
            samples.push((time, value));
        }
        self.with_gaps(samples)
    }

    /// From zero, and back to zero, without gaps.
    fn young_counter(&mut self) -> Vec<(i64, f64)> {
        let mut value = 0.0;
        let mut samples = Vec::new();
        for time in self.times() {
            samples.push((time, value));
            value = if self.dice.one_in(100) { 0.0 } else { value + self.dice.below(4) as f64 };
        }
        samples
    }

    fn gauges(&mut self) {
        for (room, job) in
            [("attic", "api"), ("cellar", "api"), ("hall", "web"), ("kitchen", "web"), ("lab", "x")]
        {
            let mut samples = Vec::new();
            for time in self.times() {
                let value = match self.dice.below(100) {
                    0 => f64::NAN,
                    1 => f64::INFINITY,
                    2 => f64::NEG_INFINITY,
                    _ => 40.0 * self.dice.fraction() - 10.0,
                };
                samples.push((time, value));
            }
            let samples = self.with_gaps(samples);
            self.add(&[("__name__", "temperature"), ("room", room), ("job", job)], samples);
        }
        for job in ["api", "web"] {
            for instance in ["a", "b"] {
                let samples =
                    self.times().into_iter().map(|time| (time, self.dice.fraction() * 30.0)).collect();
                self.add(&[("__name__", "queue"), ("job", job), ("instance", instance)], samples);
            }
            let limit = self.dice.below(20) as f64;
            let samples = self.times().into_iter().map(|time| (time, limit)).collect();
            self.add(&[("__name__", "limit"), ("job", job), ("team", "red")], samples);
        }
        let dates =
            self.times().into_iter().map(|time| (time, self.dice.below(4_000_000_000) as f64)).collect();
        self.add(&[("__name__", "expires_seconds")], dates);
        let odd = self.times().into_iter().map(|time| (time, self.dice.below(5) as f64)).collect();
        self.add(&[("__name__", "odd"), ("note", "a \"quoted\" \\ word\nand 🦀")], odd);
    }

    fn histograms(&mut self) {
        const BOUNDS: [&str; 6] = ["0.1", "0.25", "1", "2.5", "10", "+Inf"];
        for job in ["api", "web"] {
            for instance in ["a", "b"] {
                let times = self.times();
                let mut counts = [0.0; BOUNDS.len()];
                let mut sum = 0.0;
                let mut rows = Vec::new();
                for _ in &times {
                    // Before anything is added, so that the first ones are zeros.
                    rows.push((counts, sum));
                    if self.dice.one_in(200) {
                        (counts, sum) = ([0.0; BOUNDS.len()], 0.0);
                        continue;
                    }
                    for _ in 0..self.dice.below(6) {
                        let first = self.dice.below(BOUNDS.len() as u64) as usize;
                        counts[first..].iter_mut().for_each(|count| *count += 1.0);
                        sum += self.dice.fraction() * (first + 1) as f64;
                    }
                }
                for (index, bound) in BOUNDS.iter().enumerate() {
                    let labels =
                        [("__name__", "latency_seconds_bucket"), ("job", job), ("instance", instance)];
                    let labels = [&labels[..], &[("le", *bound)]].concat();
                    let samples =
                        times.iter().zip(&rows).map(|(time, (counts, _))| (*time, counts[index])).collect();
                    self.add(&labels, samples);
                }
                let labels = [("__name__", "latency_seconds_count"), ("job", job), ("instance", instance)];
                let counts = times.iter().zip(&rows).map(|(time, (counts, _))| (*time, counts[5])).collect();
                self.add(&labels, counts);
                let labels = [("__name__", "latency_seconds_sum"), ("job", job), ("instance", instance)];
                let sums = times.iter().zip(&rows).map(|(time, (_, sum))| (*time, *sum)).collect();
                self.add(&labels, sums);
            }
        }
        // Counts that fall from bucket to bucket, bounds that are none, and one histogram without its last bucket.
        for (kind, bounds) in [
            ("falling", &["-1", "0", "1", "+Inf"][..]),
            ("short", &["1", "2"]),
            ("text", &["x", "1", "+Inf"]),
        ] {
            for bound in bounds {
                let samples =
                    self.times().into_iter().map(|time| (time, self.dice.below(50) as f64)).collect();
                self.add(&[("__name__", "broken_bucket"), ("kind", kind), ("le", bound)], samples);
            }
        }
    }
}
