//! The moments of an evaluation, and series that have a value at each of them.
//!
//! Every part of an expression is evaluated at all moments at once, so that labels are made once for a series and not
//! once for a moment. A series that has no value at a moment has [`ABSENT`] there: the staleness marker, which no
//! arithmetic gives and no selector passes on.

use crate::series::{Labels, STALE, is_stale};

/// The value at a moment at which there is none.
pub(crate) const ABSENT: f64 = STALE;

/// Whether there is a value.
#[inline]
pub(crate) fn is_present(value: f64) -> bool {
    !is_stale(value)
}

/// Moments at equal distances, in milliseconds since the Unix epoch; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    start: i64,
    step: i64,
    len: usize,
}

impl Grid {
    /// From `start` in steps of `step` to `end` or before it. None where there is no moment or the step is not
    /// positive, and where there are more moments than can be counted.
    pub(crate) fn new(start: i64, end: i64, step: i64) -> Option<Self> {
        if end < start || step <= 0 {
            return None;
        }
        let steps = end.abs_diff(start) / step.unsigned_abs();
        let len = usize::try_from(steps).ok()?.checked_add(1)?;
        Some(Self { start, step, len })
    }

    /// One moment.
    pub(crate) fn at(time: i64) -> Self {
        Self { start: time, step: 1, len: 1 }
    }

    /// Only the first moment.
    pub(crate) fn first(self) -> Self {
        Self { len: 1, ..self }
    }

    /// How many moments there are.
    pub(crate) fn len(self) -> usize {
        self.len
    }

    /// The first moment.
    pub(crate) fn start(self) -> i64 {
        self.start
    }

    /// The last moment.
    pub(crate) fn end(self) -> i64 {
        self.time(self.len - 1)
    }

    /// The moment at an index below the length.
    #[inline]
    pub(crate) fn time(self, index: usize) -> i64 {
        // Both fit: the last moment is at or before an end that is an `i64`.
        self.start.wrapping_add(self.step.wrapping_mul(index as i64))
    }

    /// All moments in their order.
    pub(crate) fn times(self) -> impl Iterator<Item = i64> {
        (0..self.len).map(move |index| self.time(index))
    }

    /// The moments of a subquery that serves windows from after `from` to `to`: the multiples of `step`.
    pub(crate) fn aligned(from: i64, to: i64, step: i64) -> Option<Self> {
        if step <= 0 {
            return None;
        }
        let (wide, step_wide) = (i128::from(from), i128::from(step));
        let first = (wide.div_euclid(step_wide) + 1) * step_wide;
        Self::new(i64::try_from(first).ok()?, to, step)
    }
}

/// A series over a grid.
#[derive(Clone, Debug)]
pub(crate) struct GridSeries {
    /// The series. Its name is still there when it is to be dropped: `label_replace` may want it.
    pub(crate) labels: Labels,
    /// Whether the name is dropped in the end.
    pub(crate) drop_name: bool,
    /// A value, or [`ABSENT`], for each moment.
    pub(crate) values: Vec<f64>,
}

impl GridSeries {
    /// Whether there is a value at any moment.
    pub(crate) fn has_values(&self) -> bool {
        self.values.iter().any(|value| is_present(*value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_ends_at_or_before_its_end() {
        let grid = Grid::new(10, 35, 10).unwrap();
        assert_eq!(grid.times().collect::<Vec<_>>(), [10, 20, 30]);
        assert_eq!(Grid::new(10, 9, 1), None);
        assert_eq!(Grid::new(10, 20, 0), None);
    }

    #[test]
    fn the_widest_grid_does_not_overflow() {
        let grid = Grid::new(i64::MIN, i64::MAX, i64::MAX).unwrap();
        assert_eq!(grid.len(), 3);
        assert_eq!(grid.end(), i64::MAX - 1);
    }

    #[test]
    fn a_subquery_is_aligned_to_multiples_after_the_open_end() {
        assert_eq!(Grid::aligned(10, 31, 10).unwrap().times().collect::<Vec<_>>(), [20, 30]);
        assert_eq!(Grid::aligned(-95, -80, 10).unwrap().times().collect::<Vec<_>>(), [-90, -80]);
        assert_eq!(Grid::aligned(21, 29, 10), None);
        assert_eq!(Grid::aligned(i64::MAX - 1, i64::MAX, 10), None);
    }
}
