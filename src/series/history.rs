//! The past of one series, fine near the present and coarser behind.

use std::sync::Arc;

use crate::series::retention::Tiers;
use crate::series::sample::{STALE, Samples, is_stale};
use crate::series::stream::{Sample, Stream, take};

/// Times and intervals beyond this many milliseconds are nobody's, and adding some of them does not overflow.
const FAR: i64 = 1 << 60;

/// Room for so many samples is made before they are read: what a window of rules mostly has.
const FEW: usize = 32;

/// What a fall of the value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A reset: what counts began again.
    Counter,
    /// Nothing: it goes up and down.
    Gauge,
}

/// The samples of one series, in tiers.
#[derive(Clone, Debug)]
pub(crate) struct History {
    shape: Shape,
    tiers: Tiers,
    /// From one reading to the next, in milliseconds; 0 where samples are nobody's readings.
    interval: i64,
    recent: Stream,
    /// Beside `tiers[1..]`, as far as something has come that far.
    older: Vec<Aged>,
}

/// A tier behind the first.
#[derive(Clone, Debug)]
struct Aged {
    stream: Stream,
    /// The sample that left the tier before last, kept or not: whether the next one is kept depends on it.
    before: Option<Sample>,
}

impl History {
    pub(crate) fn new(shape: Shape, tiers: Tiers, interval: i64) -> Self {
        Self { shape, tiers, interval, recent: Stream::new(interval), older: Vec::new() }
    }

    pub(crate) fn last(&self) -> Option<Sample> {
        self.recent.back().or_else(|| self.older.iter().find_map(|aged| aged.stream.back()))
    }

    /// Whether the series goes on: it has samples, and the last one is not a staleness marker.
    pub(crate) fn is_live(&self) -> bool {
        self.last().is_some_and(|last| !is_stale(last.value()))
    }

    /// Whether it is the readings of what counts.
    pub(crate) fn counts(&self) -> bool {
        self.shape == Shape::Counter
    }

    /// Appends a sample, which must be later than the last one.
    #[inline]
    pub(crate) fn push(&mut self, time: i64, value: f64) {
        self.recent.push(time, value);
    }

    /// Moves what is too old for its tier to the next one, thinned, and forgets what is too old for all. Every tier
    /// keeps one sample that is older than its span.
    pub(crate) fn age(&mut self, now: i64) {
        for tier in 0..self.tiers.len() {
            while let Some(sample) = self.pop_aged(tier, now) {
                self.hand_over(tier + 1, sample);
            }
        }
    }

    /// Whether nothing of it is worth keeping: its last sample is too old for all tiers, whether that is the staleness
    /// marker, or nobody has gone on with it (a fill, a rule that is there no more).
    pub(crate) fn is_over(&self, now: i64) -> bool {
        let span = self.tiers.last().map_or(0, |tier| tier.span);
        self.last().is_none_or(|last| last.time < now - span)
    }

    fn stream(&mut self, tier: usize) -> Option<&mut Stream> {
        match tier {
            0 => Some(&mut self.recent),
            _ => self.older.get_mut(tier - 1).map(|aged| &mut aged.stream),
        }
    }

    fn pop_aged(&mut self, tier: usize, now: i64) -> Option<Sample> {
        let border = now - self.tiers[tier].span;
        let stream = self.stream(tier)?;
        if stream.front()?.time >= border {
            return None;
        }
        let second = stream.iter().nth(1)?;
        if second.time >= border { None } else { stream.pop_front() }
    }

    /// Takes a sample into a tier if it has to be there, and drops it otherwise.
    fn hand_over(&mut self, tier: usize, sample: Sample) {
        let Some(resolution) = self.tiers.get(tier).map(|tier| tier.resolution) else { return };
        let Some(next) = self.stream(tier - 1).and_then(|stream| stream.front()) else { return };
        if self.older.len() < tier {
            self.older.reserve_exact(1);
            self.older.push(Aged { stream: Stream::new(resolution), before: None });
        }
        let shape = self.shape;
        let aged = &mut self.older[tier - 1];
        if is_kept(shape, resolution, aged.before, sample, next) {
            aged.stream.push(sample.time, sample.value());
        }
        aged.before = Some(sample);
    }

