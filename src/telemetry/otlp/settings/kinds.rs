//! What the variables of the OpenTelemetry specification accept.

use std::fmt;
use std::fs;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::config::{Kind, Refused, pairs};
use crate::telemetry::otlp::{Compression, Protocol};

/// Whether a signal is exported through OTLP.
pub(super) const EXPORTER: Kind<bool> =
    Kind { accepts: "`otlp` or `none`", parse: parse_exporter, is_secret: false };

fn parse_exporter(value: &str) -> Result<bool, Refused> {
    match value {
        "otlp" => Ok(true),
        "none" => Ok(false),
        "console" | "logging" | "otlp/stdout" => because(
            "nothing is exported to the console, where the log lines are; give `none`, or `otlp` to a collector with its \
             debug exporter",
        ),
        "zipkin" => because(
            "there is no exporter for Zipkin; give `otlp`, to a collector with Zipkin's exporter behind it",
        ),
        "jaeger" => because(
            "there is no exporter for Jaeger's own protocol; give `otlp`: Jaeger takes it on port 4317",
        ),
        "prometheus" => because(
            "metrics are scraped from `/metrics` without being asked for; give `otlp` to send them too (Prometheus takes it \
             with --web.enable-otlp-receiver), or `none`",
        ),
        _ if value.contains(',') => because(
            "one exporter is all that there is; give `otlp` or `none`, and several destinations in the program",
        ),
        _ => Err(Refused::Other),
    }
}

/// The endpoint itself is understood where its protocol is known.
pub(super) const ENDPOINT: Kind<String> = Kind {
    accepts: "a URL with `http` or `https`, as in `http://collector:4318`",
    parse: |value| Ok(value.to_owned()),
    is_secret: true,
};

pub(super) const PROTOCOL: Kind<Protocol> =
    Kind { accepts: "`grpc`, `http/protobuf` or `http/json`", parse: parse_protocol, is_secret: false };

fn parse_protocol(value: &str) -> Result<Protocol, Refused> {
    match value {
        "grpc" => Ok(Protocol::Grpc),
        "http/protobuf" => Ok(Protocol::HttpProtobuf),
        "http/json" => Ok(Protocol::HttpJson),
        _ => Err(Refused::Other),
    }
}

pub(super) const COMPRESSION: Kind<Compression> =
    Kind { accepts: "`gzip` or `none`", parse: parse_compression, is_secret: false };

fn parse_compression(value: &str) -> Result<Compression, Refused> {
    match value {
        "gzip" => Ok(Compression::Gzip),
        "none" => Ok(Compression::None),
        _ => Err(Refused::Other),
    }
}

/// Headers, which nobody shows.
#[derive(Clone)]
pub(super) struct Headers(pub(super) HeaderMap);

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

pub(super) const HEADERS: Kind<Headers> = Kind {
    accepts: "`name=value,name=value`, values percent-encoded",
    parse: parse_headers,
    is_secret: true,
};

fn parse_headers(list: &str) -> Result<Headers, Refused> {
    let mut headers = HeaderMap::new();
    for (place, (name, value)) in pairs(list)?.into_iter().enumerate() {
        let (name, value) = header(&name, &value)
            .map_err(|what| Refused::Because(format!("header {}: {what}", place + 1).into()))?;
        headers.insert(name, value);
    }
    Ok(Headers(headers))
}

/// A header of an export, marked as a secret.
pub(super) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let name: HeaderName =
        name.parse().map_err(|_| "its name is none; give letters, digits and `-`, as in `x-api-key`")?;
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| "its value has a control character, or is not ASCII; leave that out")?;
    if OWN.contains(&name.as_str()) {
        return Err("it is set by the protocol itself; leave it out");
    }
    value.set_sensitive(true);
    Ok((name, value))
}

/// What the transports set.
const OWN: [&str; 7] =
    ["connection", "content-encoding", "content-length", "content-type", "host", "te", "transfer-encoding"];

/// The contents of a file.
#[derive(Clone)]
pub(super) struct FileAt(pub(super) Vec<u8>);

impl fmt::Debug for FileAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

pub(super) const FILE: Kind<FileAt> =
    Kind { accepts: "the path of a file in PEM", parse: parse_file, is_secret: false };

fn parse_file(path: &str) -> Result<FileAt, Refused> {
    let contents = fs::read(path).map_err(|error| {
        Refused::Because(format!("{path:?} cannot be read ({error}); give the path of a file in PEM").into())
    })?;
    if !is_pem(&contents) {
        return Err(Refused::Because(format!("{path:?} is not PEM: there is no `-----BEGIN` in it").into()));
    }
    Ok(FileAt(contents))
}

/// Whether there is a block of PEM in it.
pub(super) fn is_pem(contents: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN";
    contents.windows(BEGIN.len()).any(|part| part == BEGIN)
}

pub(super) const TEMPORALITY: Kind<()> =
    Kind { accepts: "`cumulative`", parse: parse_temporality, is_secret: false };

fn parse_temporality(value: &str) -> Result<(), Refused> {
    match value.to_ascii_lowercase().as_str() {
        "cumulative" => Ok(()),
        "delta" | "lowmemory" => because(
            "only totals since the start are exported; give `cumulative`, and let a collector make differences of them",
        ),
        _ => Err(Refused::Other),
    }
}

pub(super) const HISTOGRAMS: Kind<()> =
    Kind { accepts: "`explicit_bucket_histogram`", parse: parse_histograms, is_secret: false };

fn parse_histograms(value: &str) -> Result<(), Refused> {
    match value {
        "explicit_bucket_histogram" => Ok(()),
        "base2_exponential_bucket_histogram" => because(
            "histograms have fixed buckets, the same as on `/metrics`; give `explicit_bucket_histogram`",
        ),
        _ => Err(Refused::Other),
    }
}

/// Whether there are exemplars.
pub(super) const EXEMPLAR_FILTER: Kind<bool> =
    Kind { accepts: "`trace_based` or `always_off`", parse: parse_exemplar_filter, is_secret: false };

fn parse_exemplar_filter(value: &str) -> Result<bool, Refused> {
    match value {
        "trace_based" => Ok(true),
        "always_off" => Ok(false),
        "always_on" => because(
            "an exemplar is the trace behind a bucket, so there is none without a trace; give `trace_based`",
        ),
        _ => Err(Refused::Other),
    }
}

fn because<T>(reason: &'static str) -> Result<T, Refused> {
    Err(Refused::Because(reason.into()))
}
