//! Samples of one series, compressed: appended at the back, taken off at the front, read in between.
//!
//! Two facts about registers make this small. They are read on a grid, so a sample's time is almost always that of
//! the one before plus a fixed stride; and most of them did not change. Each sample is one operation on the one
//! before:
//!
//! | low bits | operation | bytes |
//! |---|---|---|
//! | `00` | the same value, `n` times | 1 for up to 62 of them |
//! | `01` | a whole number more or less (zigzag varint) | 1 for 15 more, 2 for 2,000, 3 for 260,000 |
//! | `10` | the bits that differ, in whole bytes | 2 to 9 |
//! | `11` | the next sample is not a stride later (zigzag varint of the difference, in milliseconds) | 1 to 10 in addition |
//!
//! Repeats at the back are counted and written only when they end, so a series that does not change costs an
//! addition per sample and no memory.

use std::fmt;

use crate::series::marks::Marks;

/// A value and its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sample {
    /// Milliseconds since the Unix epoch.
    pub(crate) time: i64,
    bits: u64,
}

impl Sample {
    pub(crate) fn value(self) -> f64 {
        f64::from_bits(self.bits)
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.time.to_le_bytes());
        out.extend_from_slice(&self.bits.to_le_bytes());
    }

    /// Reads a sample from the beginning of `bytes`, and takes it off them.
    pub(crate) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let time = i64::from_le_bytes(take(bytes)?);
        Some(Self { time, bits: u64::from_le_bytes(take(bytes)?) })
    }
}

const RUN: u8 = 0b00;
const DELTA: u8 = 0b01;
const XOR: u8 = 0b10;
const GAP: u8 = 0b11;

/// A run this long and longer has its length in a varint behind it.
const LONG_RUN: u32 = 63;

/// More samples than any tier keeps: a length above is not one.
const MOST: u32 = 1 << 24;

/// The longest operation, with a gap before it.
const LONGEST: usize = 10 + 10;

/// A compressed row of samples.
#[derive(Clone, Default)]
pub(crate) struct Stream {
    /// The time from one sample to the next, where nothing else is said; 0 until there are two.
    stride: i64,
    front: Sample,
    back: Sample,
    /// Repeats of `front` that are still to come before `data[head..]`.
    front_run: u32,
    /// Repeats of `back` that are not written yet.
    back_run: u32,
    head: u32,
    len: u32,
    data: Vec<u8>,
    marks: Marks,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("samples", &self.len)
            .field("bytes", &self.data.len())
            .field("front", &self.front)
            .field("back", &self.back)
            .finish_non_exhaustive()
    }
}

