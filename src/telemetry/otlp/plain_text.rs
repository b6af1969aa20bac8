//! A warning for telemetry that everybody on the way can read.

use std::time::Duration;

use tokio::time::sleep;

use crate::telemetry::Identity;
use crate::telemetry::otlp::destination::Destination;
use crate::telemetry::otlp::worker::Worker;

/// By then the subscriber is there, which is what is being set up.
const AFTER: Duration = Duration::from_secs(1);

/// Warns once for each host that production's telemetry goes to without encryption, unless that is this one.
pub(crate) fn warn<'a>(
    worker: &Worker,
    identity: &Identity,
    destinations: impl IntoIterator<Item = &'a Destination>,
) {
    if !identity.is_production() {
        return;
    }
    let readable = destinations.into_iter().filter(|destination| destination.is_readable_on_the_way());
    let mut readable: Vec<String> = readable.map(Destination::shown).collect();
    readable.sort();
    readable.dedup();
    worker.spawn(async move {
        sleep(AFTER).await;
        for destination in readable {
            tracing::warn!(
                target: "tower_watch::telemetry",
                destination,
                "telemetry of production leaves this host as plain text; use https, or a collector on this host"
            );
        }
    });
}
