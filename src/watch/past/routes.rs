//! What the past adds to the admin listener.

use crate::http::{AdminRoutes, QueryApi};
use crate::registers::Registers;
use crate::watch::past::settings::{Kept, Past};

impl Past {
    pub(crate) fn add_routes(&self, routes: AdminRoutes, registers: &Registers) -> AdminRoutes {
        let Some(Kept { queries, ticker, .. }) = &self.kept else { return routes };
        routes.with_query_api(
            QueryApi::new(queries.clone(), registers.clone()).with_target(ticker.sampler().target()),
        )
    }
}
