//! The variables of the OpenTelemetry specification, as they are read here.

use std::time::Duration;

use crate::config::{BOOLEAN, COUNT, MILLISECONDS, SIZE, Variable};
use crate::telemetry::otlp::settings::kinds::{
    COMPRESSION, ENDPOINT, EXEMPLAR_FILTER, EXPORTER, FILE, HEADERS, HISTOGRAMS, PROTOCOL, TEMPORALITY,
};
use crate::telemetry::otlp::settings::kinds::{FileAt, Headers};
use crate::telemetry::otlp::{Compression, Protocol};

pub(super) const DISABLED: Variable<bool> = Variable {
    names: &["OTEL_SDK_DISABLED"],
    kind: BOOLEAN,
    default: "false",
    does: "`true` exports nothing, and nothing below is looked at. Requests keep their ids, and log lines are written",
};

pub(super) const TRACES_EXPORTER: Variable<bool> = Variable {
    names: &["OTEL_TRACES_EXPORTER"],
    kind: EXPORTER,
    default: "`otlp` where there is a destination, else `none`",
    does: "`otlp` without an endpoint exports to the default one; `none` exports no traces, whatever the builder says",
};

pub(super) const METRICS_EXPORTER: Variable<bool> = Variable {
    names: &["OTEL_METRICS_EXPORTER"],
    kind: EXPORTER,
    default: "`otlp` where there is a destination, else `none`",
    does: "the same for metrics; `/metrics` is served in any case",
};

pub(super) const LOGS_EXPORTER: Variable<bool> = Variable {
    names: &["OTEL_LOGS_EXPORTER"],
    kind: EXPORTER,
    default: "`otlp` where there is a destination, else `none`",
    does: "the same for logs; log lines are written in any case",
};

pub(super) const OTLP_ENDPOINT: Variable<String> = Variable {
    names: &[
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    ],
    kind: ENDPOINT,
    default: "`http://localhost:4318`, with gRPC `http://localhost:4317`; used only where `otlp` is asked for",
    does: "where to export to, in place of the builder's destinations. Over HTTP, `/v1/traces`, `/v1/metrics` or `/v1/logs` is \
           appended to the general one; a signal's own is used as it is",
};

pub(super) const OTLP_PROTOCOL: Variable<Protocol> = Variable {
    names: &[
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
        "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
    ],
    kind: PROTOCOL,
    default: "the builder's; else `grpc` where the endpoint's port is 4317, `http/protobuf` elsewhere",
    does: "how to export",
};

pub(super) const OTLP_HEADERS: Variable<Headers> = Variable {
    names: &[
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
        "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
    ],
    kind: HEADERS,
    default: "none",
    does: "headers (gRPC: metadata) of each export, beside the builder's where the destination is the builder's. Never shown",
};

pub(super) const OTLP_COMPRESSION: Variable<Compression> = Variable {
    names: &[
        "OTEL_EXPORTER_OTLP_COMPRESSION",
        "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
        "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
        "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
    ],
    kind: COMPRESSION,
    default: "`none`",
    does: "how an export is compressed",
};

pub(super) const OTLP_TIMEOUT: Variable<Duration> = Variable {
    names: &[
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
        "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
    ],
    kind: MILLISECONDS,
    default: "10000",
    does: "how long one attempt to export may take",
};

pub(super) const OTLP_CERTIFICATE: Variable<FileAt> = Variable {
    names: &[
        "OTEL_EXPORTER_OTLP_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",
    ],
    kind: FILE,
    default: "the system's certificates",
    does: "whom to trust over TLS, in place of the system's certificates. Read once, at the start",
};

pub(super) const OTLP_CLIENT_CERTIFICATE: Variable<FileAt> = Variable {
    names: &[
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",
    ],
    kind: FILE,
    default: "none",
    does: "who we are over TLS: the certificate, and those that lead to its root",
};

pub(super) const OTLP_CLIENT_KEY: Variable<FileAt> = Variable {
    names: &[
        "OTEL_EXPORTER_OTLP_CLIENT_KEY",
        "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
        "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
        "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",
    ],
    kind: FILE,
    default: "none",
    does: "the key of the client certificate; one goes with the other",
};

pub(super) const OTLP_INSECURE: Variable<bool> = Variable {
    names: &[
        "OTEL_EXPORTER_OTLP_INSECURE",
        "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
        "OTEL_EXPORTER_OTLP_METRICS_INSECURE",
        "OTEL_EXPORTER_OTLP_LOGS_INSECURE",
    ],
    kind: BOOLEAN,
    default: "false",
    does: "for gRPC to an endpoint without a scheme (`collector:4317`): `true` is `http`, `false` is `https`",
};