    /// The resolution of a tier, as a reader has to know it.
    fn resolution(&self, tier: usize) -> i64 {
        if tier == 0 { self.interval } else { self.tiers[tier].resolution.max(self.interval) }
    }

    /// Puts the samples from `from` to `to` into `samples`, with what a coarse past makes necessary before them: at
    /// least one sample, and all within four times the resolution that holds at `from`.
    pub(crate) fn read(&self, from: i64, to: i64) -> Samples {
        let mut samples = Samples::default();
        let from = from.saturating_sub(4 * self.resolution_at(from));
        // Where all is over before it begins, as where somebody asks for the present, the last sample is all that is read.
        if let Some(last) = self.recent.back().filter(|last| last.time <= from.min(to)) {
            samples.begin_tier(self.resolution(0));
            samples.push(last.time, last.value());
            return samples;
        }
        samples.reserve(self.recent.len().min(FEW));
        let tiers = self.older.iter().enumerate().rev().map(|(index, aged)| (index + 1, &aged.stream));
        let mut tiers = tiers.chain([(0, &self.recent)]).filter(|(_, stream)| stream.len() > 0).peekable();
        while let Some((tier, stream)) = tiers.next() {
            // The next tier reaches back to before `from` itself.
            let covered =
                tiers.peek().and_then(|(_, next)| next.front()).is_some_and(|front| front.time <= from);
            if covered || stream.front().is_none_or(|front| front.time > to) {
                continue;
            }
            samples.begin_tier(self.resolution(tier));
            let mut before = None;
            for sample in stream.iter_from_before(from) {
                if sample.time > to {
                    break;
                }
                if sample.time < from {
                    before = Some(sample);
                    continue;
                }
                if let Some(before) = before.take() {
                    samples.push(before.time, before.value());
                }
                samples.push(sample.time, sample.value());
            }
            if let Some(before) = before {
                samples.push(before.time, before.value());
            }
        }
        samples
    }

    /// The resolution that holds at a moment: that of the last sample at or before it, else of the first.
    fn resolution_at(&self, time: i64) -> i64 {
        let reaches = |stream: &Stream| stream.front().is_some_and(|front| front.time <= time);
        if reaches(&self.recent) {
            return self.resolution(0);
        }
        let tier =
            self.older.iter().position(|aged| reaches(&aged.stream)).map_or(self.older.len(), |at| at + 1);
        self.resolution(tier)
    }

    /// Goes on as the readings of another register: of this shape, and so far apart.
    pub(crate) fn resume(&mut self, shape: Shape, interval: i64) {
        self.shape = shape;
        self.interval = interval;
    }

    /// Says that nothing more came after the last sample, right where the next one would have been, or, where that is
    /// not over yet, right after the sample itself.
    pub(crate) fn cut(&mut self, now: i64) {
        if let Some(last) = self.last().filter(|last| !is_stale(last.value())) {
            let next = last.time + self.interval.max(1);
            self.push(if next < now { next } else { last.time + 1 }, STALE);
        }
    }

