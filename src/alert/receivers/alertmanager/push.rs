//! All replicas of an Alertmanager.

use std::sync::Arc;
use std::time::Duration;

use crate::alert::config::{HttpConfig, Secret};
use crate::alert::receivers::{AlertmanagerReplica, Feed, FeedOf, IntoReceivers, Receiver};

/// How often what still fires is said again.
const REPEAT: Duration = Duration::from_secs(60);

/// Hands alerts on to Alertmanager (its API v2, <https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>),
/// as Prometheus does: each replica gets all of them, as they come and each minute again, with an end four minutes ahead. So
/// an Alertmanager resolves by itself what a process that died can no longer resolve, and routing, grouping, silences and
/// inhibition are Alertmanager's: ours do not hold here.
///
/// Each replica is owed on its own, and one that is down holds up no other.
///
/// ```
/// use tower_watch::alert::receivers::AlertmanagerPush;
///
/// let push = AlertmanagerPush::to(["http://alertmanager-0:9093", "http://alertmanager-1:9093"]);
/// # drop(push);
/// ```
#[derive(Clone, Debug)]
#[must_use = "it is told nothing before it is given to the engine"]
pub struct AlertmanagerPush {
    urls: Vec<Secret>,
    config: HttpConfig,
    feed: Feed,
}

impl AlertmanagerPush {
    /// The replicas, by the URLs at which their pages are: the path of the API is added. A user and password in a URL become
    /// Basic authentication.
    pub fn to<U: Into<Secret>>(urls: impl IntoIterator<Item = U>) -> Self {
        let urls = urls.into_iter().map(Into::into).collect();
        Self { urls, config: HttpConfig::default(), feed: Feed::of_all(REPEAT) }
    }

    /// How often what still fires is said again; it ends by itself after four times as long. One minute by default.
    pub fn every(mut self, repeat: Duration) -> Self {
        self.feed.repeat = repeat;
        self
    }

    /// Hands on only what the routes send to the receiver that this is part of. All alerts by default, wherever the routes
    /// send them.
    pub fn only_routed(mut self) -> Self {
        self.feed.of = FeedOf::Routed;
        self
    }

    /// Credentials, certificates and proxy.
    pub fn http_config(mut self, config: HttpConfig) -> Self {
        self.config = config;
        self
    }
}

impl IntoReceivers for AlertmanagerPush {
    fn into_receivers(self) -> Vec<Arc<dyn Receiver>> {
        let Self { urls, config, feed } = self;
        let replica = |url| -> Arc<dyn Receiver> {
            Arc::new(AlertmanagerReplica::new(url, config.clone(), feed.clone()))
        };
        urls.into_iter().map(replica).collect()
    }
}