impl Stream {
    /// A stream whose samples mostly come this many milliseconds apart; 0 if that is for the first two to say.
    pub(crate) fn new(stride: i64) -> Self {
        Self { stride, ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    pub(crate) fn front(&self) -> Option<Sample> {
        (self.len > 0).then_some(self.front)
    }

    pub(crate) fn back(&self) -> Option<Sample> {
        (self.len > 0).then_some(self.back)
    }

    /// The memory on the heap, in bytes.
    pub(crate) fn heap(&self) -> usize {
        self.data.capacity() + self.marks.heap()
    }

    /// Appends a sample, which must be later than the last one.
    #[inline]
    pub(crate) fn push(&mut self, time: i64, value: f64) {
        let bits = value.to_bits();
        if self.len > 0 && bits == self.back.bits && time == self.back.time.wrapping_add(self.stride) {
            self.back_run += 1;
            self.back.time = time;
            self.len += 1;
            return;
        }
        self.push_changed(Sample { time, bits });
    }

    fn push_changed(&mut self, sample: Sample) {
        self.len += 1;
        if self.len == 1 {
            self.front = sample;
            self.back = sample;
            return;
        }
        if self.stride == 0 {
            self.stride = sample.time - self.back.time;
        }
        self.make_room();
        self.flush_run();
        let gap = sample.time.wrapping_sub(self.back.time);
        if gap != self.stride {
            write_signed(&mut self.data, GAP, gap.wrapping_sub(self.stride));
        }
        if sample.bits == self.back.bits {
            self.data.push(RUN | 1 << 2);
        } else if let Some(delta) = whole_delta(self.back.bits, sample.bits) {
            write_signed(&mut self.data, DELTA, delta);
        } else {
            write_xor(&mut self.data, self.back.bits ^ sample.bits);
        }
        self.back = sample;
        self.marks.offer(self.head, self.data.len(), sample);
    }

    fn flush_run(&mut self) {
        match self.back_run {
            0 => return,
            short if short < LONG_RUN => self.data.push(RUN | (short as u8) << 2),
            long => {
                self.data.push(RUN | (LONG_RUN as u8) << 2);
                write_varint(&mut self.data, u64::from(long));
            }
        }
        self.back_run = 0;
    }

    /// Grows by a quarter: what is doubled is half empty for half of its life.
    fn make_room(&mut self) {
        let needed = LONGEST + 6;
        if self.data.capacity() - self.data.len() >= needed {
            return;
        }
        self.data.drain(..self.head as usize);
        self.marks.shift(self.head);
        self.head = 0;
        if self.data.capacity() - self.data.len() < needed {
            self.data.reserve_exact(needed.max(self.data.len() / 4));
        }
    }

    /// Takes the first sample off.
    pub(crate) fn pop_front(&mut self) -> Option<Sample> {
        let popped = self.front()?;
        let mut cursor = self.cursor();
        cursor.next();
        match cursor.next() {
            Some(next) => {
                (self.front, self.front_run, self.back_run, self.head) =
                    (next, cursor.run, cursor.tail, cursor.at as u32);
                self.len -= 1;
                if self.head as usize == self.data.len() {
                    self.head = 0;
                    self.data = Vec::new();
                    self.marks.clear();
                }
            }
            None => {
                self.len = 0;
                self.head = 0;
                self.data = Vec::new();
                self.marks.clear();
            }
        }
        Some(popped)
    }

    /// The samples, in the order of time.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Sample> {
        self.cursor()
    }

    /// The samples from somewhere before `time` on, in the order of time: at least the last one before it, where
    /// there is one, and all that follow.
    pub(crate) fn iter_from_before(&self, time: i64) -> impl Iterator<Item = Sample> {
        let cursor = self.cursor();
        match self.marks.before(time) {
            // A mark that is not behind the front is of what has been taken off.
            Some(mark) if mark.sample.time > self.front.time => {
                Cursor { at: mark.at as usize, run: 0, sample: mark.sample, ..cursor }
            }
            _ => cursor,
        }
    }

    fn cursor(&self) -> Cursor<'_> {
        Cursor {
            data: &self.data,
            at: self.head as usize,
            stride: self.stride,
            run: self.front_run,
            tail: self.back_run,
            sample: self.front,
            first: self.len > 0,
        }
    }

    /// Writes the stream down; [`read`](Self::read) makes it again.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        for number in [self.stride, self.front.time, self.back.time] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for bits in [self.front.bits, self.back.bits] {
            out.extend_from_slice(&bits.to_le_bytes());
        }
        let data = &self.data[self.head as usize..];
        for number in [self.front_run, self.back_run, self.len, data.len() as u32] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(data);
    }

    /// Reads a stream from the beginning of `bytes`, and takes it off them. `None` where they are not one.
    pub(crate) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let stride = i64::from_le_bytes(take(bytes)?);
        let (front_time, back_time) = (i64::from_le_bytes(take(bytes)?), i64::from_le_bytes(take(bytes)?));
        let (front_bits, back_bits) = (u64::from_le_bytes(take(bytes)?), u64::from_le_bytes(take(bytes)?));
        let (front_run, back_run) = (u32::from_le_bytes(take(bytes)?), u32::from_le_bytes(take(bytes)?));
        let (len, size) = (u32::from_le_bytes(take(bytes)?), u32::from_le_bytes(take(bytes)?) as usize);
        if len > MOST {
            return None;
        }
        let (data, rest) = bytes.split_at_checked(size)?;
        *bytes = rest;
        let mut stream = Self {
            stride,
            front: Sample { time: front_time, bits: front_bits },
            back: Sample { time: back_time, bits: back_bits },
            front_run,
            back_run,
            head: 0,
            len,
            data: data.to_vec(),
            marks: Marks::default(),
        };
        stream.marks = stream.sound()?;
        Some(stream)
    }

    /// The marks of a row whose samples are as many as they should be, in the order of time, and end where they
    /// should.
    fn sound(&self) -> Option<Marks> {
        let mut marks = Marks::default();
        let mut last: Option<Sample> = None;
        let mut count = 0u32;
        let mut cursor = self.cursor();
        while let Some(sample) = cursor.next() {
            if count == self.len || last.is_some_and(|last| last.time >= sample.time) {
                return None;
            }
            count += 1;
            last = Some(sample);
            if cursor.run == 0 && cursor.tail == self.back_run {
                marks.offer(self.head, cursor.at, sample);
            }
        }
        (count == self.len && last == self.back()).then_some(marks)
    }
}

