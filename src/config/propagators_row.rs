//! `OTEL_PROPAGATORS` among the variables of OTLP: in their errors and their table. What acts on it is the watch.

use tower_watch_layers::w3c::Propagation;

use crate::config::propagators::{self, UnknownPropagator};
use crate::config::{Kind, Refused, Variable};

pub(crate) const PROPAGATORS: Variable<Propagation> = Variable {
    names: &[propagators::NAME],
    kind: Kind { accepts: propagators::ACCEPTED, parse: parse_propagators, is_secret: false },
    default: "`tracecontext,baggage`",
    does: "which headers carry a trace on, in and out",
};

fn parse_propagators(value: &str) -> Result<Propagation, Refused> {
    propagators::parse(value).map_err(|unknown| match unknown {
        UnknownPropagator::Because(reason) => Refused::Because(reason.into()),
        UnknownPropagator::Other => Refused::Other,
    })
}
