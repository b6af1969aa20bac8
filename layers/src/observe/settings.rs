//! What all exchanges of a layer have in common.

use crate::clock::Clock;
use crate::facade::SharedRecorder;
use crate::route::Routes;

/// The clock, the routes and the recorder of a layer.
#[derive(Debug, Default)]
pub struct Settings {
    pub(crate) clock: Clock,
    pub(crate) routes: Routes,
    pub(crate) recorder: Option<SharedRecorder>,
}

impl Settings {
    /// The system's clock, axum's matched path where there is one, the facade's recorder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Says how endpoints are found and what is different for some of them.
    #[must_use]
    pub fn with_routes(mut self, routes: Routes) -> Self {
        self.routes = routes;
        self
    }

    /// Records into `recorder` instead of the facade's global one, and enters it around each poll, so that a
    /// handler's `counter!` reaches it too.
    #[must_use]
    pub fn with_recorder(mut self, recorder: SharedRecorder) -> Self {
        self.recorder = Some(recorder);
        self
    }
}
