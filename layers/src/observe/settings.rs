//! What all exchanges of a layer have in common.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::clock::Clock;
use crate::facade::SharedRecorder;
use crate::route::Routes;

/// The clock, the routes and the recorder of a layer.
#[derive(Default)]
pub struct Settings {
    pub(crate) clock: Clock,
    pub(crate) routes: Routes,
    pub(crate) recorder: Option<SharedRecorder>,
    /// Whether the exchanges are requests that go out.
    pub(crate) is_outgoing: bool,
    kept: Vec<Arc<dyn Any + Send + Sync>>,
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

    /// The same clock, recorder and companions for requests that go out. Such an exchange stands beside the one that it
    /// is made in, and not in its place: it has no route, leaves nothing in the request's extensions, and the current
    /// context inside of it is still that of the request that came in.
    pub(crate) fn outgoing(&self) -> Self {
        Self {
            clock: self.clock.clone(),
            routes: Routes::new(),
            recorder: self.recorder.clone(),
            is_outgoing: true,
            kept: self.kept.clone(),
        }
    }

    /// Keeps something as long as any layer with these settings is there, and any exchange that it observes: what
    /// works beside the layers and ends when it is dropped.
    #[must_use]
    pub fn with_companion(mut self, companion: Arc<dyn Any + Send + Sync>) -> Self {
        self.kept.push(companion);
        self
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("clock", &self.clock)
            .field("routes", &self.routes)
            .field("recorder", &self.recorder)
            .field("companions", &self.kept.len())
            .finish()
    }
}
