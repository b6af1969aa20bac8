//! Gzip for the scraper that accepts it.

use std::convert::Infallible;

use axum::routing::MethodRouter;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

/// Compresses the answers of a route for those who ask for it, fast rather than small.
pub(crate) fn encoded<S>(route: MethodRouter<S, Infallible>) -> MethodRouter<S, Infallible>
where
    S: Clone + Send + Sync + 'static,
{
    let gzip = CompressionLayer::new().no_br().no_deflate().no_zstd();
    route.layer(gzip.quality(CompressionLevel::Fastest))
}
