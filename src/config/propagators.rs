//! `OTEL_PROPAGATORS`: which headers carry a trace from one service to the next.
//!
//! Watches read it, also where nothing is exported: what they do with it needs no OpenTelemetry. An empty variable counts as
//! not set. <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration>

use std::fmt;

use tower_watch_layers::w3c::Propagation;

use crate::config::VariableError;

pub(crate) const NAME: &str = "OTEL_PROPAGATORS";
pub(crate) const ACCEPTED: &str = "`tracecontext`, `baggage`, both with a comma between them, or `none`";

/// As much of a wrong value as an error shows, in characters.
const SHOWN: usize = 64;

/// Why a value is not accepted, and the mend.
#[derive(Debug, PartialEq)]
pub(crate) enum UnknownPropagator {
    /// It is none that anybody knows.
    Other,
    /// It is known elsewhere.
    Because(&'static str),
}

/// A variable that cannot be understood, with what to do about it.
#[derive(Debug, PartialEq)]
pub(crate) struct PropagatorsProblem(String);

impl fmt::Display for PropagatorsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the variable says by this lookup, where it is set.
pub(crate) fn propagation(
    lookup: impl Fn(&str) -> Result<String, VariableError>,
) -> Result<Option<Propagation>, PropagatorsProblem> {
    let value = match lookup(NAME) {
        Ok(value) => value,
        Err(VariableError::NotSet) => return Ok(None),
        Err(error @ VariableError::NotText) => {
            return Err(PropagatorsProblem(format!("{error}; give {ACCEPTED}")));
        }
    };
    let value = value.trim();
    if value.is_empty() {
        return Ok(None);
    }
    parse(value).map(Some).map_err(|unknown| {
        PropagatorsProblem(match unknown {
            UnknownPropagator::Because(reason) => reason.to_owned(),
            UnknownPropagator::Other => {
                let shown: String = value.chars().take(SHOWN).collect();
                format!("{shown:?} is not accepted; give {ACCEPTED}")
            }
        })
    })
}

pub(crate) fn parse(value: &str) -> Result<Propagation, UnknownPropagator> {
    use UnknownPropagator::Because;

    let mut propagation = Propagation { trace_context: false, baggage: false };
    let words: Vec<&str> = value.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    for word in &words {
        match *word {
            "tracecontext" => propagation.trace_context = true,
            "baggage" => propagation.baggage = true,
            "none" if words.len() == 1 => {}
            "none" => return Err(Because("`none` stands alone; leave out the others, or `none`")),
            "b3" | "b3multi" => {
                return Err(Because(
                    "Zipkin's b3 headers are not read; give `tracecontext`, which Zipkin's libraries speak too",
                ));
            }
            "jaeger" => {
                return Err(Because(
                    "`uber-trace-id` is not read; give `tracecontext`, which Jaeger's libraries speak too",
                ));
            }
            "xray" => {
                return Err(Because(
                    "`X-Amzn-Trace-Id` is not read; give `tracecontext`, and let the collector make X-Ray's ids of it",
                ));
            }
            "ottrace" => return Err(Because("OpenTracing's headers are not read; give `tracecontext`")),
            _ => return Err(UnknownPropagator::Other),
        }
    }
    Ok(propagation)
}
