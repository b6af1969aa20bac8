//! The layer for requests that go out.

use tower_watch_layers::client::{ClientConfig, ClientLayer};

use crate::Watch;

impl Watch {
    /// A layer for a client: hyper-util's, tonic's channel, reqwest through `ReqwestService` (feature `reqwest`). It hands the
    /// trace on to every host, and tells none who asks; see [`layers::client`](crate::layers::client).
    #[must_use]
    pub fn client(&self) -> ClientLayer {
        self.client_with(self.client_config())
    }

    /// What [`client`](Self::client) does, to be changed for [`client_with`](Self::client_with): the request id and the tenant
    /// go out in the headers in which they come in.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use tower_watch::Watch;
    ///
    /// let watch = Watch::builder("shop").local().start()?;
    /// let layer = watch.client_with(watch.client_config().with_trusted_host("*.shop.internal")?);
    /// # let _ = layer;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn client_config(&self) -> ClientConfig {
        let observer = &self.inner.observer;
        let sampling = self.sampling().clone();
        let config = ClientConfig::new().with_sampler(move |trace| sampling.ratio().includes(trace));
        let config = match observer.context.request_id_header() {
            Some(name) => config.with_request_id_header(name.clone()),
            None => config,
        };
        let config = match observer.context.tenant_header() {
            Some(name) => config.with_tenant_header(name.clone()),
            None => config,
        };
        match &observer.trace {
            Some(trace) => config.with_propagation(trace.propagation()),
            None => config.without_traces(),
        }
    }

    /// A layer for a client with settings of one's own. Keep it, and the clients made from it: what its numbers are recorded
    /// into is worked out once per layer.
    #[must_use]
    pub fn client_with(&self, config: ClientConfig) -> ClientLayer {
        ClientLayer::with_settings(config, &self.inner.settings)
    }
}
