//! Which lines are written: a filter of its own for each place, changeable while running.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tower_watch_layers::access;
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::{Registry, reload};

use crate::config::{VariableError, variable};
use crate::telemetry::business::BUSINESS_TARGET;

/// The filter of a layer that writes lines.
pub(crate) type LevelFilter = reload::Layer<EnvFilter, Registry>;

/// What is written where nobody says.
const DEFAULT: &str = "info";

/// The variable that is stronger than what the program says.
pub(crate) const VARIABLE: &str = "RUST_LOG";

/// Changes the filter of a layer.
#[derive(Clone)]
pub(crate) struct LevelControl {
    shared: Arc<Shared>,
}

struct Shared {
    handle: reload::Handle<EnvFilter, Registry>,
    /// What was said at the start.
    base: String,
    /// How often it was changed: whoever is to change it back sees whether somebody else was there.
    changes: Mutex<u64>,
    changed: Condvar,
}

impl fmt::Debug for LevelControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LevelControl").field(&self.shared.base).finish()
    }
}

/// The directives that hold at the start, with the place that they come from.
pub(crate) fn directives(own: Option<&str>) -> (&'static str, Result<String, String>) {
    match variable(VARIABLE) {
        Ok(directives) if !directives.trim().is_empty() => (VARIABLE, Ok(directives)),
        Err(error @ VariableError::NotText) => (VARIABLE, Err(error.to_string())),
        _ => ("logs.level", Ok(own.unwrap_or(DEFAULT).to_owned())),
    }
}

/// The filter that these directives say.
///
/// Access lines and business events have a level of their own: they are written at INFO whatever the rest is at, unless the
/// directives name their target, or are `off`.
pub(crate) fn filter(directives: &str) -> Result<EnvFilter, String> {
    let wrong = |error: &dyn fmt::Display| {
        format!(
            "{directives:?}: {error}; write a level, or target=level separated by commas, as in \"info,my_crate=debug\""
        )
    };
    let filter = EnvFilter::builder().parse(directives).map_err(|error| wrong(&error))?;
    let own = [access::TARGET, BUSINESS_TARGET];
    let is_silent = directives.trim().eq_ignore_ascii_case("off");
    let unnamed = own.into_iter().filter(|target| !is_silent && !directives.contains(target));
    unnamed.map(|target| format!("{target}=info").parse()).try_fold(filter, |filter, directive| {
        directive.map(|directive| filter.add_directive(directive)).map_err(|error| wrong(&error))
    })
}

impl LevelControl {
    /// The filter, and what changes it.
    pub(crate) fn new(directives: String) -> Result<(LevelFilter, Self), String> {
        let (layer, handle) = reload::Layer::new(filter(&directives)?);
        let shared = Shared { handle, base: directives, changes: Mutex::new(0), changed: Condvar::new() };
        Ok((layer, Self { shared: Arc::new(shared) }))
    }

    /// Filters by these directives; after `during`, where nobody changed it meanwhile, again by those of the start.
    pub(crate) fn set(&self, directives: &str, during: Option<Duration>) -> Result<(), String> {
        let filter = filter(directives)?;
        let change = {
            // Held over the change, so that nobody else's is taken for this one.
            let mut changes = self.shared.changes.lock().unwrap_or_else(PoisonError::into_inner);
            self.shared.handle.reload(filter).map_err(|error| error.to_string())?;
            *changes += 1;
            *changes
        };
        self.shared.changed.notify_all();
        let Some(during) = during else { return Ok(()) };
        let shared = Arc::clone(&self.shared);
        let fall_back = move || shared.fall_back(change, during);
        let thread = thread::Builder::new().name("tower-watch-level".into()).spawn(fall_back);
        thread
            .map(drop)
            .map_err(|error| format!("it holds until it is changed again, as no thread starts: {error}"))
    }
}

impl Shared {
    /// Waits, and where the change is still the last one takes it back.
    fn fall_back(&self, change: u64, after: Duration) {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last = |changes: &mut u64| *changes == change;
        let (changes, _) =
            self.changed.wait_timeout_while(changes, after, is_last).unwrap_or_else(PoisonError::into_inner);
        if *changes == change
            && let Ok(filter) = filter(&self.base)
        {
            // It fails only where the subscriber is gone, and with it all lines.
            let _ = self.handle.reload(filter);
        }
        drop(changes);
    }
}