struct Cursor<'a> {
    data: &'a [u8],
    at: usize,
    stride: i64,
    run: u32,
    tail: u32,
    sample: Sample,
    /// Whether `sample` is still to be given.
    first: bool,
}

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.data.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// The number that began in `first`: five of its bits are in there.
    fn signed(&mut self, first: u8) -> Option<i64> {
        let mut value = u64::from(first >> 2 & 0x1f);
        if first & 0x80 != 0 {
            value |= self.varint()? << 5;
        }
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn operation(&mut self) -> Option<Sample> {
        let mut op = self.byte()?;
        let mut gap = self.stride;
        if op & 0b11 == GAP {
            gap = gap.wrapping_add(self.signed(op)?);
            op = self.byte()?;
        }
        match op & 0b11 {
            RUN => {
                let short = u32::from(op >> 2);
                let run = if short < LONG_RUN { short } else { u32::try_from(self.varint()?).ok()? };
                self.run = run.checked_sub(1)?;
            }
            DELTA => {
                let delta = self.signed(op)?;
                let before = f64::from_bits(self.sample.bits) as i64;
                self.sample.bits = (before.wrapping_add(delta) as f64).to_bits();
            }
            XOR => {
                let (len, dropped) = (usize::from(op >> 5) + 1, usize::from(op >> 2 & 0b111));
                let mut bytes = [0u8; 8];
                bytes
                    .get_mut(dropped..dropped + len)?
                    .copy_from_slice(self.data.get(self.at..self.at + len)?);
                self.at += len;
                self.sample.bits ^= u64::from_le_bytes(bytes);
            }
            _ => return None,
        }
        self.sample.time = self.sample.time.wrapping_add(gap);
        Some(self.sample)
    }
}

impl Iterator for Cursor<'_> {
    type Item = Sample;

    #[inline]
    fn next(&mut self) -> Option<Sample> {
        if self.first {
            self.first = false;
            return Some(self.sample);
        }
        if self.run > 0 {
            self.run -= 1;
        } else if self.at < self.data.len() {
            return self.operation();
        } else if self.tail > 0 {
            self.tail -= 1;
        } else {
            return None;
        }
        self.sample.time = self.sample.time.wrapping_add(self.stride);
        Some(self.sample)
    }
}

/// The difference of two whole numbers, where adding it to the first gives the second to the bit.
fn whole_delta(before: u64, after: u64) -> Option<i64> {
    const EXACT: f64 = (1u64 << 53) as f64;
    let (old, new) = (f64::from_bits(before), f64::from_bits(after));
    // Also false for what is not a number.
    if !(old.abs() <= EXACT && new.abs() <= EXACT) {
        return None;
    }
    let delta = new as i64 - old as i64;
    let back = (old as i64 + delta) as f64;
    (back.to_bits() == after && (old as i64 as f64).to_bits() == before).then_some(delta)
}

fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn write_signed(out: &mut Vec<u8>, tag: u8, value: i64) {
    let zigzag = (value << 1 ^ value >> 63) as u64;
    let first = tag | (zigzag as u8 & 0x1f) << 2;
    if zigzag < 0x20 {
        out.push(first);
    } else {
        out.push(first | 0x80);
        write_varint(out, zigzag >> 5);
    }
}

fn write_xor(out: &mut Vec<u8>, difference: u64) {
    let bytes = difference.to_le_bytes();
    let dropped = difference.trailing_zeros() as usize / 8;
    let len = 8 - dropped - difference.leading_zeros() as usize / 8;
    out.push(XOR | (dropped as u8) << 2 | (len as u8 - 1) << 5);
    out.extend_from_slice(&bytes[dropped..dropped + len]);
}

