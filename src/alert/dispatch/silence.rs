//! One silence.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::alert::dispatch::matching::all_match;
use crate::series::{Labels, MatchOp, Matcher};

/// The most matchers of one: each is tried on every alert.
const MOST_MATCHERS: usize = 100;

/// The most bytes of one: all of them are in memory.
const MOST_BYTES: usize = 65_536;

/// Somebody wants to hear nothing of some alerts for a while
/// (<https://prometheus.io/docs/alerting/latest/alertmanager/#silences>).
///
/// Times are in milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Silence {
    /// Given by the engine; empty for one that is new.
    pub id: String,
    /// Which alerts: those that all of these hold for.
    #[serde(with = "matchers")]
    pub matchers: Vec<Matcher>,
    /// From when.
    pub starts_at: i64,
    /// Until when.
    pub ends_at: i64,
    /// When it was made or changed.
    pub updated_at: i64,
    /// By whom.
    pub created_by: String,
    /// Why.
    pub comment: String,
}

/// Where a silence is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SilenceState {
    /// It has not begun.
    Pending,
    /// It holds.
    Active,
    /// It is over.
    Expired,
}

impl SilenceState {
    /// As Alertmanager's API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Expired => "expired",
        }
    }
}

/// Why a silence was not made, changed or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SilenceError {
    /// There is none with this id.
    NotFound(String),
    /// It is over already.
    Expired(String),
    /// It would silence everything: no matcher, or none that an empty label fails.
    MatchesEverything,
    /// It would end before it begins.
    EndsBeforeItStarts,
    /// It would be over already.
    EndsInThePast,
    /// There are too many.
    TooMany(usize),
    /// It has more matchers, or is of more bytes, than one is kept with: 100, and 65,536.
    TooLarge,
}

impl fmt::Display for SilenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(id) => write!(f, "there is no silence {id}"),
            Self::Expired(id) => write!(f, "the silence {id} is over already"),
            Self::MatchesEverything => f.write_str(
                "it would silence every alert: at least one matcher must be one that an empty label does not pass",
            ),
            Self::EndsBeforeItStarts => f.write_str("it must end after it starts"),
            Self::EndsInThePast => f.write_str("it would be over already: its end is in the past"),
            Self::TooLarge => write!(
                f,
                "it is too large: at most {MOST_MATCHERS} matchers, and {MOST_BYTES} bytes of matchers, author and comment"
            ),
            Self::TooMany(most) => {
                write!(f, "there are {most} silences already: let some expire, or silence more with one")
            }
        }
    }
}

impl std::error::Error for SilenceError {}

impl Silence {
    /// A silence of what passes these matchers, from one time to another.
    pub fn new(
        matchers: Vec<Matcher>,
        starts_at: i64,
        ends_at: i64,
        created_by: impl Into<String>,
        comment: impl Into<String>,
    ) -> Self {
        let (created_by, comment) = (created_by.into(), comment.into());
        Self { id: String::new(), matchers, starts_at, ends_at, updated_at: 0, created_by, comment }
    }

    /// The same silence, in place of the one with this id.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Where it is in its life at this time (milliseconds since the Unix epoch).
    #[must_use]
    pub fn state_at(&self, time: i64) -> SilenceState {
        if time >= self.ends_at {
            SilenceState::Expired
        } else if time < self.starts_at {
            SilenceState::Pending
        } else {
            SilenceState::Active
        }
    }

    /// Whether it is about an alert with these labels, whenever.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        all_match(&self.matchers, labels)
    }

    /// Whether this may be made of it without an end and a new beginning, as Alertmanager has it: the same matchers; the
    /// beginning of an active one stays, and nothing is moved into the past.
    pub(crate) fn may_become(&self, other: &Self, now: i64) -> bool {
        self.matchers == other.matchers
            && match self.state_at(now) {
                SilenceState::Active => other.starts_at == self.starts_at,
                SilenceState::Pending => other.starts_at >= now,
                SilenceState::Expired => false,
            }
    }

    pub(crate) fn check(&self, now: i64) -> Result<(), SilenceError> {
        let matchers = self.matchers.iter().map(|matcher| matcher.name().len() + matcher.value().len());
        let bytes = matchers.sum::<usize>() + self.created_by.len() + self.comment.len();
        if self.matchers.len() > MOST_MATCHERS || bytes > MOST_BYTES {
            return Err(SilenceError::TooLarge);
        }
        if self.matchers.iter().all(|matcher| matcher.matches("")) {
            return Err(SilenceError::MatchesEverything);
        }
        if self.ends_at <= self.starts_at {
            return Err(SilenceError::EndsBeforeItStarts);
        }
        if self.ends_at <= now {
            return Err(SilenceError::EndsInThePast);
        }
        Ok(())
    }
}

/// Matchers as the disk has them.
pub(crate) mod matchers {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de};

    use crate::alert::dispatch::silence::operator;
    use crate::series::Matcher;

    pub(crate) fn serialize<S: Serializer>(matchers: &[Matcher], serializer: S) -> Result<S::Ok, S::Error> {
        let parts: Vec<_> = matchers.iter().map(|it| (it.name(), it.op().as_str(), it.value())).collect();
        parts.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Matcher>, D::Error> {
        let parts = Vec::<(String, String, String)>::deserialize(deserializer)?;
        let matcher = |(name, op, value): (String, String, String)| {
            let op = operator(&op).ok_or_else(|| de::Error::custom(format!("no operator: {op:?}")))?;
            Matcher::new(name, op, value).map_err(de::Error::custom)
        };
        parts.into_iter().map(matcher).collect()
    }
}

fn operator(text: &str) -> Option<MatchOp> {
    [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex]
        .into_iter()
        .find(|op| op.as_str() == text)
}
