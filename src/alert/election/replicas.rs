//! How many processes watch the same service, and which of them sends.

use std::sync::Arc;

use crate::alert::election::Election;

/// How many processes of a service there are, and who of them sends.
///
/// | | who sends | `instance` |
/// |---|---|---|
/// | [`Replicas::each`], the default | every process what it sees itself | a label of every alert |
/// | [`Replicas::one`] | the one that there is | a label of every alert, and in no key at PagerDuty |
/// | [`Replicas::elected`] | one of them, for all | no label: the alerts of all that are the same are one |
///
/// With a fleet of any size the plain way is another: let every process push to the Alertmanager that the team has
/// ([`AlertmanagerPush`](crate::alert::receivers::AlertmanagerPush)), which groups and sends for all.
#[derive(Clone, Debug, Default)]
pub struct Replicas {
    pub(crate) number: Number,
}

#[derive(Clone, Debug, Default)]
pub(crate) enum Number {
    #[default]
    Unknown,
    One,
    Elected(Arc<dyn Election>),
}

impl Replicas {
    /// Each process sends what it sees. Twenty of them that see the same send twenty messages.
    #[must_use]
    pub fn each() -> Self {
        Self::default()
    }

    /// There is one process, and never a second beside it.
    #[must_use]
    pub fn one() -> Self {
        Self { number: Number::One }
    }

    /// One of them is elected, hears from all others what they see (at most three seconds later), and sends. When it is gone
    /// another goes on, at once where it left, and after [`LEASE`](crate::alert::election::LEASE) at the latest. As with a
    /// single process, only the message that was under way when it was killed can arrive twice at each receiver.
    ///
    /// An alert of a replica that was killed ends, a minute later at most, unless another one sees it too. Silences can be made at any
    /// replica; alerts are acknowledged at the one that sends.
    #[must_use]
    pub fn elected(election: impl Election) -> Self {
        Self { number: Number::Elected(Arc::new(election)) }
    }

    /// Whether nobody has said how many there are.
    pub(crate) fn number_is_unsaid(&self) -> bool {
        matches!(self.number, Number::Unknown)
    }

    /// Whether alerts name the process that they are from.
    pub(crate) fn are_told_apart(&self) -> bool {
        !matches!(self.number, Number::Elected(_))
    }
}
