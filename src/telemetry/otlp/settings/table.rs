//! The table of variables in the documentation, from what reads them.

use std::fmt::Write;

use crate::config::{PROPAGATORS, Row};
use crate::telemetry::identity::{ENVIRONMENT, RESOURCE_ATTRIBUTES, SERVICE_NAME, SERVICE_VERSION};
use crate::telemetry::otlp::settings::variables::{
    ATTRIBUTES, DISABLED, EVENT_ATTRIBUTES, HISTOGRAM_AGGREGATION, LINK_ATTRIBUTES, LOG_BATCH, LOG_DELAY,
    LOG_QUEUE, LOG_TIMEOUT, LOGS_EXPORTER, METRIC_INTERVAL, METRIC_TIMEOUT, METRICS_EXEMPLARS,
    METRICS_EXPORTER, OTLP_CERTIFICATE, OTLP_CLIENT_CERTIFICATE, OTLP_CLIENT_KEY, OTLP_COMPRESSION,
    OTLP_ENDPOINT, OTLP_HEADERS, OTLP_INSECURE, OTLP_PROTOCOL, OTLP_TIMEOUT, SPAN_BATCH, SPAN_DELAY,
    SPAN_EVENTS, SPAN_LINKS, SPAN_QUEUE, SPAN_TIMEOUT, TEMPORALITY_PREFERENCE, TRACES_EXPORTER, VALUE_LENGTH,
};

/// The watch reads these, not the export: what is sampled is decided where the exchange begins.
const SAMPLING: [Row; 3] = [
    Row {
        names: &["OTEL_TRACES_SAMPLER"],
        accepts: "`always_on`, `always_off`, `traceidratio`, or one of them after `parentbased_`",
        default: "the builder's; else `parentbased_traceidratio`",
        does: "which exchanges are sampled at their start",
    },
    Row {
        names: &["OTEL_TRACES_SAMPLER_ARG"],
        accepts: "a number from 0 to 1, as in 0.1",
        default: "1; in the preset production 0.1",
        does: "the share that a `traceidratio` samples",
    },
    Row {
        names: &["OTEL_TRACES_SAMPLING_RATIO"],
        accepts: "a number from 0 to 1, as in 0.1",
        default: "none",
        does: "the same in one variable: `parentbased_traceidratio` with this share",
    },
];

/// Everything that is looked at, in the order of the documentation.
const READ: [Row; 40] = [
    SERVICE_NAME.row(),
    SERVICE_VERSION.row(),
    ENVIRONMENT.row(),
    RESOURCE_ATTRIBUTES.row(),
    DISABLED.row(),
    PROPAGATORS.row(),
    SAMPLING[0],
    SAMPLING[1],
    SAMPLING[2],
    TRACES_EXPORTER.row(),
    METRICS_EXPORTER.row(),
    LOGS_EXPORTER.row(),
    OTLP_ENDPOINT.row(),
    OTLP_PROTOCOL.row(),
    OTLP_HEADERS.row(),
    OTLP_COMPRESSION.row(),
    OTLP_TIMEOUT.row(),
    OTLP_CERTIFICATE.row(),
    OTLP_CLIENT_CERTIFICATE.row(),
    OTLP_CLIENT_KEY.row(),
    OTLP_INSECURE.row(),
    SPAN_QUEUE.row(),
    SPAN_BATCH.row(),
    SPAN_DELAY.row(),
    SPAN_TIMEOUT.row(),
    LOG_QUEUE.row(),
    LOG_BATCH.row(),
    LOG_DELAY.row(),
    LOG_TIMEOUT.row(),
    METRIC_INTERVAL.row(),
    METRIC_TIMEOUT.row(),
    METRICS_EXEMPLARS.row(),
    TEMPORALITY_PREFERENCE.row(),
    HISTOGRAM_AGGREGATION.row(),
    VALUE_LENGTH.row(),
    ATTRIBUTES.row(),
    SPAN_EVENTS.row(),
    SPAN_LINKS.row(),
    EVENT_ATTRIBUTES.row(),
    LINK_ATTRIBUTES.row(),
];

/// What the specification has and this has not, and what does the same here.
const NOT_READ: [(&str, &str); 6] = [
    ("`OTEL_LOG_LEVEL`", "`RUST_LOG`, as for everything else that is logged"),
    ("`OTEL_CONFIG_FILE`, `OTEL_EXPERIMENTAL_CONFIG_FILE`", "the variables above, and the builder"),
    ("`OTEL_EXPORTER_ZIPKIN_*`", "OTLP to a collector, which passes on to Zipkin"),
    ("`OTEL_EXPORTER_JAEGER_*`", "OTLP to Jaeger itself, which takes it on ports 4317 and 4318"),
    ("`OTEL_EXPORTER_PROMETHEUS_HOST`, `_PORT`", "`/metrics`, on the app and on the admin listener"),
    ("`OTEL_SEMCONV_STABILITY_OPT_IN`", "the stable conventions are the only ones"),
];

/// The tables of variables in the documentation of the [module](crate::telemetry::otlp), in Markdown: for the documentation of
/// a service.
#[must_use]
pub fn variables() -> String {
    let mut text = String::from("| variable | accepts | default | what it does |\n|---|---|---|---|\n");
    for Row { names, accepts, default, does } in READ {
        let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join("<br>");
        writeln!(text, "| {names} | {accepts} | {default} | {does} |").expect("a String takes everything");
    }
    text.push_str("\nNot looked at:\n\n| variable | instead |\n|---|---|\n");
    for (name, instead) in NOT_READ {
        writeln!(text, "| {name} | {instead} |").expect("a String takes everything");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::{READ, SAMPLING, variables};
    use crate::config::Reader;
    use crate::telemetry::Identity;
    use crate::telemetry::error::Problems;
    use crate::telemetry::otlp::OtlpPlan;

    #[test]
    fn the_documentation_shows_what_is_read() {
        let (written, read) = (include_str!("../variables.md"), variables());
        assert!(
            written == read,
            "variables.md is not up to date; write into it:
{read}"
        );
    }

    #[test]
    fn what_is_in_the_table_is_looked_up_and_nothing_else() {
        let asked = RefCell::new(BTreeSet::new());
        let lookup = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            None
        };
        OtlpPlan::read(&[], &lookup, &mut Problems::default());
        Identity::new("orders").with_environment(&mut Reader::new(&lookup));
        let elsewhere = SAMPLING.iter().flat_map(|row| row.names);
        asked.borrow_mut().extend(elsewhere.map(|name| (*name).to_owned()));
        let documented: BTreeSet<String> =
            READ.iter().flat_map(|row| row.names).map(|name| (*name).to_owned()).collect();
        assert_eq!(asked.into_inner(), documented);
    }
}
