//! Which headers carry a trace from one service to the next.

use crate::config::{Kind, Refused, Variable};

/// Which headers are read from callers, and sent to those who are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Propagators {
    /// `traceparent` and `tracestate`.
    pub(crate) trace_context: bool,
    /// `baggage`.
    pub(crate) baggage: bool,
}

impl Default for Propagators {
    fn default() -> Self {
        Self { trace_context: true, baggage: true }
    }
}

/// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration>
pub(crate) const PROPAGATORS: Variable<Propagators> = Variable {
    names: &["OTEL_PROPAGATORS"],
    kind: Kind {
        accepts: "`tracecontext`, `baggage`, both with a comma between them, or `none`",
        parse: parse_propagators,
        is_secret: false,
    },
    default: "`tracecontext,baggage`",
    does: "which headers carry a trace on, in and out",
};

fn parse_propagators(value: &str) -> Result<Propagators, Refused> {
    let mut propagators = Propagators { trace_context: false, baggage: false };
    let words: Vec<&str> = value.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    for word in &words {
        match *word {
            "tracecontext" => propagators.trace_context = true,
            "baggage" => propagators.baggage = true,
            "none" if words.len() == 1 => {}
            "none" => return Err(because("`none` stands alone; leave out the others, or `none`")),
            "b3" | "b3multi" => {
                return Err(because(
                    "Zipkin's b3 headers are not read; give `tracecontext`, which Zipkin's libraries speak too",
                ));
            }
            "jaeger" => {
                return Err(because(
                    "`uber-trace-id` is not read; give `tracecontext`, which Jaeger's libraries speak too",
                ));
            }
            "xray" => {
                return Err(because(
                    "`X-Amzn-Trace-Id` is not read; give `tracecontext`, and let the collector make X-Ray's ids of it",
                ));
            }
            "ottrace" => return Err(because("OpenTracing's headers are not read; give `tracecontext`")),
            _ => return Err(Refused::Other),
        }
    }
    Ok(propagators)
}

fn because(reason: &'static str) -> Refused {
    Refused::Because(reason.into())
}
