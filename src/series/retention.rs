//! For how long series are kept, and how finely.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// One step back in time: how far apart samples are, and until which age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tier {
    /// Milliseconds from one sample to the next. In the first tier, samples are as they came.
    pub(crate) resolution: i64,
    /// Milliseconds.
    pub(crate) span: i64,
}

/// The tiers of one kind of series, from the present to the past.
pub(crate) type Tiers = Arc<[Tier]>;

/// For how long series are kept, and how finely; by name.
///
/// | series | as they came | then | then |
/// |---|---|---|---|
/// | all | 15 min | every minute for 6 h | every hour for 7 days |
/// | `slo:*` | 15 min | every minute for 3 days | every 15 min for 32 days |
///
/// What becomes thinner keeps the last sample of each interval that ends on a whole multiple of its length (so a
/// local midnight is on the border of one), and whatever a sum of differences needs: the last sample before a reset
/// and the first after it, the first sample of a series, the staleness marker and the sample before it.
///
/// ```
/// use std::time::Duration;
/// use tower_watch::series::Retention;
///
/// const HOUR: Duration = Duration::from_secs(3_600);
/// let retention = Retention::new(HOUR)
///     .thinned(Duration::from_secs(60), 24 * HOUR)
///     .series("business:*", Duration::from_secs(900), &[(Duration::from_secs(300), 90 * 24 * HOUR)]);
/// # let _ = retention;
/// ```
#[derive(Clone, Debug)]
pub struct Retention {
    rules: Vec<(String, Vec<Tier>)>,
    default: Vec<Tier>,
}

/// A retention that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionError {
    series: String,
    reason: &'static str,
}

impl fmt::Display for RetentionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the retention of \"{}\": {}", self.series, self.reason)
    }
}

impl std::error::Error for RetentionError {}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Default for Retention {
    fn default() -> Self {
        let raw = Tier { resolution: 0, span: 15 * MINUTE };
        let tier = |resolution, span| Tier { resolution, span };
        Self {
            rules: vec![("slo:*".into(), vec![raw, tier(MINUTE, 3 * DAY), tier(15 * MINUTE, 32 * DAY)])],
            default: vec![raw, tier(MINUTE, 6 * HOUR), tier(HOUR, 7 * DAY)],
        }
    }
}

impl Retention {
    /// Everything for `span`, as it came, and nothing longer; begin with this to say all tiers oneself.
    #[must_use]
    pub fn new(span: Duration) -> Self {
        Self { rules: Vec::new(), default: vec![Tier { resolution: 0, span: millis(span) }] }
    }

    /// After the tiers so far, a sample every `resolution` until the age of `span`.
    #[must_use]
    pub fn thinned(mut self, resolution: Duration, span: Duration) -> Self {
        self.default.push(Tier { resolution: millis(resolution), span: millis(span) });
        self
    }

    /// Tiers for the series of one name, or of all that begin with it (`slo:*`): as they came for `span`, then each
    /// resolution until its age. Of several patterns that fit, the last one that was given counts.
    #[must_use]
    pub fn series(mut self, pattern: &str, span: Duration, thinned: &[(Duration, Duration)]) -> Self {
        let tiers = thinned
            .iter()
            .map(|(resolution, span)| Tier { resolution: millis(*resolution), span: millis(*span) });
        let raw = Tier { resolution: 0, span: millis(span) };
        self.rules.push((pattern.to_owned(), [raw].into_iter().chain(tiers).collect()));
        self
    }

    /// What cannot be.
    pub(crate) fn problems(&self) -> Vec<RetentionError> {
        let all = self.rules.iter().map(|(pattern, tiers)| (pattern.as_str(), tiers));
        all.chain([("*", &self.default)])
            .filter_map(|(series, tiers)| {
                Some(RetentionError { series: series.into(), reason: fault(tiers)? })
            })
            .collect()
    }

    /// The tiers, in a form in which a series finds its own.
    pub(crate) fn compile(&self) -> RetentionTable {
        let rules = self.rules.iter().rev().map(|(pattern, tiers)| (pattern.clone(), divisible(tiers)));
        RetentionTable { rules: rules.collect(), default: divisible(&self.default) }
    }
}

/// Which tiers a series has, by its name.
#[derive(Debug)]
pub(crate) struct RetentionTable {
    rules: Vec<(String, Tiers)>,
    default: Tiers,
}

impl RetentionTable {
    pub(crate) fn tiers(&self, name: &str) -> &Tiers {
        let fits = |pattern: &str| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == pattern,
        };
        self.rules.iter().find(|(pattern, _)| fits(pattern)).map_or(&self.default, |(_, tiers)| tiers)
    }
}

/// The tiers such that time can be divided by their resolutions, also where nobody looked at the problems.
fn divisible(tiers: &[Tier]) -> Tiers {
    tiers.iter().map(|tier| Tier { resolution: tier.resolution.max(1), ..*tier }).collect()
}

fn fault(tiers: &[Tier]) -> Option<&'static str> {
    if tiers.iter().any(|tier| tier.span <= 0) {
        return Some("a span of zero keeps nothing; give some minutes");
    }
    if tiers[1..].iter().any(|tier| tier.resolution <= 0) {
        return Some("a resolution of zero thins nothing; leave that tier out");
    }
    if tiers.windows(2).any(|pair| pair[1].span <= pair[0].span || pair[1].resolution <= pair[0].resolution) {
        return Some(
            "tiers go from the present to the past: each is coarser and reaches further than the one before",
        );
    }
    tiers[1..]
        .iter()
        .any(|tier| tier.resolution >= tier.span)
        .then_some("a tier that is as coarse as it is long has no samples; give it a finer resolution")
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}
