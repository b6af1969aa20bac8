//! The one clock.
//!
//! Everything in tower-watch that asks for the time asks a [`Clock`]: the observers at both ends of an
//! exchange, and later the tick of the series store. It reads the time-stamp counter where the processor has an
//! invariant one (12 ns a reading on the machines this was built on, against 22 ns for
//! [`std::time::Instant`]), and a test can replace it by one that stands still until it is told to move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A source of time: the system's, or a test's.
///
/// Cloning is cheap. The first system clock of a process calibrates the time-stamp counter (under 1 ms).
#[derive(Clone, Debug)]
pub struct Clock {
    monotonic: quanta::Clock,
    zero: quanta::Instant,
    /// For a fake clock: its wall.
    fake: Option<Arc<FakeWall>>,
    anchor: Arc<Anchor>,
}

/// Ties moments to the wall clock without reading it each time.
#[derive(Debug, Default)]
struct Anchor {
    /// The second, since the clock's zero, in which the wall clock was read last; 0 before the first time.
    read_in: AtomicU64,
    /// Milliseconds between the Unix epoch and the clock's zero, as of that reading.
    offset: AtomicU64,
}

/// A moment on a [`Clock`]. Only moments of the same clock can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(quanta::Instant);

impl Instant {
    /// The time from `earlier` to this moment; zero where `earlier` is later.
    #[must_use]
    #[inline]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// The moment that is so much later.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        Self(self.0 + by)
    }
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::over(quanta::Clock::new(), None)
    }

    fn over(monotonic: quanta::Clock, fake: Option<Arc<FakeWall>>) -> Self {
        let zero = monotonic.now();
        Self { monotonic, zero, fake, anchor: Arc::default() }
    }

    /// Whether time stands still until a [`FakeClock`] moves it.
    #[must_use]
    pub fn is_fake(&self) -> bool {
        self.fake.is_some()
    }

    /// A clock that moves only when the [`FakeClock`] beside it is told to.
    ///
    /// Its wall time starts at 2026-01-01T00:00:00Z.
    #[must_use]
    pub fn fake() -> (Self, FakeClock) {
        let (monotonic, mock) = quanta::Clock::mock();
        let wall = Arc::new(FakeWall { millis: AtomicI64::new(1_767_225_600_000) });
        (Self::over(monotonic, Some(Arc::clone(&wall))), FakeClock { monotonic: mock, wall })
    }

    /// The present moment. It never goes back.
    #[must_use]
    #[inline]
    pub fn now(&self) -> Instant {
        Instant(self.monotonic.now())
    }

    /// The present wall time.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn wall(&self) -> SystemTime {
        match &self.fake {
            Some(wall) => wall.at_zero() + self.monotonic.now().saturating_duration_since(self.zero),
            None => SystemTime::now(),
        }
    }
}

impl Clock {
    /// The wall time of a moment, in milliseconds since the Unix epoch. It reads the wall clock once a second, so a
    /// jump of that shows here within a second.
    #[must_use]
    #[inline]
    pub fn unix_millis(&self, at: Instant) -> u64 {
        let since_zero = at.0.saturating_duration_since(self.zero);
        // From 1, so that 0 is "never".
        let second = since_zero.as_secs() + 1;
        let millis = u64::try_from(since_zero.as_millis()).unwrap_or(u64::MAX);
        if self.anchor.read_in.load(Ordering::Acquire) != second {
            self.read_wall_clock(second);
        }
        self.anchor.offset.load(Ordering::Relaxed) + millis
    }

    #[cold]
    fn read_wall_clock(&self, second: u64) {
        let wall = self.wall().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = self.monotonic.now().saturating_duration_since(self.zero);
        let offset = wall.saturating_sub(now).as_millis();
        self.anchor.offset.store(u64::try_from(offset).unwrap_or(0), Ordering::Relaxed);
        self.anchor.read_in.store(second, Ordering::Release);
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

/// The wall of a fake clock: what it shows at the clock's zero.
#[derive(Debug)]
struct FakeWall {
    millis: AtomicI64,
}

impl FakeWall {
    fn at_zero(&self) -> SystemTime {
        let millis = self.millis.load(Ordering::Relaxed);
        SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

/// The hand that moves a fake [`Clock`]; see [`Clock::fake`].
#[derive(Clone, Debug)]
pub struct FakeClock {
    monotonic: Arc<quanta::Mock>,
    wall: Arc<FakeWall>,
}

impl FakeClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.monotonic.increment(by);
    }

    /// Sets the wall clock forward, or (a negative number) back, as an operator or NTP would; the monotonic clock
    /// does not notice.
    pub fn jump_wall(&self, millis: i64) {
        self.wall.millis.fetch_add(millis, Ordering::Relaxed);
    }
}