/// Takes the first `N` bytes off.
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::series::STALE;

    fn stream(samples: &[(i64, f64)]) -> Stream {
        let mut stream = Stream::new(5_000);
        for (time, value) in samples {
            stream.push(*time, *value);
        }
        stream
    }

    fn pairs(stream: &Stream) -> Vec<(i64, u64)> {
        stream.iter().map(|sample| (sample.time, sample.bits)).collect()
    }

    /// How many samples are read to get to the last one before a time, where those that are read are right.
    fn steps_to(stream: &Stream, time: i64) -> Option<usize> {
        let all = pairs(stream);
        let part: Vec<_> = stream.iter_from_before(time).map(|sample| (sample.time, sample.bits)).collect();
        let before = all.iter().filter(|(other, _)| *other < time).count();
        let read = part.iter().filter(|(other, _)| *other < time).count();
        (all.ends_with(&part) && read >= before.min(1)).then_some(read)
    }

    #[test]
    fn the_present_is_read_without_the_past() {
        let mut stream = Stream::new(5_000);
        for tick in 0..1_000i64 {
            stream.push(tick * 5_000, (tick * 100) as f64);
        }
        assert!(steps_to(&stream, 900 * 5_000).is_some_and(|steps| steps < 100));
        for _ in 0..800 {
            stream.pop_front();
        }
        assert!(steps_to(&stream, 900 * 5_000).is_some_and(|steps| steps < 100));
        assert_eq!(steps_to(&stream, 800 * 5_000), Some(0));
    }

    fn values() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => (0..3i64).prop_map(|value| value as f64),
            3 => (-100_000..100_000i64).prop_map(|value| value as f64),
            2 => any::<f64>(),
            1 => any::<u64>().prop_map(f64::from_bits),
            1 => Just(STALE),
            1 => Just(-0.0),
            1 => Just(9_007_199_254_740_993.0),
            1 => Just(f64::INFINITY),
        ]
    }

    fn rows() -> impl Strategy<Value = Vec<(i64, f64)>> {
        let gap = prop_oneof![6 => Just(5_000i64), 1 => 1..10_000i64, 1 => 1..1_000_000_000_000i64];
        (any::<i32>(), prop::collection::vec((gap, values()), 0..200)).prop_map(|(start, row)| {
            let mut time = i64::from(start);
            row.into_iter()
                .map(|(gap, value)| {
                    time += gap;
                    (time, value)
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(row in rows(), popped in 0..220usize, more in rows()) {
            let mut expected: Vec<_> = row.iter().map(|(time, value)| (*time, value.to_bits())).collect();
            let mut stream = stream(&row);
            prop_assert_eq!(pairs(&stream), &expected[..]);
            for _ in 0..popped.min(row.len()) {
                let sample = stream.pop_front().unwrap();
                prop_assert_eq!((sample.time, sample.bits), expected.remove(0));
                prop_assert_eq!(stream.len(), expected.len());
            }
            prop_assert_eq!(pairs(&stream), &expected[..]);
            let after = stream.back().map_or(i64::from(i32::MIN), |back| back.time);
            let shift = more.first().map_or(0, |(first, _)| after + 5_000 - first);
            for (time, value) in more {
                stream.push(time + shift, value);
                expected.push((time + shift, value.to_bits()));
            }
            prop_assert_eq!(pairs(&stream), &expected[..]);
            let mut bytes = Vec::new();
            stream.write(&mut bytes);
            let again = Stream::read(&mut &bytes[..]).unwrap();
            prop_assert_eq!(pairs(&again), &expected[..]);
            for (time, _) in expected {
                prop_assert!(steps_to(&stream, time).is_some() && steps_to(&again, time).is_some(), "{time}");
            }
        }

        #[test]
        fn foreign_bytes_are_no_stream_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), flip in 0..600usize) {
            let _ = Stream::read(&mut &bytes[..]);
            let mut good = Vec::new();
            stream(&[(5, 1.0), (5_005, 3.0), (10_005, 3.0), (10_006, 0.1)]).write(&mut good);
            let bit = flip % (good.len() * 8);
            good[bit / 8] ^= 1 << (bit % 8);
            let _ = Stream::read(&mut &good[..]);
        }
    }

    #[test]
    fn a_series_that_does_not_change_takes_no_memory() {
        let mut stream = Stream::new(5_000);
        for tick in 0..1_000_000 {
            stream.push(tick * 5_000, 7.0);
        }
        assert_eq!((stream.len(), stream.heap()), (1_000_000, 0));
    }

    #[test]
    fn a_counter_takes_two_bytes_a_sample() {
        let mut stream = Stream::new(5_000);
        for tick in 0..180i64 {
            stream.push(tick * 5_000, (tick * 500 + tick % 7) as f64);
        }
        assert!(stream.data.len() <= 2 * 180, "{}", stream.data.len());
    }
}
