//! The one clock.
//!
//! Everything in tower-watch that asks for the time asks a [`Clock`]: the observers at both ends of an
//! exchange, and later the tick of the series store. It reads the time-stamp counter where the processor has an
//! invariant one (12 ns a reading on the machines this was built on, against 22 ns for
//! [`std::time::Instant`]), and a test can replace it by one that stands still until it is told to move.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A source of time: the system's, or a test's.
///
/// Cloning is cheap. The first system clock of a process calibrates the time-stamp counter (under 1 ms).
#[derive(Clone, Debug)]
pub struct Clock {
    monotonic: quanta::Clock,
    /// For a fake clock: the wall time that its zero stands for.
    fake_epoch: Option<(quanta::Instant, SystemTime)>,
}

/// A moment on a [`Clock`]. Only moments of the same clock can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(quanta::Instant);

impl Instant {
    /// The time from `earlier` to this moment; zero where `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self { monotonic: quanta::Clock::new(), fake_epoch: None }
    }

    /// A clock that moves only when the [`FakeClock`] beside it is told to.
    ///
    /// Its wall time starts at 2026-01-01T00:00:00Z.
    #[must_use]
    pub fn fake() -> (Self, FakeClock) {
        let (monotonic, mock) = quanta::Clock::mock();
        let epoch = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        let fake_epoch = Some((monotonic.now(), epoch));
        (Self { monotonic, fake_epoch }, FakeClock(mock))
    }

    /// The present moment. It never goes back.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant(self.monotonic.now())
    }

    /// The present wall time.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn wall(&self) -> SystemTime {
        match self.fake_epoch {
            Some((zero, epoch)) => epoch + self.monotonic.now().saturating_duration_since(zero),
            None => SystemTime::now(),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

/// The hand that moves a fake [`Clock`]; see [`Clock::fake`].
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<quanta::Mock>);

impl FakeClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.increment(by);
    }
}