    /// Writes the samples down, with what their tiers are; [`read_from`](Self::read_from) makes them again.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.counts()));
        out.extend_from_slice(&self.interval.to_le_bytes());
        self.recent.write(out);
        out.push(self.older.len() as u8);
        for (aged, tier) in self.older.iter().zip(&self.tiers[1..]) {
            out.extend_from_slice(&tier.resolution.to_le_bytes());
            aged.stream.write(out);
            out.push(u8::from(aged.before.is_some()));
            if let Some(before) = aged.before {
                before.write(out);
            }
        }
    }

    /// Reads what was [written](Self::write) from the beginning of `bytes`, and takes it off them. `None` where they
    /// are not that.
    ///
    /// Where the tiers were others than `tiers`, all samples go through these anew: what is too fine is thinned when it
    /// is aged the next time, and what is too coarse stays as it is.
    pub(crate) fn read_from(bytes: &mut &[u8], tiers: &Tiers) -> Option<Self> {
        let shape = match take(bytes)? {
            [0] => Shape::Gauge,
            [1] => Shape::Counter,
            _ => return None,
        };
        let interval = i64::from_le_bytes(take(bytes)?);
        let recent = Stream::read(bytes)?;
        let [count] = take(bytes)?;
        let mut older = Vec::new();
        let mut resolutions = Vec::new();
        for _ in 0..count {
            resolutions.push(i64::from_le_bytes(take(bytes)?));
            let stream = Stream::read(bytes)?;
            let before = match take(bytes)? {
                [0] => None,
                [1] => Some(Sample::read(bytes)?),
                _ => return None,
            };
            older.push(Aged { stream, before });
        }
        let mut history = Self { shape, tiers: Arc::clone(tiers), interval, recent, older };
        if !(0..FAR).contains(&interval) || !history.is_in_order() {
            return None;
        }
        let same = resolutions.len() < tiers.len()
            && resolutions.iter().zip(&tiers[1..]).all(|(resolution, tier)| *resolution == tier.resolution);
        if !same {
            let older = std::mem::take(&mut history.older);
            let recent = std::mem::replace(&mut history.recent, Stream::new(interval));
            let streams = older.iter().rev().map(|aged| &aged.stream).chain([&recent]);
            for sample in streams.flat_map(Stream::iter) {
                history.push(sample.time, sample.value());
            }
        }
        Some(history)
    }

    /// Whether each tier ends before the next one begins, and all times can be reckoned with.
    fn is_in_order(&self) -> bool {
        let mut border = -FAR;
        let streams = self.older.iter().rev().map(|aged| &aged.stream).chain([&self.recent]);
        for (front, back) in streams.filter_map(|stream| Some((stream.front()?, stream.back()?))) {
            if front.time <= border {
                return false;
            }
            border = back.time;
        }
        border < FAR
    }

    /// The memory on the heap, in bytes.
    pub(crate) fn heap(&self) -> usize {
        let older: usize = self.older.iter().map(|aged| aged.stream.heap()).sum();
        self.recent.heap() + older + self.older.capacity() * size_of::<Aged>()
    }

    /// How many samples there are.
    pub(crate) fn len(&self) -> usize {
        self.recent.len() + self.older.iter().map(|aged| aged.stream.len()).sum::<usize>()
    }

    /// Whether the series had begun and not ended somewhere from `from` to `to`. A coarse sample speaks for all of its
    /// resolution.
    pub(crate) fn speaks_for(&self, from: i64, to: i64) -> bool {
        let (Some(first), Some(last)) = (self.first(), self.last()) else { return false };
        let end = if is_stale(last.value()) {
            last.time - 1
        } else {
            last.time.saturating_add(self.resolution_at(last.time))
        };
        first.time <= to && end >= from
    }

    fn first(&self) -> Option<Sample> {
        self.older.iter().rev().find_map(|aged| aged.stream.front()).or_else(|| self.recent.front())
    }
}

/// Whether a sample stays when it leaves for a tier of this resolution. `before` and `next` are its neighbours in the
/// tier that it comes from.
fn is_kept(shape: Shape, resolution: i64, before: Option<Sample>, sample: Sample, next: Sample) -> bool {
    let interval = |time: i64| -(-time).div_euclid(resolution);
    let falls = |before: Sample, after: Sample| shape == Shape::Counter && after.value() < before.value();
    let begins = before.is_none_or(|before| is_stale(before.value()) || falls(before, sample));
    let ends = is_stale(next.value()) || falls(sample, next);
    begins || ends || is_stale(sample.value()) || interval(sample.time) != interval(next.time)
}