pub(super) const TEMPORALITY_PREFERENCE: Variable<()> = Variable {
    names: &["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"],
    kind: TEMPORALITY,
    default: "`cumulative`",
    does: "the numbers are kept as totals since the start, and exported so",
};

pub(super) const HISTOGRAM_AGGREGATION: Variable<()> = Variable {
    names: &["OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"],
    kind: HISTOGRAMS,
    default: "`explicit_bucket_histogram`",
    does: "histograms are kept in the buckets that `/metrics` shows, and exported so",
};

pub(super) const METRICS_EXEMPLARS: Variable<bool> = Variable {
    names: &["OTEL_METRICS_EXEMPLAR_FILTER"],
    kind: EXEMPLAR_FILTER,
    default: "`trace_based`",
    does: "whether histograms are exported with the traces behind their buckets",
};

pub(super) const METRIC_INTERVAL: Variable<Duration> = Variable {
    names: &["OTEL_METRIC_EXPORT_INTERVAL"],
    kind: MILLISECONDS,
    default: "60000",
    does: "how often metrics are exported",
};

pub(super) const METRIC_TIMEOUT: Variable<Duration> = Variable {
    names: &["OTEL_METRIC_EXPORT_TIMEOUT"],
    kind: MILLISECONDS,
    default: "30000",
    does: "how long one export of metrics may take, all its attempts together",
};

pub(super) const SPAN_QUEUE: Variable<usize> = Variable {
    names: &["OTEL_BSP_MAX_QUEUE_SIZE"],
    kind: SIZE,
    default: "2048",
    does: "how many spans wait for export at most; more are dropped, and counted",
};

pub(super) const SPAN_BATCH: Variable<usize> = Variable {
    names: &["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"],
    kind: SIZE,
    default: "512, or the queue's size where that is less",
    does: "how many spans go out in one export at most; not more than the queue",
};

pub(super) const SPAN_DELAY: Variable<Duration> = Variable {
    names: &["OTEL_BSP_SCHEDULE_DELAY"],
    kind: MILLISECONDS,
    default: "5000",
    does: "how long a span waits for others at most",
};

pub(super) const SPAN_TIMEOUT: Variable<Duration> = Variable {
    names: &["OTEL_BSP_EXPORT_TIMEOUT"],
    kind: MILLISECONDS,
    default: "30000",
    does: "how long one export of spans may take, all its attempts together",
};

pub(super) const LOG_QUEUE: Variable<usize> = Variable {
    names: &["OTEL_BLRP_MAX_QUEUE_SIZE"],
    kind: SIZE,
    default: "2048",
    does: "the same for log records",
};

pub(super) const LOG_BATCH: Variable<usize> = Variable {
    names: &["OTEL_BLRP_MAX_EXPORT_BATCH_SIZE"],
    kind: SIZE,
    default: "512, or the queue's size where that is less",
    does: "the same for log records",
};

pub(super) const LOG_DELAY: Variable<Duration> = Variable {
    names: &["OTEL_BLRP_SCHEDULE_DELAY"],
    kind: MILLISECONDS,
    default: "1000",
    does: "the same for log records",
};

pub(super) const LOG_TIMEOUT: Variable<Duration> = Variable {
    names: &["OTEL_BLRP_EXPORT_TIMEOUT"],
    kind: MILLISECONDS,
    default: "30000",
    does: "the same for log records",
};

pub(super) const VALUE_LENGTH: Variable<usize> = Variable {
    names: &[
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    ],
    kind: COUNT,
    default: "4096",
    does: "how many characters of an attribute's text are exported; a longer one is cut. The specification's default is no limit",
};

pub(super) const ATTRIBUTES: Variable<usize> = Variable {
    names: &[
        "OTEL_ATTRIBUTE_COUNT_LIMIT",
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
        "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
    ],
    kind: COUNT,
    default: "128",
    does: "how many attributes a span or log record has at most; more are dropped, and counted in it",
};

pub(super) const SPAN_EVENTS: Variable<usize> = Variable {
    names: &["OTEL_SPAN_EVENT_COUNT_LIMIT"],
    kind: COUNT,
    default: "128",
    does: "how many events a span has at most",
};

pub(super) const SPAN_LINKS: Variable<usize> = Variable {
    names: &["OTEL_SPAN_LINK_COUNT_LIMIT"],
    kind: COUNT,
    default: "128",
    does: "how many links a span has at most",
};

pub(super) const EVENT_ATTRIBUTES: Variable<usize> = Variable {
    names: &["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"],
    kind: COUNT,
    default: "128",
    does: "how many attributes an event of a span has at most",
};

pub(super) const LINK_ATTRIBUTES: Variable<usize> = Variable {
    names: &["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"],
    kind: COUNT,
    default: "128",
    does: "how many attributes a link of a span has at most",
};
